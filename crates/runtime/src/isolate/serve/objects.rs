//! Events of Durable Objects, and the answers of objects elsewhere: what JavaScript is called with.

use std::rc::Rc;

use cellhouse_cell::Tickets;
use cellhouse_exchange::{Frame, WebSocketEnd};
use cellhouse_objects::Due;
use deno_core::v8;

use super::super::values::{array_buffer, numbers, optional_number, string, text};
use super::Isolate;
use crate::failure::{Failure, FailureKind};
use crate::objects::{Answer, Call, Message, ObjectJob, Slot, SocketEvent, Told};
use crate::ops::websocket::park;
use crate::trace;

/// What happened to a hibernating socket; `durable_objects.js` has the same numbers.
const TEXT: u32 = 0;
const BYTES: u32 = 1;
const CLOSE: u32 = 2;

impl Isolate {
    pub(super) fn object(&mut self, job: ObjectJob) {
        let ObjectJob {
            event,
            target,
            tickets,
            call,
            waits,
        } = job;
        drop(waits);
        if let Some(tickets) = tickets {
            self.events.gate().add_all(tickets);
        }
        let sent = !matches!(call, Call::Socket { .. });
        let Some(slot) = self.events.instances().enter(&target, sent) else {
            return call.refuse(Failure::of(FailureKind::Stopped));
        };
        match call {
            Call::Fetch { request, answer } => {
                self.events.open_object_fetch(event, slot.clone(), answer);
                self.trace_object(event, &slot, || trace::request_within(&request));
                let (rid, length) = self.body_resource(request.body);
                call!(self, self.entry.object_fetch, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, event).into(),
                    v8::Integer::new_from_unsigned(scope, slot.number).into(),
                    string(scope, &request.method),
                    string(scope, &request.url),
                    text(scope, &request.headers),
                    optional_number(scope, rid.map(f64::from)),
                    optional_number(scope, length.map(|length| length as f64)),
                    v8::Integer::new_from_unsigned(scope, request.depth).into(),
                ]);
            }
            Call::Alarm { due, answer } => self.alarm(event, &slot, &due, answer),
            Call::Delete { answer } => self.delete(event, &slot, answer),
            Call::Rpc { parcel, route } => {
                self.events.open_unanswered(event, slot.clone());
                let session = route.session;
                self.events.instances().keep_route(route);
                let ends = self.park(parcel.ends);
                self.sessions().arrived(parcel.bytes);
                call!(self, self.entry.object_rpc, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, slot.number).into(),
                    v8::Integer::new_from_unsigned(scope, session).into(),
                    numbers(scope, &ends),
                    numbers(scope, &parcel.finished),
                ]);
                self.sessions().take_arrived();
                self.events.close(event);
            }
            Call::Socket {
                socket,
                event: what,
                answer,
            } => {
                self.events.open_unanswered(event, slot.clone());
                self.socket_event(event, &slot, socket, what);
                drop(answer.send(Told::done()));
            }
        }
    }

    pub(super) fn alarm(&mut self, event: u32, slot: &Rc<Slot>, due: &Due, answer: Answer<()>) {
        self.events.open_alarm(event, slot.clone(), answer);
        self.trace_object(event, slot, || trace::alarm(due.time));
        let begun = slot.storage(|storage| storage.alarm_begin(due));
        self.events.instances().wrote(slot);
        match begun {
            Ok(Some(info)) => {
                call!(self, self.entry.object_alarm, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, event).into(),
                    v8::Integer::new_from_unsigned(scope, slot.number).into(),
                    v8::Number::new(scope, info.retry_count.into()).into(),
                    v8::Number::new(scope, info.scheduled as f64).into(),
                ]);
            }
            other => {
                let result = match other {
                    Err(refused) => Err(Failure::exception(refused.to_string(), "")),
                    Ok(_) => Ok(()),
                };
                self.events.complete_alarm(event, result);
                self.events.close(event);
            }
        }
    }

    pub(super) fn delete(&mut self, event: u32, slot: &Rc<Slot>, answer: Answer<bool>) {
        self.events.open_unanswered(event, slot.clone());
        let instances = self.events.instances();
        instances.end_facets(&slot.target.address);
        call!(self, self.entry.object_deleted, Some(event), |scope| [
            v8::Integer::new_from_unsigned(scope, slot.number).into()
        ]);
        let deleted = self.events.instances().delete(slot);
        self.events.end_own(slot);
        drop(answer.send(match deleted {
            Ok((existed, ticket)) => {
                let mut tickets = Tickets::new();
                tickets.add(ticket);
                Told {
                    result: Ok(existed),
                    tickets: Some(tickets),
                }
            }
            Err(error) => Told::failed(Failure::exception(error.to_string(), "")),
        }));
        self.events.close(event);
    }

    pub(super) fn rpc(&mut self, message: Message) {
        if let Some(tickets) = message.tickets {
            self.events.gate().add_all(tickets);
        }
        let (ends, failure) = match message.content {
            Ok(parcel) => {
                self.sessions().arrived(parcel.bytes);
                (self.park(parcel.ends), None)
            }
            Err(failure) => (Vec::new(), Some(failure)),
        };
        let text = failure
            .as_ref()
            .map_or("", |failure| failure.message.as_str());
        let retryable = failure.as_ref().is_some_and(Failure::may_be_retried);
        let overloaded = failure.as_ref().is_some_and(Failure::is_overload);
        call!(self, self.entry.rpc_message, None, |scope| [
            v8::Integer::new_from_unsigned(scope, message.session).into(),
            v8::Boolean::new(scope, failure.is_none()).into(),
            numbers(scope, &ends),
            v8::Integer::new_from_unsigned(scope, message.call).into(),
            string(scope, text),
            v8::Boolean::new(scope, retryable).into(),
            v8::Boolean::new(scope, overloaded).into(),
        ]);
        self.sessions().take_arrived();
    }

    /// Ends of WebSockets, as JavaScript gets them.
    pub(super) fn park(&mut self, ends: Vec<WebSocketEnd>) -> Vec<u32> {
        let state = self.js.op_state();
        let mut state = state.borrow_mut();
        ends.into_iter().map(|end| park(&mut state, end)).collect()
    }

    pub(super) fn socket_event(&mut self, event: u32, slot: &Slot, socket: u32, what: SocketEvent) {
        self.trace_object(event, slot, || trace::socket(&what));
        let (kind, text, bytes, code, clean) = match what {
            SocketEvent::Message(Frame::Text(text)) => (TEXT, text, None, 0, true),
            SocketEvent::Message(Frame::Binary(bytes)) => {
                (BYTES, String::new(), Some(bytes), 0, true)
            }
            SocketEvent::Message(Frame::Close { .. }) => return self.events.close(event),
            SocketEvent::Close {
                code,
                reason,
                clean,
            } => (CLOSE, reason, None, code, clean),
        };
        call!(self, self.entry.object_socket, Some(event), |scope| [
            v8::Integer::new_from_unsigned(scope, event).into(),
            v8::Integer::new_from_unsigned(scope, slot.number).into(),
            v8::Integer::new_from_unsigned(scope, socket).into(),
            v8::Integer::new_from_unsigned(scope, kind).into(),
            match bytes {
                Some(bytes) => array_buffer(scope, bytes.to_vec()),
                None => string(scope, &text),
            },
            v8::Integer::new_from_unsigned(scope, code.into()).into(),
            v8::Boolean::new(scope, clean).into(),
        ]);
    }
}
