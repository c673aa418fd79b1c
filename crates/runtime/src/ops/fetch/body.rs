//! Bodies of `fetch()`: of a request, from a buffer or a JavaScript stream, and of a response,
//! decompressed where the server compressed it.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder};
use bytes::Bytes;
use deno_core::{
    AsyncRefCell, AsyncResult, BufView, CancelHandle, CancelTryFuture, RcRef, Resource,
};
use deno_error::JsErrorBox;
use futures_util::{Stream, StreamExt};
use http::{HeaderMap, header};
use http_body_util::{BodyDataStream, BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::mpsc;
use tokio_util::io::{ReaderStream, StreamReader};

use crate::isolate::Events;

/// Chunks that may wait for a slow server.
const CHUNKS_AHEAD: usize = 2;
/// Bytes asked of a JavaScript stream at once.
const READ_LIMIT: usize = 64 << 10;
/// Cloudflare's message for every connection that breaks.
const CONNECTION_LOST: &str = "Network connection lost.";

/// The body of a request.
pub(super) enum RequestBody {
    Bytes(Full<Bytes>, Bytes),
    Stream {
        chunks: mpsc::Receiver<Result<Bytes, JsErrorBox>>,
        length: Option<u64>,
    },
}

impl RequestBody {
    /// Of `source`'s chunks if there is one, else of `bytes`. Each chunk passes the gate.
    pub(super) fn new(
        bytes: Option<Vec<u8>>,
        source: Option<Rc<dyn Resource>>,
        length: f64,
        events: &Events,
    ) -> Self {
        let Some(source) = source else {
            return RequestBody::of_bytes(Bytes::from(bytes.unwrap_or_default()));
        };
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        deno_core::unsync::spawn(pump(events.clone(), source, sender));
        let length = (length >= 0.0).then_some(length as u64);
        RequestBody::Stream { chunks, length }
    }

    fn of_bytes(bytes: Bytes) -> Self {
        RequestBody::Bytes(Full::new(bytes.clone()), bytes)
    }

    /// Bytes in all, where that is known.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            RequestBody::Bytes(_, bytes) => Some(bytes.len() as u64),
            RequestBody::Stream { length, .. } => *length,
        }
    }

    /// The same body from its start; a stream has only one.
    pub(super) fn again(&self) -> Option<Self> {
        match self {
            RequestBody::Bytes(_, bytes) => Some(RequestBody::of_bytes(bytes.clone())),
            RequestBody::Stream { .. } => None,
        }
    }
}

async fn pump(
    events: Events,
    source: Rc<dyn Resource>,
    sender: mpsc::Sender<Result<Bytes, JsErrorBox>>,
) {
    loop {
        let chunk = tokio::select! {
            chunk = source.clone().read(READ_LIMIT) => chunk,
            () = sender.closed() => break,
        };
        let chunk = match chunk {
            Ok(chunk) if chunk.is_empty() => break,
            Ok(chunk) => match events.pass_gate().await {
                Ok(()) => Ok(Bytes::copy_from_slice(&chunk)),
                Err(error) => Err(JsErrorBox::generic(error)),
            },
            Err(error) => Err(error),
        };
        let failed = chunk.is_err();
        if sender.send(chunk).await.is_err() || failed {
            break;
        }
    }
    source.close();
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = JsErrorBox;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, JsErrorBox>>> {
        match self.get_mut() {
            RequestBody::Bytes(full, _) => Pin::new(full)
                .poll_frame(cx)
                .map_err(|never: Infallible| match never {}),
            RequestBody::Stream { chunks, .. } => chunks
                .poll_recv(cx)
                .map(|chunk| chunk.map(|chunk| chunk.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Bytes(full, _) => full.is_end_stream(),
            RequestBody::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Bytes(full, _) => full.size_hint(),
            RequestBody::Stream { length, .. } => {
                length.map_or_else(SizeHint::new, SizeHint::with_exact)
            }
        }
    }
}

type Chunks = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>>>>;

/// The body of a response as a resource that a `ReadableStream` reads from.
pub(super) struct ResponseBody {
    reader: AsyncRefCell<Reader>,
    cancel: CancelHandle,
    length: Option<u64>,
    decoded: bool,
}

struct Reader {
    chunks: Chunks,
    /// What of the last chunk was not asked for yet.
    rest: Bytes,
}

/// How a body is compressed.
#[derive(Clone, Copy)]
enum Coding {
    Gzip,
    Brotli,
}

impl ResponseBody {
    pub(super) fn new(body: Incoming, headers: &HeaderMap, decompress: bool) -> Self {
        let length = body.size_hint().exact();
        // A compressed body is never empty; servers say "gzip" of empty ones all the same.
        let coding = coding(headers).filter(|_| decompress && length != Some(0));
        let raw = BodyDataStream::new(body.map_err(std::io::Error::other));
        let chunks: Chunks = match coding {
            None => Box::pin(raw),
            Some(Coding::Gzip) => {
                let mut decoder = GzipDecoder::new(StreamReader::new(raw));
                decoder.multiple_members(true);
                Box::pin(ReaderStream::new(decoder))
            }
            Some(Coding::Brotli) => Box::pin(ReaderStream::new(BrotliDecoder::new(
                StreamReader::new(raw),
            ))),
        };
        ResponseBody {
            reader: AsyncRefCell::new(Reader {
                chunks,
                rest: Bytes::new(),
            }),
            cancel: CancelHandle::default(),
            length: length.filter(|_| coding.is_none()),
            decoded: coding.is_some(),
        }
    }

    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    pub(super) fn is_decoded(&self) -> bool {
        self.decoded
    }
}

fn coding(headers: &HeaderMap) -> Option<Coding> {
    let value = headers.get(header::CONTENT_ENCODING)?.to_str().ok()?.trim();
    if value.eq_ignore_ascii_case("gzip") || value.eq_ignore_ascii_case("x-gzip") {
        Some(Coding::Gzip)
    } else if value.eq_ignore_ascii_case("br") {
        Some(Coding::Brotli)
    } else {
        None
    }
}

impl Reader {
    /// The next bytes, at most `limit`; empty at the end.
    async fn read(&mut self, limit: usize) -> Result<Bytes, JsErrorBox> {
        while self.rest.is_empty() {
            match self.chunks.next().await {
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(error)) => return Err(read_error(&error)),
                None => return Ok(Bytes::new()),
            }
        }
        Ok(self.rest.split_to(limit.min(self.rest.len())))
    }
}

/// The connection's error, or the decoder's.
fn read_error(error: &std::io::Error) -> JsErrorBox {
    let inner = error.get_ref();
    if inner.is_some_and(|inner| inner.is::<hyper::Error>()) {
        JsErrorBox::generic(CONNECTION_LOST)
    } else {
        JsErrorBox::type_error(format!("The response could not be decompressed: {error}"))
    }
}

impl Resource for ResponseBody {
    fn name(&self) -> Cow<'_, str> {
        "fetchResponse".into()
    }

    fn read(self: Rc<Self>, limit: usize) -> AsyncResult<BufView> {
        Box::pin(async move {
            let mut reader = RcRef::map(&self, |body| &body.reader).borrow_mut().await;
            let cancel = RcRef::map(&self, |body| &body.cancel);
            let read = reader.read(limit).try_or_cancel(cancel);
            read.await.map(BufView::from)
        })
    }

    fn size_hint(&self) -> (u64, Option<u64>) {
        (self.length.unwrap_or(0), self.length)
    }

    fn close(self: Rc<Self>) {
        self.cancel.cancel();
    }
}
