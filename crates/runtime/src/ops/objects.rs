//! Durable Objects as apps reach them: ids, requests to them, and the life of the instances here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_exchange::Body;
use cellhouse_objects::{Error, ErrorKind, Namespace};
use deno_core::{CancelFuture, JsBuffer, OpState, ToJsBuffer, op2};
use deno_error::JsErrorBox;

use super::body::{RequestBody, request_body, take_source};
use super::body_failure::Failures;
use super::fetch::{ABORTED, Canceller};
use super::websocket::park;
use crate::failure::{Failure, FailureKind};
use crate::headers;
use crate::isolate::Events;
use crate::objects::{ObjectRequest, ObjectResponse, ObjectTimes, Slot, Target, Told};
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

/// Objects that the isolate has lately called, by class and what `target` takes: to check an id takes
/// longer than to find it again. Lives in `OpState`.
#[derive(Default)]
pub(crate) struct Targets(RefCell<HashMap<String, Target>>);

/// How many are kept.
const KEPT_TARGETS: usize = 4_000;

/// An object of the app, by its id, and after a colon the name that the id was made from, where that is
/// known.
pub(crate) fn target(state: &OpState, class: u32, id: &str) -> Result<Target, JsErrorBox> {
    let kept = &state.borrow::<Targets>().0;
    if let Some(target) = kept.borrow().get(id)
        && target.class == class
    {
        return Ok(target.clone());
    }
    let target = find_target(state, class, id)?;
    let mut kept = kept.borrow_mut();
    if kept.len() >= KEPT_TARGETS {
        kept.clear();
    }
    kept.insert(id.to_owned(), target.clone());
    Ok(target)
}

fn find_target(state: &OpState, class: u32, id: &str) -> Result<Target, JsErrorBox> {
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
    let spec = state.borrow::<ObjectsSpec>();
    let app = spec
        .classes
        .get(class as usize)
        .and_then(|class| class.app.clone());
    Ok(Target {
        app,
        ..Target::new(class, namespace, id)
    })
}

// ---- requests

/// What JavaScript gets: status, status text, headers (name and value of each, separated by NUL), the
/// body as bytes or as a resource (or -1), its length or -1, the end of a WebSocket or -1, and whether the body
/// is as its Content-Encoding says.
pub(super) type Reply = (u16, String, String, Option<ToJsBuffer>, i32, f64, i32, bool);

/// What JavaScript gets instead when there is no answer: what was thrown, as it was written by
/// `op_clone_write`; or else a message, whether the call may be tried again, and whether the object is
/// overloaded.
pub(crate) type NoReply = (Option<ToJsBuffer>, String, bool, bool);

/// Sends a request to an object. It need not wait for the gate: what the caller wrote or saw goes with it,
/// and what the object wrote or saw comes back with the answer. `line` is as `request` takes it, the body is as in `op_fetch_once`. The object's request is aborted with what `leaver` stands for: a canceller, as there,
/// if it is not negative, or else the client of the event with the number `-1 - leaver` (0 is none).
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
    #[string] line: String,
    #[string] headers: String,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] body_rid: i32,
    length: f64,
    #[smi] leaver: i32,
) -> Result<(Option<Reply>, Option<NoReply>), JsErrorBox> {
    let (target, request) = {
        let mut state = state.borrow_mut();
        let target = target(&state, class, &id)?;
        let body = body(&mut state, bytes, body_rid, length);
        (target, request(&line, headers, body))
    };
    fetch(state, target, request, leaver).await
}

/// Sends a request to an object or facet; `leaver` as in [`op_object_fetch`].
pub(super) async fn fetch(
    state: Rc<RefCell<OpState>>,
    target: Target,
    request: ObjectRequest,
    leaver: i32,
) -> Result<(Option<Reply>, Option<NoReply>), JsErrorBox> {
    let (worker, events, cancel) = {
        let state = state.borrow();
        let worker = state.borrow::<WeakWorker>().clone();
        let events = state.borrow::<Events>().clone();
        (worker, events, Canceller::get(&state, leaver))
    };
    let tickets = events.closed_by();
    if let Some(reason) = events.gate().lost() {
        return Err(JsErrorBox::generic(reason));
    }
    let told = match worker.upgrade() {
        Some(worker) => {
            let parent = parent(leaver);
            let told = worker.fetch_object(target, request, tickets, &events, parent);
            match cancel {
                Some(cancel) => told
                    .or_cancel(cancel)
                    .await
                    .map_err(|_| JsErrorBox::generic(ABORTED))?,
                None => told.await,
            }
        }
        None => Told::failed(Failure::of(FailureKind::Stopped)),
    };
    Ok(answer(&mut state.borrow_mut(), &events, told))
}

/// The event whose client's leaving aborts the request, as `leaver` says.
pub(super) fn parent(leaver: i32) -> Option<u32> {
    u32::try_from(-1 - i64::from(leaver)).ok()
}

/// The body of a request that leaves, as JavaScript hands it over.
pub(super) fn body(state: &mut OpState, bytes: Option<JsBuffer>, rid: i32, length: f64) -> Body {
    match (bytes, u32::try_from(rid)) {
        (Some(bytes), _) => Body::Bytes(Bytes::from(bytes.to_vec())),
        (None, Ok(rid)) => {
            let length = (length >= 0.0).then_some(length as u64);
            let events = state.borrow::<Events>().clone();
            match take_source(state, rid) {
                Some(source) => request_body(&events, source, Failures::of(state, rid), length),
                None => Body::Empty,
            }
        }
        (None, Err(_)) => Body::Empty,
    }
}

/// A request that leaves; `line` is how many calls led to it, its method and its URL.
pub(super) fn request(line: &str, headers: String, body: Body) -> ObjectRequest {
    let (depth, line) = line.split_once(' ').unwrap_or(("", line));
    let (method, url) = line.split_once(' ').unwrap_or((line, ""));
    ObjectRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: headers.into_bytes(),
        body,
        depth: depth.parse().unwrap_or_default(),
    }
}

/// What JavaScript gets for an answer. What it depends on is this isolate's from now on.
pub(super) fn answer(
    state: &mut OpState,
    events: &Events,
    told: Told<ObjectResponse>,
) -> (Option<Reply>, Option<NoReply>) {
    if let Some(tickets) = told.tickets {
        events.gate().add_all(tickets);
    }
    match told.result {
        Ok(response) => (Some(reply(state, response)), None),
        Err(failure) => (None, Some(no_reply(failure))),
    }
}

fn reply(state: &mut OpState, answer: ObjectResponse) -> Reply {
    let ObjectResponse {
        response,
        is_encoded,
    } = answer;
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
        headers::join(&response.headers),
        bytes,
        rid,
        length,
        end,
        is_encoded,
    )
}

pub(crate) fn no_reply(failure: Failure) -> NoReply {
    let again = failure.may_be_retried();
    let overloaded = failure.is_overload();
    let thrown = failure.thrown.map(|bytes| bytes.to_vec().into());
    (thrown, failure.message, again, overloaded)
}

// ---- instances

/// See [`op_object_identity`].
type Identity = (u32, String, Option<String>, Option<(String, u32)>);

/// Index of the class, id, and name where it is known: by the caller, or, if `stored`, from the storage; and of a facet,
/// whose object these are of, what stands for it and which incarnation it is.
#[op2]
#[serde]
pub(crate) fn op_object_identity(
    state: &mut OpState,
    #[smi] number: u32,
    stored: bool,
) -> Result<Identity, JsErrorBox> {
    let slot = slot(state, number)?;
    let name = match slot.target.id.name() {
        None if stored && slot.target.facet.is_none() => slot
            .storage(|storage| Ok(storage.name().map(|name| name.to_string())))
            .unwrap_or_default(),
        name => name.map(|name| name.to_string()),
    };
    let Target {
        class, id, address, ..
    } = &slot.target;
    let incarnation = slot.target.incarnation();
    let facet = incarnation.map(|incarnation| (address.to_string(), incarnation));
    Ok((*class, id.to_string(), name, facet))
}

/// How long a callback of `blockConcurrencyWhile()` may take, in milliseconds.
#[op2(fast)]
pub(crate) fn op_object_block_limit(state: &mut OpState) -> f64 {
    let host = state.borrow::<Events>().instances().host();
    let limit = host.map_or(ObjectTimes::default().block, |host| host.times().block);
    limit.as_secs_f64() * 1000.0
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

/// What an object waits for by itself is an event of its own, which nobody waits for: its number, or 0 where the
/// object lives no more.
#[op2(fast)]
#[smi]
pub(crate) fn op_object_wait_begin(state: &mut OpState, #[smi] number: u32) -> u32 {
    let worker = state.borrow::<WeakWorker>().upgrade();
    let (Some(worker), Ok(slot)) = (worker, slot(state, number)) else {
        return 0;
    };
    let event = worker.next_event();
    state.borrow::<Events>().open_own(event, slot);
    event
}

#[op2(fast)]
pub(crate) fn op_object_wait_end(state: &mut OpState, #[smi] event: u32) {
    state.borrow::<Events>().close(event);
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
        events.end_own(&slot);
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
    let ended = slot.end_alarm(outcome);
    events.instances().wrote(&slot);
    let result = ended.map(|ticket| {
        ticket
            .into_iter()
            .for_each(|ticket| events.gate().add(ticket));
    });
    let result = result.map_err(|refused| Failure::exception(refused.to_string(), ""));
    events.complete_alarm(event, result);
}

/// Something waits at the gate of an object for a turn of its own.
#[op2(fast)]
pub(crate) fn op_object_turn(state: &mut OpState, #[smi] number: u32) {
    state.borrow::<Events>().want_turn(number);
}

/// The number of the present turn: a call into JavaScript with all promise jobs that follow from it.
#[op2(fast)]
#[smi]
pub(crate) fn op_turn(state: &mut OpState) -> u32 {
    state.borrow::<Events>().turn() & 0x3fff_ffff
}
