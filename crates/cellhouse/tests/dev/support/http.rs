//! The HTTP client of the tests. It keeps connections open, and never sends a request a second
//! time by itself: a request that the server lost is an error that the test sees.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Pool, Error};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::PATIENCE;

pub type Body = BoxBody<Bytes, Infallible>;

#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpConnector, Body>,
    url: String,
}

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    pub fn new(url: &str) -> Self {
        Self::build(url, false)
    }

    /// The same server over HTTP/2 without TLS, from the first byte on.
    pub fn http2(&self) -> Self {
        Self::build(&self.url, true)
    }

    fn build(url: &str, http2: bool) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let pool = Pool::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .http2_only(http2)
            .build(connector);
        let url = url.trim_end_matches('/').to_string();
        Self { pool, url }
    }

    /// `127.0.0.1:1234`.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("a plain http URL")
    }

    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
    }

    pub async fn send(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Reply {
        let request = self
            .request(method, path)
            .body(full(body))
            .expect("a request");
        self.call(request).await
    }

    /// Sends the request and reads the whole answer.
    pub async fn call(&self, request: Request<Body>) -> Reply {
        let name = format!("{} {}", request.method(), request.uri());
        self.try_call(request)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The same where failure is no surprise.
    pub async fn try_call(&self, request: Request<Body>) -> Result<Reply, String> {
        let exchange = async {
            let response = self
                .open(request)
                .await
                .map_err(|error| format!("{error:?}"))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| format!("{error:?}"))?;
            Ok(Reply {
                status: head.status,
                headers: head.headers,
                body: body.to_bytes(),
            })
        };
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| Err("no answer".to_string()))
    }

    /// Sends the request and returns when the head of the answer is there.
    pub async fn open(&self, request: Request<Body>) -> Result<http::Response<Incoming>, Error> {
        self.pool.request(request).await
    }
}

impl Reply {
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the answer is UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the answer {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a plain header"))
    }

    /// The answer itself, after checking its status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }
}

pub fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).boxed()
}

/// A body that is sent piece by piece.
pub fn streamed(pieces: impl Stream<Item = Bytes> + Send + Sync + 'static) -> Body {
    BodyExt::boxed(StreamBody::new(pieces.map(|piece| Ok(Frame::data(piece)))))
}
