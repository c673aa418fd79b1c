//! Opens a connection to another server's WebSocket: `new WebSocket()`, and `fetch()` with an `Upgrade`
//! header, which may also be answered by an ordinary response.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use cellhouse_exchange::{BodyError, WebSocketEnd};
use deno_core::convert::ByteString;
use deno_core::{CancelFuture, CancelHandle, OpState, Resource, ResourceId, ToV8, op2};
use deno_error::JsErrorBox;
use deno_tls::SocketUse;
use futures_util::TryStreamExt;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::session;
use crate::headers;
use crate::isolate::Events;
use crate::ops::body::RequestBody;

/// Headers of the handshake, which the app cannot set.
const OWN_HEADERS: [HeaderName; 8] = [
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Closed to cancel a connection that is being opened.
struct Cancel(Rc<CancelHandle>);

impl Resource for Cancel {
    fn name(&self) -> Cow<'_, str> {
        "webSocketCancel".into()
    }

    fn close(self: Rc<Self>) {
        self.0.cancel();
    }
}

/// How the other server answered.
#[derive(ToV8)]
pub(crate) struct Answer {
    status: u16,
    status_text: String,
    headers: Vec<(ByteString, ByteString)>,
    /// The parked end, of a 101 response.
    end: Option<u32>,
    /// The body, of any other.
    body: Option<u32>,
}

/// A resource that cancels an `op_websocket_connect` when it is closed.
#[op2(fast)]
#[smi]
pub(crate) fn op_websocket_cancel(state: &mut OpState) -> ResourceId {
    state
        .resource_table
        .add(Cancel(Rc::new(CancelHandle::default())))
}

/// Asks `url` (http or https) for a WebSocket. `headers` is name and value of each, separated by NUL.
#[op2]
pub(crate) async fn op_websocket_connect(
    state: Rc<RefCell<OpState>>,
    #[string] url: String,
    #[string] headers: String,
    #[smi] cancel: ResourceId,
) -> Result<Answer, JsErrorBox> {
    let handle = state.borrow().resource_table.get::<Cancel>(cancel);
    let handle = handle.map_err(JsErrorBox::from_err)?.0.clone();
    // Boxed: much larger than the futures of other ops.
    let connecting = Box::pin(connect(state.clone(), url, headers::split(&headers)));
    match connecting.or_cancel(handle).await {
        Ok(answer) => answer,
        Err(_) => Err(JsErrorBox::new(
            "DOMExceptionAbortError",
            "The connection was aborted",
        )),
    }
}

async fn connect(
    state: Rc<RefCell<OpState>>,
    url: String,
    headers: HeaderMap,
) -> Result<Answer, JsErrorBox> {
    let uri: Uri = url.parse().map_err(|_| failed("the URL is not valid"))?;
    let events = state.borrow().borrow::<Events>().clone();
    events.pass_gate().await.map_err(JsErrorBox::generic)?;
    let key = generate_key();
    let response = send(&state, &uri, headers, &key).await?;
    let (parts, body) = response.into_parts();
    let mut answer = Answer {
        status: parts.status.as_u16(),
        status_text: parts.status.canonical_reason().unwrap_or("").to_owned(),
        headers: list(&parts.headers),
        end: None,
        body: None,
    };
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        check_accept(&parts.headers, &key)?;
        let end = upgrade(Response::from_parts(parts, body)).await?;
        answer.end = Some(super::park(&mut state.borrow_mut(), end));
    } else {
        let stream = body
            .into_data_stream()
            .map_err(|error| BodyError::Failed(format!("the response could not be read: {error}")));
        let body = RequestBody::of_stream(Box::pin(stream));
        answer.body = Some(state.borrow_mut().resource_table.add(body));
    }
    Ok(answer)
}

async fn send(
    state: &Rc<RefCell<OpState>>,
    uri: &Uri,
    headers: HeaderMap,
    key: &str,
) -> Result<Response<Incoming>, JsErrorBox> {
    let client = deno_fetch::get_or_create_client_from_state(&mut state.borrow_mut())
        .map_err(JsErrorBox::from_err)?;
    let connection = client
        .connect(uri.clone(), SocketUse::Http1Only)
        .await
        .map_err(failed)?;
    let request = request(uri, headers, key, connection.connected().is_proxied())?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(connection));
    let (mut sender, connection) = handshake.await.map_err(failed)?;
    deno_core::unsync::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "the connection to another server's WebSocket ended");
        }
    });
    sender.send_request(request).await.map_err(failed)
}

fn request(
    uri: &Uri,
    headers: HeaderMap,
    key: &str,
    proxied: bool,
) -> Result<Request<Empty<Bytes>>, JsErrorBox> {
    let target = match uri.path_and_query() {
        Some(path) if !proxied => path.as_str().to_owned(),
        _ => uri.to_string(),
    };
    let host = uri
        .authority()
        .ok_or_else(|| failed("the URL has no host"))?;
    let mut request = Request::get(target).body(Empty::new()).map_err(failed)?;
    *request.headers_mut() = headers;
    let headers = request.headers_mut();
    for name in OWN_HEADERS {
        headers.remove(name);
    }
    let visible = "hosts and keys are visible characters";
    headers.insert(HOST, HeaderValue::from_str(host.as_str()).expect(visible));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(
        SEC_WEBSOCKET_KEY,
        HeaderValue::from_str(key).expect(visible),
    );
    Ok(request)
}

/// A 101 response proves with a hash of the key that it is one for a WebSocket.
fn check_accept(headers: &HeaderMap, key: &str) -> Result<(), JsErrorBox> {
    let expected = derive_accept_key(key.as_bytes());
    match headers.get(SEC_WEBSOCKET_ACCEPT) {
        Some(accept) if accept.as_bytes() == expected.as_bytes() => Ok(()),
        _ => Err(failed("the server's handshake is not that of a WebSocket")),
    }
}

async fn upgrade(response: Response<Incoming>) -> Result<WebSocketEnd, JsErrorBox> {
    let upgraded = hyper::upgrade::on(response).await.map_err(failed)?;
    let stream = TokioIo::new(upgraded);
    let config = Some(session::config());
    let stream = WebSocketStream::from_raw_socket(stream, Role::Client, config).await;
    let (own, other) = WebSocketEnd::pair();
    deno_core::unsync::spawn(session::run(stream, own));
    Ok(other)
}

fn list(headers: &HeaderMap) -> Vec<(ByteString, ByteString)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
        .collect()
}

fn failed(why: impl std::fmt::Display) -> JsErrorBox {
    JsErrorBox::type_error(format!("Failed to establish a WebSocket connection: {why}"))
}
