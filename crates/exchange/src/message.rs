//! Requests, responses, and the trait of whoever answers them.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use http::{HeaderMap, Method};

use crate::{Body, WebSocketEnd};

/// A request as an app sees it.
#[derive(Debug)]
pub struct Request {
    pub method: Method,
    /// The absolute URL: scheme, host from the Host header (or `:authority`), path and query.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Body,
    pub client: Client,
}

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    pub address: SocketAddr,
    /// `HTTP/1.1` or `HTTP/2`.
    pub protocol: &'static str,
}

/// The answer to a [`Request`].
#[derive(Debug)]
pub struct Response {
    /// 200 to 599, or 101 together with `web_socket`.
    pub status: u16,
    /// The reason phrase, where it differs from the status's own. HTTP/1.1 only.
    pub status_text: Option<String>,
    pub headers: HeaderMap,
    pub body: Body,
    /// Set on a 101 response: the end that the gateway joins to the client's socket.
    pub web_socket: Option<WebSocketEnd>,
}

impl Response {
    /// A response of a status and a plain-text body.
    pub fn text(status: u16, text: impl Into<Body>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("text/plain;charset=UTF-8"),
        );
        Response {
            status,
            status_text: None,
            headers,
            body: text.into(),
            web_socket: None,
        }
    }
}

/// The future of a [`Handler`].
pub type HandlerFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Answers requests. Dropping the returned future, or the body of its response, means that the
/// client has gone: the handler aborts what it was doing for it.
pub trait Handler: Send + Sync + 'static {
    fn handle(&self, request: Request) -> HandlerFuture;
}
