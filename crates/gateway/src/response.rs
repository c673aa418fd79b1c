//! Responses on their way to the client: framed by what is known of the body, never by what the app
//! claims about it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use cellhouse_exchange::{Body, BodyError, BodyStream, Response};
use futures_util::task::AtomicWaker;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue};
use http::{StatusCode, Version};
use hyper::body::{Frame, SizeHint};
use hyper::ext::ReasonPhrase;
use tokio::time::Instant;

use crate::forwarded;
use crate::service::Running;

/// What is handed to HTTP/2 at once: so much may wait in a stream whose client does not read.
const HTTP2_CHUNK: usize = 64 << 10;

/// What of the request decides how a response looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) version: Version,
    pub(crate) head: bool,
}

/// Makes an app's response ready for hyper. `running` lasts until the body is over.
pub(crate) fn assemble(
    response: Response,
    status: StatusCode,
    shape: Shape,
    running: Running,
) -> http::Response<ResponseBody> {
    let Response {
        status_text,
        mut headers,
        body,
        ..
    } = response;
    forwarded::strip_response(&mut headers);
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let body = if shape.head && !bodiless {
        if !matches!(body, Body::Empty) {
            headers.remove(CONTENT_LENGTH);
        }
        if let Some(length) = body.length().filter(|length| *length > 0) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Body::Empty
    } else {
        headers.remove(CONTENT_LENGTH);
        if bodiless { Body::Empty } else { body }
    };
    let http2 = shape.version == Version::HTTP_2;
    let mut assembled = http::Response::new(ResponseBody::new(body, running, http2));
    *assembled.status_mut() = status;
    *assembled.headers_mut() = headers;
    if let Some(reason) = reason(status, status_text).filter(|_| !http2) {
        assembled.extensions_mut().insert(reason);
    }
    assembled
}

/// Lets hyper close the connection after the response.
pub(crate) fn ask_to_close(response: &mut http::Response<ResponseBody>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
}

/// The reason phrase where it is not the status's own.
fn reason(status: StatusCode, text: Option<String>) -> Option<ReasonPhrase> {
    match (text, status.canonical_reason()) {
        (Some(text), Some(own)) if text == own => None,
        (Some(text), _) if !text.is_empty() => ReasonPhrase::try_from(text).ok(),
        (_, Some(_)) => None,
        (_, None) => Some(ReasonPhrase::from_static(b"")),
    }
}

/// The body of a response as hyper reads it.
pub(crate) struct ResponseBody {
    kind: Kind,
    /// Dropped with the body, which ends the request.
    running: Running,
    /// HTTP/2 only.
    pace: Option<Arc<Pace>>,
    /// What of the last chunk was too much to give at once.
    rest: Bytes,
}

enum Kind {
    Empty,
    Bytes(Bytes),
    Stream {
        stream: BodyStream,
        left: Option<u64>,
    },
    /// The stream failed, and what came before it is being sent.
    Failed(ResponseError),
}

/// Why a response could not be completed. The client sees a connection or stream that breaks off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResponseError {
    #[error("the app's response body failed: {0}")]
    App(#[from] BodyError),
    #[error("the app's response body is longer than it said")]
    TooLong,
    #[error("the app's response body ended {0} bytes early")]
    TooShort(u64),
}

impl ResponseBody {
    fn new(body: Body, running: Running, http2: bool) -> Self {
        let kind = match body {
            Body::Empty => Kind::Empty,
            Body::Bytes(bytes) if bytes.is_empty() => Kind::Empty,
            Body::Bytes(bytes) => Kind::Bytes(bytes),
            Body::Stream { stream, length } => Kind::Stream {
                stream,
                left: length,
            },
        };
        let pace = http2.then(|| running.pace()).flatten();
        let mut body = ResponseBody {
            kind,
            running,
            pace,
            rest: Bytes::new(),
        };
        body.note_end();
        body
    }

    fn note_end(&mut self) {
        if hyper::body::Body::is_end_stream(self) {
            self.running.answered();
        }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, ResponseError>>> {
        if self.rest.is_empty() {
            match ready!(self.poll_kind(cx)) {
                Some(Ok(chunk)) => self.rest = chunk,
                other => return Poll::Ready(other),
            }
        }
        let all = self.pace.is_none() || self.rest.len() <= HTTP2_CHUNK;
        let size = if all { self.rest.len() } else { HTTP2_CHUNK };
        Poll::Ready(Some(Ok(self.rest.split_to(size))))
    }

    fn poll_kind(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, ResponseError>>> {
        match &mut self.kind {
            Kind::Empty => Poll::Ready(None),
            Kind::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.kind = Kind::Empty;
                Poll::Ready(Some(Ok(bytes)))
            }
            Kind::Stream { stream, left } => {
                let chunk = ready!(poll_filled(stream, cx));
                match account(chunk, left) {
                    Some(Err(error)) => {
                        tracing::debug!(%error, "a response breaks off");
                        // hyper would throw away what it has not sent yet, so it gets a chance to.
                        self.kind = Kind::Failed(error);
                        cx.waker().wake_by_ref();
                        Poll::Pending
                    }
                    Some(Ok(chunk)) => Poll::Ready(Some(Ok(chunk))),
                    None => {
                        self.kind = Kind::Empty;
                        Poll::Ready(None)
                    }
                }
            }
            Kind::Failed(_) => match std::mem::replace(&mut self.kind, Kind::Empty) {
                Kind::Failed(error) => Poll::Ready(Some(Err(error))),
                _ => Poll::Ready(None),
            },
        }
    }
}

/// The next chunk that is not empty.
fn poll_filled(
    stream: &mut BodyStream,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, BodyError>>> {
    loop {
        match ready!(stream.as_mut().poll_next(cx)) {
            Some(Ok(chunk)) if chunk.is_empty() => {}
            other => return Poll::Ready(other),
        }
    }
}

/// Holds a stream to the length that it announced.
fn account(
    chunk: Option<Result<Bytes, BodyError>>,
    left: &mut Option<u64>,
) -> Option<Result<Bytes, ResponseError>> {
    match (chunk, left) {
        (None, Some(left)) if *left > 0 => Some(Err(ResponseError::TooShort(*left))),
        (None, _) => None,
        (Some(Err(error)), _) => Some(Err(error.into())),
        (Some(Ok(chunk)), None) => Some(Ok(chunk)),
        (Some(Ok(chunk)), Some(left)) => match left.checked_sub(chunk.len() as u64) {
            Some(rest) => {
                *left = rest;
                Some(Ok(chunk))
            }
            None => Some(Err(ResponseError::TooLong)),
        },
    }
}

impl hyper::body::Body for ResponseBody {
    type Data = Bytes;
    type Error = ResponseError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ResponseError>>> {
        if let Some(pace) = &self.pace {
            pace.asked();
        }
        let chunk = ready!(self.poll_chunk(cx));
        if !matches!(chunk, Some(Err(_))) {
            self.note_end();
        }
        if let (Some(pace), Some(_)) = (&self.pace, &chunk) {
            pace.gave();
        }
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        let all_given = match &self.kind {
            Kind::Empty => true,
            Kind::Bytes(_) | Kind::Failed(_) => false,
            Kind::Stream { left, .. } => *left == Some(0),
        };
        all_given && self.rest.is_empty()
    }

    /// hyper asks for it before the first chunk.
    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(self.rest.len() as u64),
            Kind::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream { left, .. } => left.map_or_else(SizeHint::new, SizeHint::with_exact),
            Kind::Failed(_) => SizeHint::new(),
        }
    }
}

/// Whether the client of an HTTP/2 stream takes what it asked for. In HTTP/1 the socket itself tells.
#[derive(Debug)]
pub(crate) struct Pace {
    epoch: Instant,
    /// Milliseconds since `epoch`, plus one, when a chunk was given that was not sent yet; else 0.
    gave_at: AtomicU64,
    cut: AtomicBool,
    stream: AtomicWaker,
}

impl Pace {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Pace {
            epoch: Instant::now(),
            gave_at: AtomicU64::new(0),
            cut: AtomicBool::new(false),
            stream: AtomicWaker::new(),
        })
    }

    fn asked(&self) {
        self.gave_at.store(0, Ordering::Relaxed);
    }

    fn gave(&self) {
        let millis = self.epoch.elapsed().as_millis() as u64 + 1;
        self.gave_at.store(millis, Ordering::Relaxed);
    }

    /// Ends the stream if its client has taken nothing for `timeout`.
    pub(crate) fn expire(&self, now: Instant, timeout: Duration) {
        let gave_at = self.gave_at.load(Ordering::Relaxed);
        let since = self.epoch + Duration::from_millis(gave_at.saturating_sub(1));
        if gave_at != 0 && now.saturating_duration_since(since) >= timeout {
            self.cut.store(true, Ordering::Release);
            self.stream.wake();
        }
    }

    /// Whether the stream is to be ended. The task is woken when it is.
    pub(crate) fn is_cut(&self, cx: &mut Context<'_>) -> bool {
        self.stream.register(cx.waker());
        self.cut.load(Ordering::Acquire)
    }
}
