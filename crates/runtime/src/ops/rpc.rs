//! The transport of RPC sessions, as the caller and as the object or entrypoint that is called.

use std::cell::RefCell;
use std::rc::Rc;

use deno_core::{OpState, ResourceId, op2, v8};
use deno_error::JsErrorBox;
use serde_json::json;

use super::clone::{helpers, settle};
use super::objects::{slot, target};
use super::services::Peers;
use super::websocket::take_end;
use crate::clone::{self, Host};
use crate::failure::Failure;
use crate::isolate::Events;
use crate::objects::{Parcel, Sessions};
use crate::trace::Trace;
use crate::worker::WeakWorker;

/// Begins a session with an object; the id as in `op_object_fetch`.
#[op2(fast)]
#[smi]
pub(crate) fn op_rpc_open(
    state: &mut OpState,
    #[smi] class: u32,
    #[string] id: &str,
) -> Result<u32, JsErrorBox> {
    let target = target(state, class, id)?;
    let events = state.borrow::<Events>().clone();
    let worker = state.borrow::<WeakWorker>().clone();
    let sessions = state.borrow::<Sessions>();
    Ok(sessions.open(target, &events, worker))
}

/// Sends a message, which is any value that can be cloned, to the object; false if the session is closed. `call` is the
/// number of the call that it asks for, or 0.
#[op2(fast, reentrant)]
pub(crate) fn op_rpc_send<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] session: u32,
    message: v8::Local<'s, v8::Value>,
    #[smi] call: u32,
) -> Result<bool, JsErrorBox> {
    let bytes = clone::serialize(scope, &helpers(&state), message, Host::None);
    let state = state.borrow();
    let sessions = state.borrow::<Sessions>();
    let events = state.borrow::<Events>();
    // Whatever comes of it, what was enclosed is not the next message's.
    let ends = sessions.enclosed();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return error.throw(scope).map_or(Ok(false), Err),
    };
    let tickets = events.closed_by();
    if let Some(reason) = events.gate().lost() {
        return Err(JsErrorBox::generic(reason));
    }
    Ok(sessions.send(session, Parcel::new(bytes, ends, call), tickets))
}

/// Lets the parked end of a WebSocket go with the next message that this isolate sends.
#[op2(fast)]
pub(crate) fn op_rpc_enclose(state: &mut OpState, #[smi] end: ResourceId) {
    if let Some(end) = take_end(state, end) {
        state.borrow::<Sessions>().enclose(end);
    }
}

/// One session more, or less, in which this isolate waits for an answer: whoever waits for one is not taken for one
/// who waits for nothing.
#[op2(fast)]
pub(crate) fn op_rpc_expect(state: &mut OpState, more: bool) {
    state.borrow::<Sessions>().expect(more);
}

/// The result of a call is of no use any more, which the other side hears in time: with the next message, or when the
/// session rests.
#[op2(fast)]
pub(crate) fn op_rpc_finish(state: &mut OpState, #[smi] session: u32, #[smi] call: u32) {
    state.borrow::<Sessions>().finish(session, call);
}

#[op2(fast)]
pub(crate) fn op_rpc_close(state: &mut OpState, #[smi] session: u32) {
    state.borrow::<Sessions>().close(session);
}

/// Sends a message of an object to its caller; false if that is gone.
#[op2(fast, reentrant)]
pub(crate) fn op_rpc_reply<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] session: u32,
    message: v8::Local<'s, v8::Value>,
) -> Result<bool, JsErrorBox> {
    let bytes = clone::serialize(scope, &helpers(&state), message, Host::None);
    let state = state.borrow();
    let events = state.borrow::<Events>();
    let ends = state.borrow::<Sessions>().enclosed();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return error.throw(scope).map_or(Ok(false), Err),
    };
    let tickets = events.closed_by();
    let route = events.instances().route(session);
    Ok(route.is_some_and(|route| route.send(Ok(Parcel::new(bytes, ends, 0)), tickets)))
}

/// The message that has just arrived; undefined if there is none. Once.
#[op2(reentrant)]
pub(crate) fn op_rpc_arrived<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let bytes = state.borrow().borrow::<Sessions>().take_arrived();
    if bytes.is_empty() {
        return Ok(v8::undefined(scope).into());
    }
    let read = clone::deserialize(scope, &helpers(&state), &bytes, Host::None);
    settle(scope, read)
}

/// The number of an event that a call of a session is; object 0 is none. It is negative if somebody follows the app,
/// who is to be told by `op_rpc_trace`.
#[op2(fast)]
#[smi]
pub(crate) fn op_rpc_begin(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] session: u32,
) -> Result<i32, JsErrorBox> {
    let worker = state.borrow::<WeakWorker>().upgrade();
    let worker = worker.ok_or_else(|| JsErrorBox::generic(crate::objects::RESET))?;
    let event = worker.next_event();
    let events = state.borrow::<Events>();
    // A call that finds its object reset is one all the same.
    events.open_call(event, slot(state, object).ok(), session);
    let number = event.cast_signed();
    Ok(if events.is_tracing() { -number } else { number })
}

/// The class or entrypoint that such an event calls, and the method, for those who follow the app.
#[op2(fast)]
pub(crate) fn op_rpc_trace(
    state: &mut OpState,
    #[smi] event: u32,
    #[smi] object: u32,
    #[string] entrypoint: &str,
    #[string] method: &str,
) {
    let app = state.borrow::<Peers>().name();
    let trace = Trace::new(app, Some(entrypoint), json!({ "rpcMethod": method }));
    let trace = match slot(state, object) {
        Ok(slot) => trace.of_object(slot.target.id.to_string()),
        Err(_) => trace,
    };
    state.borrow::<Events>().set_trace(event, trace);
}

/// An event that a call of a session stands for is no method: `what` is it, as JSON, for those who follow the app.
#[op2(fast)]
pub(crate) fn op_rpc_event(
    state: &mut OpState,
    #[smi] event: u32,
    #[string] entrypoint: &str,
    #[string] what: &str,
) {
    let events = state.borrow::<Events>();
    if events.is_tracing()
        && let Ok(what) = serde_json::from_str(what)
    {
        let app = state.borrow::<Peers>().name();
        events.set_trace(event, Trace::new(app, Some(entrypoint), what));
    }
}

/// The handler of such an event threw, as `op_fail` has it; the call answers that all the same.
#[op2(fast)]
pub(crate) fn op_rpc_event_failed(
    state: &mut OpState,
    #[smi] event: u32,
    #[string] message: String,
    #[string] stack: String,
) {
    let failure = Failure::exception(message, stack);
    state.borrow::<Events>().threw_aside(event, &failure);
}

/// Nobody here has anything more to do with a session.
#[op2(fast)]
pub(crate) fn op_rpc_end(state: &mut OpState, #[smi] session: u32) {
    let events = state.borrow::<Events>();
    events.instances().forget_route(session);
}
