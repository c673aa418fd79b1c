//! The HTTP client of one isolate: a pool of kept-alive connections, HTTP/1.1 and HTTP/2.
//!
//! It adds no header that an app can see at the other end (Deno's own client adds `User-Agent` and
//! `Accept`), and repeats a request only where the connection had been closed while it was idle.

use std::error::Error as _;

use deno_core::OpState;
use deno_error::JsErrorBox;
use deno_fetch::create_client_from_options;
use deno_permissions::PermissionsContainer;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::body::RequestBody;
use super::connect::{Connector, Used};

/// The largest block of response headers over HTTP/2: what browsers accept.
const HTTP2_HEADER_BYTES: u32 = 256 << 10;

/// Lives in `OpState` from the first request on.
#[derive(Clone)]
pub(super) struct HttpClient(Client<Connector, RequestBody>);

impl HttpClient {
    /// The isolate's client.
    pub(super) fn of(state: &mut OpState) -> Result<HttpClient, JsErrorBox> {
        if let Some(client) = state.try_borrow::<HttpClient>() {
            return Ok(client.clone());
        }
        let permissions = state.borrow::<PermissionsContainer>().clone();
        let options = state.borrow::<deno_fetch::Options>();
        let connect = create_client_from_options(options, Some(permissions))
            .map_err(|error| JsErrorBox::generic(error.to_string()))?;
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_max_header_list_size(HTTP2_HEADER_BYTES)
            .build(Connector(connect));
        let client = HttpClient(client);
        state.put(client.clone());
        Ok(client)
    }

    /// Sends a request; the error is for people to read.
    pub(super) async fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> Result<http::Response<Incoming>, String> {
        let again = repeat(&request);
        let response = match self.0.request(request).await {
            Err(error) if was_stale(&error) => match again {
                Some(request) => self.0.request(request).await,
                None => Err(error),
            },
            response => response,
        };
        let response = response.map_err(|error| describe(&error))?;
        if let Some(used) = response.extensions().get::<Used>() {
            used.set();
        }
        Ok(response)
    }
}

/// The same request once more, where its body can be sent again.
fn repeat(request: &http::Request<RequestBody>) -> Option<http::Request<RequestBody>> {
    let mut again = http::Request::new(request.body().again()?);
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    Some(again)
}

/// Whether a connection that had answered before broke before a byte of this answer came.
fn was_stale(error: &Error) -> bool {
    let mut extensions = http::Extensions::new();
    if let Some(info) = error.connect_info() {
        info.get_extras(&mut extensions);
    }
    extensions.get::<Used>().is_some_and(Used::get) && broke(error)
}

fn broke(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && (error.is_incomplete_message() || error.is_closed())
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
            return matches!(
                error.kind(),
                ConnectionReset | ConnectionAborted | BrokenPipe
            );
        }
        source = error.source();
    }
    false
}

/// All reasons, the outermost first.
fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
