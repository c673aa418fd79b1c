//! `fetch()`: one HTTP request and its answer. Redirects, and what else the answer means, are decided
//! in `js/fetch.js`; host files and schemes other than HTTP are out of reach here.

mod body;
mod client;
mod connect;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use deno_core::{
    CancelFuture, CancelHandle, JsBuffer, OpState, Resource, ResourceId, ToJsBuffer, op2,
};
use deno_error::JsErrorBox;
use deno_fetch::data_url::DataUrl;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use hyper::ext::ReasonPhrase;

use self::body::{RequestBody, ResponseBody};
use self::client::HttpClient;
use crate::isolate::Events;

/// What JavaScript gets: status, status text, headers (name and value of each, separated by NUL),
/// resource of the body, its length or -1, whether it was decompressed, and, instead of all that, why
/// there is no answer.
type Reply = (u16, String, String, ResourceId, f64, bool, Option<String>);

/// Ends a request when it is closed: the abort of a signal.
pub(super) struct Canceller(Rc<CancelHandle>);

/// Never seen: whoever aborts has a reason of its own.
pub(super) const ABORTED: &str = "The operation was aborted";

impl Canceller {
    /// That of an op, which has it as a number, or -1 for none.
    pub(super) fn get(state: &OpState, number: i32) -> Option<Rc<CancelHandle>> {
        let canceller = state
            .resource_table
            .get::<Canceller>(u32::try_from(number).ok()?);
        Some(canceller.ok()?.0.clone())
    }
}

impl Resource for Canceller {
    fn name(&self) -> Cow<'_, str> {
        "fetchCanceller".into()
    }

    fn close(self: Rc<Self>) {
        self.0.cancel();
    }
}

#[op2(fast)]
#[smi]
pub(crate) fn op_fetch_canceller(state: &mut OpState) -> ResourceId {
    state.resource_table.add(Canceller(CancelHandle::new_rc()))
}

/// Sends a request once all writes that it could depend on are durable. The body is `bytes`, the
/// resource `body_rid` (of `length` bytes, if that is not negative), or nothing. The future ends with
/// an error when the resource `canceller` is closed.
#[op2]
#[serde]
#[allow(
    clippy::too_many_arguments,
    reason = "an object would cost more than the call"
)]
pub(crate) async fn op_fetch_once(
    state: Rc<RefCell<OpState>>,
    #[string] method: String,
    #[string] url: String,
    #[string] headers: String,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] body_rid: i32,
    length: f64,
    #[smi] canceller: i32,
    decompress: bool,
) -> Result<Reply, JsErrorBox> {
    let (client, events, cancel, body) = {
        let mut state = state.borrow_mut();
        let events = state.borrow::<Events>().clone();
        let source = match u32::try_from(body_rid) {
            Ok(rid) => state.resource_table.take_any(rid).ok(),
            Err(_) => None,
        };
        let body = RequestBody::new(bytes.map(|bytes| bytes.to_vec()), source, length, &events);
        let cancel = Canceller::get(&state, canceller);
        (HttpClient::of(&mut state)?, events, cancel, body)
    };
    let request = make_request(&method, &url, &headers, body)?;
    let send = async {
        let passed = events.pass_gate().await;
        passed.map_err(JsErrorBox::generic)?;
        Ok::<_, JsErrorBox>(client.send(request).await)
    };
    let response = match cancel {
        Some(cancel) => send
            .or_cancel(cancel)
            .await
            .map_err(|_| JsErrorBox::generic(ABORTED))?,
        None => send.await,
    };
    match response? {
        Ok(response) => Ok(reply(&mut state.borrow_mut(), response, decompress)),
        Err(error) => Ok((0, String::new(), String::new(), 0, -1.0, false, Some(error))),
    }
}

fn make_request(
    method: &str,
    url: &str,
    headers: &str,
    body: RequestBody,
) -> Result<http::Request<RequestBody>, JsErrorBox> {
    let invalid = |what: &dyn std::fmt::Display| JsErrorBox::type_error(what.to_string());
    let mut url = deno_core::url::Url::parse(url).map_err(|error| invalid(&error))?;
    let credentials = deno_fetch::extract_authority(&mut url);
    let mut request = http::Request::new(body);
    *request.method_mut() = Method::from_bytes(method.as_bytes()).map_err(|e| invalid(&e))?;
    *request.uri_mut() = url
        .as_str()
        .parse::<Uri>()
        .map_err(|error| invalid(&error))?;
    let mut joined = crate::headers::try_split(headers).map_err(|error| invalid(&error))?;
    if let Some((user, password)) = credentials
        && !joined.contains_key(header::AUTHORIZATION)
    {
        let value = deno_fetch::basic_auth(&user, password.as_deref());
        joined.insert(header::AUTHORIZATION, value);
    }
    set_framing(request.method().clone(), &mut joined, request.body());
    *request.headers_mut() = joined;
    Ok(request)
}

/// The length of the body is ours to say, whatever the app's headers say.
fn set_framing(method: Method, headers: &mut HeaderMap, body: &RequestBody) {
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::HOST);
    let length = match body.length() {
        Some(0) if !matches!(method, Method::POST | Method::PUT | Method::PATCH) => None,
        length => length,
    };
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    headers
        .entry(header::ACCEPT_ENCODING)
        .or_insert(HeaderValue::from_static("gzip, br"));
}

fn reply(
    state: &mut OpState,
    response: http::Response<hyper::body::Incoming>,
    decompress: bool,
) -> Reply {
    let (parts, body) = response.into_parts();
    let text = match parts.extensions.get::<ReasonPhrase>() {
        Some(reason) => String::from_utf8_lossy(reason.as_bytes()).into_owned(),
        None => parts.status.canonical_reason().unwrap_or("").to_owned(),
    };
    let headers = crate::headers::join(&parts.headers);
    let body = ResponseBody::new(body, &parts.headers, decompress);
    let length = body.length().map_or(-1.0, |length| length as f64);
    let decoded = body.is_decoded();
    let rid = state.resource_table.add(body);
    (
        parts.status.as_u16(),
        text,
        headers,
        rid,
        length,
        decoded,
        None,
    )
}

/// A `data:` URL: its type and content, or `None` if it is malformed.
#[op2]
#[serde]
pub(crate) fn op_data_url(#[string] url: &str) -> Option<(String, ToJsBuffer)> {
    let url = DataUrl::process(url).ok()?;
    let (content, _fragment) = url.decode_to_vec().ok()?;
    Some((url.mime_type().to_string(), content.into()))
}
