//! WebSockets of objects that may sleep: `ctx.acceptWebSocket()` and what can be done with such a socket.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_exchange::{AutoResponse, Frame, SendError, WebSocketEnd};
use deno_core::{JsBuffer, OpState, ResourceId, ToJsBuffer, op2};
use deno_error::JsErrorBox;

use super::objects::slot;
use super::websocket::{park, take_end};
use crate::isolate::Events;
use crate::objects::{HibernatingSocket, Slot};
use crate::sockets::Sockets;
use crate::worker::WeakWorker;

/// Hibernating WebSockets of one object; Cloudflare's limit.
const MAX_SOCKETS: usize = 32_768;

fn socket(state: &OpState, object: u32, number: u32) -> Result<Rc<HibernatingSocket>, JsErrorBox> {
    let socket = slot(state, object)?.sockets().get(number);
    socket.ok_or_else(|| JsErrorBox::generic("the WebSocket has gone"))
}

/// Makes two ends that talk to each other, of which one is a socket of the object: its number, and the
/// other one, parked.
#[op2]
pub(crate) fn op_hibernate_couple(
    state: &mut OpState,
    #[smi] object: u32,
    #[serde] tags: Vec<String>,
) -> Result<(u32, u32), JsErrorBox> {
    let slot = slot(state, object)?;
    let (own, other) = state.borrow::<Sockets>().pair();
    Ok((hibernate(state, &slot, own, tags)?, park(state, other)))
}

/// The number of a parked end as a socket of the object.
#[op2]
#[smi]
pub(crate) fn op_hibernate_end(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] end: ResourceId,
    #[serde] tags: Vec<String>,
) -> Result<u32, JsErrorBox> {
    let slot = slot(state, object)?;
    let end = take_end(state, end)
        .ok_or_else(|| JsErrorBox::type_error("the WebSocket was already used"))?;
    hibernate(state, &slot, end, tags)
}

fn hibernate(
    state: &mut OpState,
    slot: &Rc<Slot>,
    end: WebSocketEnd,
    tags: Vec<String>,
) -> Result<u32, JsErrorBox> {
    if slot.sockets().len() >= MAX_SOCKETS {
        return Err(JsErrorBox::generic(format!(
            "only {MAX_SOCKETS} websockets can be accepted on a single Durable Object instance"
        )));
    }
    let (sender, receiver) = end.split();
    let events = state.borrow::<Events>().clone();
    let worker = state.borrow::<WeakWorker>().clone();
    sender.set_auto_responder(Some(slot.responder()));
    let socket = Rc::new(HibernatingSocket {
        number: events.instances().next_number(),
        outgoing: state.borrow::<Sockets>().add(sender, events.clone()),
        tags,
        attachment: RefCell::default(),
        closed: Cell::default(),
    });
    slot.sockets().add(socket.clone());
    let number = socket.number;
    let deliver = socket.deliver(receiver, slot.target.clone(), events, worker);
    deno_core::unsync::spawn(deliver);
    Ok(number)
}

/// As `op_websocket_send`; text, or bytes, which are copied.
#[op2]
#[smi]
pub(crate) fn op_hibernate_send(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
    #[string] text: Option<String>,
    #[buffer] bytes: Option<JsBuffer>,
) -> u32 {
    let frame = match (text, bytes) {
        (Some(text), _) => Frame::Text(text),
        (None, Some(bytes)) => Frame::Binary(Bytes::from(bytes.to_vec())),
        (None, None) => Frame::Binary(Bytes::new()),
    };
    match socket(state, object, number).map(|socket| socket.send(frame)) {
        Ok(Ok(())) => 0,
        Ok(Err(SendError::Closed)) | Err(_) => 1,
        Ok(Err(SendError::Overflow)) => 2,
    }
}

/// Sends a close frame; a negative code is none.
#[op2(fast)]
pub(crate) fn op_hibernate_close(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
    #[smi] code: i32,
    #[string] reason: String,
) {
    if let Ok(socket) = socket(state, object, number) {
        socket.outgoing.close(u16::try_from(code).ok(), reason);
    }
}

/// The object has seen the end of the socket.
#[op2(fast)]
pub(crate) fn op_hibernate_gone(state: &mut OpState, #[smi] object: u32, #[smi] number: u32) {
    if let Ok(slot) = slot(state, object) {
        slot.sockets().remove(number);
    }
}

/// The numbers of the sockets, of all or of those with a tag.
#[op2]
#[serde]
pub(crate) fn op_hibernate_list(
    state: &mut OpState,
    #[smi] object: u32,
    #[string] tag: Option<String>,
) -> Result<Vec<u32>, JsErrorBox> {
    Ok(slot(state, object)?.sockets().list(tag.as_deref()))
}

#[op2]
#[serde]
pub(crate) fn op_hibernate_tags(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
) -> Result<Vec<String>, JsErrorBox> {
    Ok(socket(state, object, number)?.tags.clone())
}

/// Keeps a value with the socket, as `op_clone_write` wrote it.
#[op2]
pub(crate) fn op_hibernate_attach(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
    #[buffer] value: JsBuffer,
) -> Result<(), JsErrorBox> {
    let socket = socket(state, object, number)?;
    *socket.attachment.borrow_mut() = Some(value.to_vec());
    Ok(())
}

#[op2]
#[serde]
pub(crate) fn op_hibernate_attached(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
) -> Result<Option<ToJsBuffer>, JsErrorBox> {
    let socket = socket(state, object, number)?;
    let attachment = socket.attachment.borrow().clone();
    Ok(attachment.map(Into::into))
}

/// Answers a text of all sockets of the object without waking it; without a request no more.
#[op2]
pub(crate) fn op_hibernate_auto_response(
    state: &mut OpState,
    #[smi] object: u32,
    #[string] request: Option<String>,
    #[string] response: Option<String>,
) -> Result<(), JsErrorBox> {
    let response = request
        .zip(response)
        .map(|(request, response)| AutoResponse { request, response });
    slot(state, object)?.responder().set(response);
    Ok(())
}

/// `[request, response]` of what is answered so.
#[op2]
#[serde]
pub(crate) fn op_hibernate_auto_response_get(
    state: &mut OpState,
    #[smi] object: u32,
) -> Result<Option<(String, String)>, JsErrorBox> {
    let response = slot(state, object)?.responder().get();
    Ok(response.map(|pair| (pair.request.clone(), pair.response.clone())))
}

/// When a socket was last answered so, in milliseconds since 1970, or NaN.
#[op2(fast)]
pub(crate) fn op_hibernate_auto_response_time(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] number: u32,
) -> f64 {
    let socket = socket(state, object, number).ok();
    let time = socket.and_then(|socket| socket.outgoing.auto_responded_at());
    time.map_or(f64::NAN, |time| time as f64)
}

/// How long an event of a socket may take, in milliseconds; 0 is as long as it likes.
#[op2(fast)]
#[smi]
pub(crate) fn op_hibernate_event_timeout(state: &mut OpState, #[smi] object: u32) -> u32 {
    slot(state, object).map_or(0, |slot| slot.event_timeout().get())
}

#[op2(fast)]
pub(crate) fn op_hibernate_event_timeout_set(
    state: &mut OpState,
    #[smi] object: u32,
    #[smi] milliseconds: u32,
) -> Result<(), JsErrorBox> {
    slot(state, object)?.event_timeout().set(milliseconds);
    Ok(())
}
