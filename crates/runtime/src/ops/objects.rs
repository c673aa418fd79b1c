//! Durable Objects as apps reach them: ids, requests to them, and the life of the instances here.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_exchange::{Body, Client, Request, Response};
use cellhouse_objects::{Error, ErrorKind, Namespace};
use deno_core::{JsBuffer, OpState, ToJsBuffer, op2};
use deno_error::JsErrorBox;
use http::Method;

use super::body::{RequestBody, request_body, take_source};
use super::respond::{join_headers, split_headers};
use super::websocket::park;
use crate::failure::{Failure, FailureKind};
use crate::isolate::Events;
use crate::objects::{Slot, Target, Told};
use crate::spec::ObjectsSpec;
use crate::worker::WeakWorker;

/// The JavaScript error of an error of objects.
pub(crate) fn js_error(error: &Error) -> JsErrorBox {
    match error.kind() {
        ErrorKind::Type => JsErrorBox::type_error(error.to_string()),
        ErrorKind::Range => JsErrorBox::range_error(error.to_string()),
        _ => JsErrorBox::generic(error.to_string()),
    }
}

/// An object that lives in this isolate.
pub(crate) fn slot(state: &OpState, number: u32) -> Result<Rc<Slot>, JsErrorBox> {
    let slot = state.borrow::<Events>().instances().get(number);
    slot.ok_or_else(|| JsErrorBox::generic(crate::objects::RESET))
}

// ---- ids

pub(crate) fn namespace(
    state: &OpState,
    class: u32,
    jurisdiction: &str,
) -> Result<Namespace, JsErrorBox> {
    let spec = state.try_borrow::<ObjectsSpec>();
    let class = spec.and_then(|spec| spec.classes.get(class as usize));
    let class = class.ok_or_else(|| JsErrorBox::type_error("there is no such class of objects"))?;
    match jurisdiction {
        "" => Ok(class.namespace.clone()),
        name => class.namespace.jurisdiction(name).map_err(|e| js_error(&e)),
    }
}

#[op2]
#[string]
pub(crate) fn op_object_id_from_name(
    state: &mut OpState,
    #[smi] class: u32,
    #[string] jurisdiction: &str,
    #[string] name: &str,
) -> Result<String, JsErrorBox> {
    let namespace = namespace(state, class, jurisdiction)?;
    Ok(namespace.id_from_name(name).to_string())
}

#[op2]
#[string]
pub(crate) fn op_object_id_from_string(
    state: &mut OpState,
    #[smi] class: u32,
    #[string] jurisdiction: &str,
    #[string] text: &str,
) -> Result<String, JsErrorBox> {
    let namespace = namespace(state, class, jurisdiction)?;
    let id = namespace.id_from_string(text).map_err(|e| js_error(&e))?;
    Ok(id.to_string())
}

#[op2]
#[string]
pub(crate) fn op_object_id_unique(
    state: &mut OpState,
    #[smi] class: u32,
    #[string] jurisdiction: &str,
) -> Result<String, JsErrorBox> {
    let namespace = namespace(state, class, jurisdiction)?;
    let spec = state.borrow::<ObjectsSpec>();
    let id = spec.host.objects().unique_id(&namespace);
    Ok(id.map_err(|e| js_error(&e))?.to_string())
}

/// Fails where the jurisdiction is unknown.
#[op2(fast)]
pub(crate) fn op_object_jurisdiction(
    state: &mut OpState,
    #[smi] class: u32,
    #[string] jurisdiction: &str,
) -> Result<(), JsErrorBox> {
    namespace(state, class, jurisdiction).map(drop)
}

/// An object of the app, by its id, and after a colon the name that the id was made from, where that is
/// known.
pub(crate) fn target(state: &OpState, class: u32, id: &str) -> Result<Target, JsErrorBox> {
    let namespace = namespace(state, class, "")?;
    let (id, name) = match id.split_once(':') {
        Some((id, name)) => (id, Some(name)),
        None => (id, None),
    };
    let id = namespace.id_from_string(id).map_err(|e| js_error(&e))?;
    let id = match name {
        Some(name) => id.with_name(name),
        None => id,
    };
    Ok(Target::new(class, namespace, id))
}

// ---- requests

/// An event of this process as the client of an object.
pub(crate) const CALLER: Client = Client {
    address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    protocol: "HTTP/1.1",
};

/// What JavaScript gets: status, status text, headers (name and value of each, separated by NUL), the
/// body as bytes or as a resource (or -1), its length or -1, and the end of a WebSocket or -1.
type Reply = (u16, String, String, Option<ToJsBuffer>, i32, f64, i32);

/// What JavaScript gets instead when there is no answer: what was thrown, as it was written by
/// `op_clone_write`; or else a message, whether the call may be tried again, and whether the object is
/// overloaded.
type NoReply = (Option<ToJsBuffer>, String, bool, bool);

/// Sends a request to an object. It need not wait for the gate: what the caller wrote or saw goes with it,
/// and what the object wrote or saw comes back with the answer. The body is as in `op_fetch_once`.
#[op2]
#[serde]
#[allow(
    clippy::too_many_arguments,
    reason = "an object would cost more than the call"
)]
pub(crate) async fn op_object_fetch(
    state: Rc<RefCell<OpState>>,
    #[smi] class: u32,
    #[string] id: String,
    #[string] method: String,
    #[string] url: String,
    #[string] headers: String,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] body_rid: i32,
    length: f64,
) -> Result<(Option<Reply>, Option<NoReply>), JsErrorBox> {
    let (worker, events, target, request) = {
        let mut state = state.borrow_mut();
        let target = target(&state, class, &id)?;
        let body = match (bytes, u32::try_from(body_rid)) {
            (Some(bytes), _) => Body::Bytes(Bytes::from(bytes.to_vec())),
            (None, Ok(rid)) => {
                let length = (length >= 0.0).then_some(length as u64);
                let events = state.borrow::<Events>().clone();
                match take_source(&mut state, rid) {
                    Some(source) => request_body(&events, source, length),
                    None => Body::Empty,
                }
            }
            (None, Err(_)) => Body::Empty,
        };
        let request = Request {
            method: Method::from_bytes(method.as_bytes())
                .map_err(|e| JsErrorBox::type_error(e.to_string()))?,
            url,
            headers: split_headers(&headers),
            body,
            client: CALLER,
        };
        let worker = state.borrow::<WeakWorker>().clone();
        let events = state.borrow::<Events>().clone();
        (worker, events, target, request)
    };
    let tickets = events.closed_by();
    if let Some(reason) = events.gate().lost() {
        return Err(JsErrorBox::generic(reason));
    }
    let told = match worker.upgrade() {
        Some(worker) => {
            let caller = events.own_handle();
            worker.fetch_object(target, request, tickets, caller).await
        }
        None => Told::failed(Failure::of(FailureKind::Stopped)),
    };
    if let Some(tickets) = told.tickets {
        events.gate().add_all(tickets);
    }
    match told.result {
        Ok(response) => Ok((Some(reply(&mut state.borrow_mut(), response)), None)),
        Err(failure) => Ok((None, Some(no_reply(failure)))),
    }
}

fn reply(state: &mut OpState, response: Response) -> Reply {
    let length = response.body.length().map_or(-1.0, |length| length as f64);
    let (bytes, rid) = match response.body {
        Body::Empty => (None, -1),
        Body::Bytes(bytes) => (Some(bytes.to_vec().into()), -1),
        Body::Stream { stream, .. } => {
            let rid = state.resource_table.add(RequestBody::of_stream(stream));
            (None, rid as i32)
        }
    };
    let end = response
        .web_socket
        .map_or(-1, |end| park(state, end) as i32);
    (
        response.status,
        response.status_text.unwrap_or_default(),
        join_headers(&response.headers),
        bytes,
        rid,
        length,
        end,
    )
}

pub(crate) fn no_reply(failure: Failure) -> NoReply {
    let again = matches!(failure.kind, FailureKind::Stopped | FailureKind::Storage);
    let thrown = failure.thrown.map(|bytes| bytes.to_vec().into());
    let overloaded = failure.kind == FailureKind::Overloaded;
    (thrown, failure.message, again, overloaded)
}

// ---- instances

/// Index of the class, id, and name where it is known: by the caller, or, if `stored`, from the storage.
#[op2]
#[serde]
pub(crate) fn op_object_identity(
    state: &mut OpState,
    #[smi] number: u32,
    stored: bool,
) -> Result<(u32, String, Option<String>), JsErrorBox> {
    let slot = slot(state, number)?;
    let name = match slot.target.id.name() {
        None if stored => slot
            .storage(|storage| Ok(storage.name().map(|name| name.to_string())))
            .unwrap_or_default(),
        name => name.map(|name| name.to_string()),
    };
    Ok((slot.target.class, slot.target.id.to_string(), name))
}

/// Something keeps the object in memory.
#[op2(fast)]
pub(crate) fn op_object_hold(state: &mut OpState, #[smi] number: u32) {
    if let Ok(slot) = slot(state, number) {
        slot.hold();
    }
}

#[op2(fast)]
pub(crate) fn op_object_release(state: &mut OpState, #[smi] number: u32) {
    if let Ok(slot) = slot(state, number) {
        slot.release();
    }
}

/// The instance is gone: its constructor failed, or it gave up. `keep`: what it wrote is committed.
#[op2(fast)]
pub(crate) fn op_object_reset(state: &mut OpState, #[smi] number: u32, keep: bool) {
    let events = state.borrow::<Events>();
    if keep {
        events.flush();
    }
    if let Some(slot) = events.instances().get(number) {
        events.instances().reset(&slot);
    }
}

/// An alarm() handler has ended; a negative event is nobody's.
#[op2(fast)]
pub(crate) fn op_object_alarm_end(state: &mut OpState, #[smi] event: u32, done: bool) {
    use cellhouse_objects::AlarmOutcome;
    let events = state.borrow::<Events>();
    let Some(slot) = events.object(event) else {
        return;
    };
    let outcome = match done {
        true => AlarmOutcome::Done,
        false => AlarmOutcome::Failed,
    };
    let ended = slot.storage(|storage| storage.alarm_end(outcome));
    events.instances().wrote(&slot);
    let result = ended.map_err(|refused| Failure::exception(refused.to_string(), ""));
    events.complete_alarm(event, result);
}
