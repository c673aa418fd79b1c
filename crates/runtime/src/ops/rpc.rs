//! The transport of RPC sessions, as the caller and as the object or entrypoint that is called.

use std::cell::RefCell;
use std::rc::Rc;

use deno_core::{OpState, ResourceId, op2};
use deno_error::JsErrorBox;
use serde_json::json;

use super::objects::{slot, target};
use super::services::Peers;
use super::websocket::take_end;
use crate::failure::Failure;
use crate::isolate::Events;
use crate::objects::Sessions;
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

/// Sends a message to the object; false if the session is closed. `call` is the number of the call that it asks
/// for, or 0.
#[op2(fast)]
pub(crate) fn op_rpc_send(
    state: &mut OpState,
    #[smi] session: u32,
    #[buffer] bytes: &[u8],
    #[smi] call: u32,
) -> Result<bool, JsErrorBox> {
    let sessions = state.borrow::<Sessions>();
    // Whatever comes of it, what was enclosed is not the next message's.
    let parcel = sessions.parcel(bytes, call);
    let events = state.borrow::<Events>();
    let tickets = events.closed_by();
    if let Some(reason) = events.gate().lost() {
        return Err(JsErrorBox::generic(reason));
    }
    Ok(sessions.send(session, parcel, tickets))
}

/// Lets the parked end of a WebSocket go with the next message that this isolate sends.
#[op2(fast)]
pub(crate) fn op_rpc_enclose(state: &mut OpState, #[smi] end: ResourceId) {
    if let Some(end) = take_end(state, end) {
        state.borrow::<Sessions>().enclose(end);
    }
}

/// Is pending as long as answers are expected in a session, so that whoever waits for one is not taken for
/// one who waits for nothing.
#[op2]
pub(crate) async fn op_rpc_expect(state: Rc<RefCell<OpState>>, #[smi] session: u32) {
    let idle = state.borrow().borrow::<Sessions>().idle(session);
    if let Some(idle) = idle {
        idle.notified().await;
    }
}

/// No answer is expected any more.
#[op2(fast)]
pub(crate) fn op_rpc_idle(state: &mut OpState, #[smi] session: u32) {
    if let Some(idle) = state.borrow::<Sessions>().idle(session) {
        idle.notify_waiters();
    }
}

#[op2(fast)]
pub(crate) fn op_rpc_close(state: &mut OpState, #[smi] session: u32) {
    state.borrow::<Sessions>().close(session);
}

/// Sends a message of an object to its caller; false if that is gone.
#[op2(fast)]
pub(crate) fn op_rpc_reply(
    state: &mut OpState,
    #[smi] session: u32,
    #[buffer] bytes: &[u8],
) -> bool {
    let events = state.borrow::<Events>();
    let tickets = events.closed_by();
    let route = events.instances().route(session);
    let parcel = state.borrow::<Sessions>().parcel(bytes, 0);
    route.is_some_and(|route| route.send(Ok(parcel), tickets))
}

/// The number of an event that a call of a session is; object 0 is none. The class or entrypoint that is called, and
/// the method, are for those who follow the app.
#[op2(fast)]
#[smi]
pub(crate) fn op_rpc_begin(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] session: u32,
    #[string] entrypoint: &str,
    #[string] method: &str,
) -> Result<u32, JsErrorBox> {
    let worker = state.borrow::<WeakWorker>().upgrade();
    let worker = worker.ok_or_else(|| JsErrorBox::generic(crate::objects::RESET))?;
    let event = worker.next_event();
    let events = state.borrow::<Events>();
    // A call that finds its object reset is one all the same.
    let slot = slot(state, object).ok();
    events.open_call(event, slot.clone(), session);
    if events.is_tracing() {
        let app = state.borrow::<Peers>().name();
        let trace = Trace::new(app, Some(entrypoint), json!({ "rpcMethod": method }));
        events.set_trace(
            event,
            match slot {
                Some(slot) => trace.of_object(slot.target.id.to_string()),
                None => trace,
            },
        );
    }
    Ok(event)
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

/// Is pending as long as whoever answers in a session waits for its caller, as `op_rpc_expect` is for callers.
#[op2]
pub(crate) async fn op_rpc_wait(state: Rc<RefCell<OpState>>, #[smi] session: u32) {
    let waiting = state.borrow().borrow::<Sessions>().wait(session);
    waiting.notified().await;
}

/// It does not wait any more.
#[op2(fast)]
pub(crate) fn op_rpc_waited(state: &mut OpState, #[smi] session: u32) {
    state.borrow::<Sessions>().waited(session);
}

/// Nobody here has anything more to do with a session.
#[op2(fast)]
pub(crate) fn op_rpc_end(state: &mut OpState, #[smi] session: u32) {
    let events = state.borrow::<Events>();
    events.instances().forget_route(session);
}
