//! WebSockets: the ends that lead out of the isolate, as JavaScript sends and receives on them.
//!
//! An end is parked until `accept()`, so that it can still be handed on in a response. Owns no protocol:
//! a client of the gateway and a connection to another server look the same from here.

pub(crate) mod connect;
mod session;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_exchange::{Frame, FrameReceiver, SendError, WebSocketEnd};
use deno_core::convert::ToV8;
use deno_core::{AsyncRefCell, OpState, RcRef, Resource, ResourceId, op2, v8};
use deno_error::JsErrorBox;

use crate::isolate::Events;
use crate::objects::Slot;
use crate::sockets::{Outgoing, Sockets};

/// An end that nobody reads or writes yet.
struct Parked(RefCell<Option<WebSocketEnd>>);

impl Resource for Parked {
    fn name(&self) -> Cow<'_, str> {
        "webSocketEnd".into()
    }
}

/// An end that a JavaScript `WebSocket` has accepted.
struct Socket {
    _object: Option<SocketHold>,
    outgoing: Rc<Outgoing>,
    incoming: AsyncRefCell<FrameReceiver>,
}

/// Keeps an object in memory.
pub(super) struct SocketHold(pub(super) Rc<Slot>);

impl Drop for SocketHold {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Resource for Socket {
    fn name(&self) -> Cow<'_, str> {
        "webSocket".into()
    }
}

/// What `op_websocket_receive` yields: a string, an `ArrayBuffer`, `[code, reason]` of a close frame
/// (the code is -1 where there is none), or null once the peer is gone.
pub(crate) struct Received(Option<Frame>);

impl<'a> ToV8<'a> for Received {
    type Error = JsErrorBox;

    fn to_v8<'i>(
        self,
        scope: &mut v8::PinScope<'a, 'i>,
    ) -> Result<v8::Local<'a, v8::Value>, Self::Error> {
        Ok(match self.0 {
            None => v8::null(scope).into(),
            Some(Frame::Text(text)) => string(scope, &text)?,
            Some(Frame::Binary(bytes)) => {
                let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes.to_vec());
                v8::ArrayBuffer::with_backing_store(scope, &store.make_shared()).into()
            }
            Some(Frame::Close { code, reason }) => {
                let code = v8::Integer::new(scope, code.map_or(-1, i32::from)).into();
                let reason = string(scope, &reason)?;
                v8::Array::new_with_elements(scope, &[code, reason]).into()
            }
        })
    }
}

fn string<'a>(
    scope: &mut v8::PinScope<'a, '_>,
    text: &str,
) -> Result<v8::Local<'a, v8::Value>, JsErrorBox> {
    v8::String::new(scope, text)
        .map(Into::into)
        .ok_or_else(|| JsErrorBox::range_error("a WebSocket message is too long for a string"))
}

/// Two ends that talk to each other: an accepted one for a `WebSocket` of this isolate, and a parked
/// one for the response to an event.
#[op2]
pub(crate) fn op_websocket_couple(state: &mut OpState, #[smi] event: u32) -> (u32, u32) {
    let (own, other) = state.borrow::<Sockets>().pair();
    let object = state.borrow::<Events>().object(event);
    (accept(state, own, object), park(state, other))
}

/// As `op_websocket_couple`, for an object that lives here.
#[op2]
pub(crate) fn op_websocket_couple_of(
    state: &mut OpState,
    #[smi] object: u32,
) -> Result<(u32, u32), JsErrorBox> {
    let slot = super::objects::slot(state, object)?;
    let (own, other) = state.borrow::<Sockets>().pair();
    Ok((accept(state, own, Some(slot)), park(state, other)))
}

/// Accepts a parked end.
#[op2(fast)]
#[smi]
pub(crate) fn op_websocket_accept(
    state: &mut OpState,
    #[smi] end: ResourceId,
) -> Result<ResourceId, JsErrorBox> {
    match take_end(state, end) {
        Some(end) => Ok(accept(state, end, None)),
        None => Err(JsErrorBox::type_error("the WebSocket was already used")),
    }
}

/// `object`: the object that must stay in memory as long as the socket is open.
fn accept(state: &mut OpState, end: WebSocketEnd, object: Option<Rc<Slot>>) -> ResourceId {
    let (sender, receiver) = end.split();
    let events = state.borrow::<Events>().clone();
    let outgoing = state.borrow::<Sockets>().add(sender, events);
    if let Some(object) = &object {
        object.hold_for_socket(&outgoing);
    }
    state.resource_table.add(Socket {
        _object: object.map(SocketHold),
        outgoing,
        incoming: AsyncRefCell::new(receiver),
    })
}

pub(crate) fn park(state: &mut OpState, end: WebSocketEnd) -> ResourceId {
    state.resource_table.add(Parked(RefCell::new(Some(end))))
}

/// Takes a parked end out of the table.
pub(crate) fn take_end(state: &mut OpState, end: ResourceId) -> Option<WebSocketEnd> {
    let parked = state.resource_table.take::<Parked>(end).ok()?;
    parked.0.take()
}

/// How a message was taken: 0 sent, 1 the peer is gone, 2 too much waits for a slow peer.
#[op2(fast)]
#[smi]
pub(crate) fn op_websocket_send(
    state: &mut OpState,
    #[smi] rid: ResourceId,
    #[string] text: String,
) -> u32 {
    send(state, rid, Frame::Text(text))
}

/// As `op_websocket_send`. The bytes are copied.
#[op2]
#[smi]
pub(crate) fn op_websocket_send_bytes(
    state: &mut OpState,
    #[smi] rid: ResourceId,
    #[anybuffer] bytes: &[u8],
) -> u32 {
    send(state, rid, Frame::Binary(Bytes::copy_from_slice(bytes)))
}

fn send(state: &mut OpState, rid: ResourceId, frame: Frame) -> u32 {
    let Ok(socket) = state.resource_table.get::<Socket>(rid) else {
        return 1;
    };
    match socket.outgoing.send(frame) {
        Ok(()) => 0,
        Err(SendError::Closed) => 1,
        Err(SendError::Overflow) => 2,
    }
}

/// Sends a close frame; a negative code is none.
#[op2(fast)]
pub(crate) fn op_websocket_close(
    state: &mut OpState,
    #[smi] rid: ResourceId,
    #[smi] code: i32,
    #[string] reason: String,
) {
    if let Ok(socket) = state.resource_table.get::<Socket>(rid) {
        socket.outgoing.close(u16::try_from(code).ok(), reason);
    }
}

/// The next frame of the peer.
#[op2]
pub(crate) async fn op_websocket_receive(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
) -> Received {
    let socket = state.borrow().resource_table.get::<Socket>(rid);
    let Ok(socket) = socket else {
        return Received(None);
    };
    let incoming = RcRef::map(socket, |socket| &socket.incoming);
    Received(incoming.borrow_mut().await.receive().await)
}
