//! How an event ends: a response, a failure, completion.

use bytes::Bytes;
use cellhouse_exchange::{Body, Response};
use deno_core::{JsBuffer, OpState, op2};
use http::{HeaderMap, HeaderValue, header};

use super::body::{response_body, take_source};
use super::body_failure::Failures;
use super::websocket::take_end;
use crate::failure::Failure;
use crate::isolate::Events;

/// No headers of its own; the first two constants are those of Deno's `Response`.
const HEADERS_NONE: u32 = 0;
const HEADERS_PLAIN_TEXT: u32 = 1;
/// A list of headers; `text_response.js` has the same number.
const HEADERS_LISTED: u32 = 3;

/// A response of a string: what most handlers return. `listed` is its `Content-Type`, or a list of headers
/// as that of [`op_respond`].
#[op2(fast)]
pub(crate) fn op_respond_static(
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] status: u32,
    #[smi] kind: u32,
    #[string] listed: &str,
    #[string] body: String,
    done: bool,
) {
    let typed = |value| HeaderMap::from_iter([(header::CONTENT_TYPE, value)]);
    let headers = match kind {
        HEADERS_NONE => HeaderMap::new(),
        HEADERS_PLAIN_TEXT => typed(HeaderValue::from_static("text/plain;charset=UTF-8")),
        HEADERS_LISTED => crate::headers::split(listed),
        _ => HeaderValue::from_str(listed).map(typed).unwrap_or_default(),
    };
    let events = state.borrow::<Events>();
    events.respond(
        id,
        Response {
            status: status as u16,
            status_text: None,
            headers,
            body: Body::Bytes(Bytes::from(body)),
            web_socket: None,
        },
        false,
    );
    if done {
        events.close(id);
    }
}

/// Any other response. `headers` is name and value of each, separated by NUL; the body is `bytes`,
/// the resource `rid`, or nothing; `end` is the parked end of a WebSocket, or -1. `is_encoded` is for callers
/// of objects: the body is already as its Content-Encoding says.
#[op2]
#[allow(
    clippy::too_many_arguments,
    reason = "an object would cost more than the call"
)]
pub(crate) fn op_respond(
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] status: u32,
    #[string] status_text: String,
    #[string] headers: String,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] rid: i32,
    length: f64,
    #[smi] end: i32,
    is_encoded: bool,
) {
    let events = state.borrow::<Events>().clone();
    let body = match (bytes, u32::try_from(rid)) {
        (Some(bytes), _) => Body::Bytes(Bytes::from(bytes.to_vec())),
        (None, Ok(rid)) => match take_source(state, rid) {
            Some(source) => {
                let length = (length >= 0.0).then_some(length as u64);
                let failing = Failures::of(state, rid);
                response_body(&events, id, source, failing, length)
            }
            None => Body::Empty,
        },
        (None, Err(_)) => Body::Empty,
    };
    let web_socket = u32::try_from(end).ok().and_then(|end| take_end(state, end));
    events.respond(
        id,
        Response {
            status: status as u16,
            status_text: (!status_text.is_empty()).then_some(status_text),
            headers: crate::headers::split(&headers),
            body,
            web_socket,
        },
        is_encoded,
    );
}

/// The event threw: `message` as `Name: text`, `stack` with positions in the bundle.
#[op2(fast)]
pub(crate) fn op_fail(
    state: &mut OpState,
    #[smi] id: u32,
    #[string] message: String,
    #[string] stack: String,
) {
    let events = state.borrow::<Events>();
    events.throw(id, Failure::exception(message, stack));
}

/// An object threw: as `op_fail`, and what it was for the caller, as `op_clone_write` has it.
#[op2(fast)]
pub(crate) fn op_fail_object(
    state: &mut OpState,
    #[smi] id: u32,
    #[string] message: String,
    #[string] stack: String,
    #[buffer] thrown: &[u8],
) {
    let events = state.borrow::<Events>();
    let failure = Failure {
        thrown: Some(Bytes::copy_from_slice(thrown)),
        ..Failure::exception(message, stack)
    };
    events.throw(id, failure);
}

/// Something threw outside of any event's handler.
#[op2(fast)]
pub(crate) fn op_report(state: &mut OpState, #[string] message: String, #[string] stack: String) {
    let observer = state.borrow::<Events>().observer();
    if let Some(observer) = observer {
        observer.uncaught(&Failure::exception(message, stack));
    }
}

#[op2(fast)]
pub(crate) fn op_complete_scheduled(state: &mut OpState, #[smi] id: u32) {
    state.borrow::<Events>().complete_scheduled(id);
}

/// The event's handler, and all that it gave to waitUntil(), is done.
#[op2(fast)]
pub(crate) fn op_complete_event(state: &mut OpState, #[smi] id: u32, #[string] answer: String) {
    state.borrow::<Events>().complete_event(id, answer);
}

/// The event was answered and all its waitUntil() promises are settled.
#[op2(fast)]
pub(crate) fn op_close_event(state: &mut OpState, #[smi] id: u32) {
    state.borrow::<Events>().close(id);
}
