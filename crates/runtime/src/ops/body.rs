//! Bodies between JavaScript streams and the gateway.

use std::borrow::Cow;
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_exchange::{Body, BodyError, BodyStream};
use deno_core::{AsyncResult, BufView, CancelFuture, CancelHandle, RcRef, Resource, ResourceId};
use deno_error::JsErrorBox;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::body_failure::{self, Failing};
use super::r2::StoredBody;
use crate::isolate::Events;

/// Chunks of a response body that may wait for a slow client.
const CHUNKS_AHEAD: usize = 2;
/// Cloudflare's message for a client that leaves before its request is complete.
const CONNECTION_LOST: &str = "Network connection lost.";
const ISOLATE_ENDED: &str = "the isolate was stopped before the body was complete";
/// Bytes asked of a JavaScript stream at once.
const READ_LIMIT: usize = 64 << 10;

/// A request's body as a resource that a `ReadableStream` reads from.
pub(crate) struct RequestBody {
    source: tokio::sync::Mutex<Source>,
    cancel: CancelHandle,
}

struct Source {
    /// What of the last chunk was not asked for yet.
    rest: Bytes,
    stream: Option<BodyStream>,
}

impl RequestBody {
    pub(crate) fn of_bytes(bytes: Bytes) -> Self {
        Self::new(bytes, None)
    }

    pub(crate) fn of_stream(stream: BodyStream) -> Self {
        Self::new(Bytes::new(), Some(stream))
    }

    fn new(rest: Bytes, stream: Option<BodyStream>) -> Self {
        RequestBody {
            source: tokio::sync::Mutex::new(Source { rest, stream }),
            cancel: CancelHandle::default(),
        }
    }
}

impl Source {
    /// The next bytes, at most `limit`; empty at the end.
    async fn read(&mut self, limit: usize) -> Result<Bytes, BodyError> {
        while self.rest.is_empty() {
            let Some(stream) = &mut self.stream else {
                return Ok(Bytes::new());
            };
            match stream.next().await {
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(error)) => {
                    self.stream = None;
                    return Err(error);
                }
                None => self.stream = None,
            }
        }
        Ok(self.rest.split_to(limit.min(self.rest.len())))
    }
}

impl Resource for RequestBody {
    fn name(&self) -> Cow<'_, str> {
        "requestBody".into()
    }

    fn read(self: Rc<Self>, limit: usize) -> AsyncResult<BufView> {
        Box::pin(async move {
            let cancel = RcRef::map(&self, |body| &body.cancel);
            let read = async { self.source.lock().await.read(limit).await };
            let read = read.or_cancel(cancel).await;
            let bytes = read.unwrap_or(Ok(Bytes::new()));
            bytes.map(BufView::from).map_err(|error| js_error(&error))
        })
    }

    /// Nobody reads the body any more: a read that waits lets go of what produces it.
    fn close(self: Rc<Self>) {
        self.cancel.cancel();
    }
}

fn js_error(error: &BodyError) -> JsErrorBox {
    match error {
        BodyError::Disconnected => JsErrorBox::generic(CONNECTION_LOST),
        BodyError::Thrown { text, encoded } => body_failure::js_error(text, encoded),
        error => JsErrorBox::type_error(error.to_string()),
    }
}

/// The other way, where the body goes on to an object.
fn body_error(error: &JsErrorBox, failing: &Failing) -> BodyError {
    failing.error(error, |text| match text {
        text if text == CONNECTION_LOST => BodyError::Disconnected,
        text => BodyError::Failed(text),
    })
}

/// What the task sends: a chunk, an error, or `None` at the end of the body.
type Piece = Option<Result<Bytes, BodyError>>;

/// A response body that a task fills from a JavaScript stream, as fast as the client takes it.
/// Each chunk passes the gate. The event stays open until the body is sent.
pub(crate) fn response_body(
    events: &Events,
    event: u32,
    source: Rc<dyn Resource>,
    failing: Failing,
    length: Option<u64>,
) -> Body {
    // An object's body says nothing that the gate does not hold already, and needs no isolate.
    if let Some(body) = source
        .downcast_rc::<StoredBody>()
        .and_then(|body| body.detach())
    {
        events.delivered_later(event);
        return body;
    }
    pumped(events, Some(event), source, failing, length)
}

/// The body of a request to an object of this process. Each chunk passes the gate.
pub(crate) fn request_body(
    events: &Events,
    source: Rc<dyn Resource>,
    failing: Failing,
    length: Option<u64>,
) -> Body {
    pumped(events, None, source, failing, length)
}

fn pumped(
    events: &Events,
    event: Option<u32>,
    source: Rc<dyn Resource>,
    failing: Failing,
    length: Option<u64>,
) -> Body {
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    deno_core::unsync::spawn(pump(events.clone(), event, source, failing, sender));
    let pieces = futures_util::stream::unfold(Some(receiver), async |receiver| {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Some(Ok(chunk))) => Some((Ok(chunk), Some(receiver))),
            Some(Some(Err(error))) => Some((Err(error), None)),
            Some(None) => None,
            // The task is gone: what was sent must not pass for the whole body.
            None => Some((Err(BodyError::Failed(ISOLATE_ENDED.to_owned())), None)),
        }
    });
    Body::Stream {
        stream: Box::pin(pieces),
        length,
    }
}

async fn pump(
    events: Events,
    event: Option<u32>,
    source: Rc<dyn Resource>,
    failing: Failing,
    sender: mpsc::Sender<Piece>,
) {
    let _open = event.map(|event| events.hold(event));
    let sent = send_all(&events, &source, &failing, &sender).await;
    match (event, sent) {
        (Some(event), Ok(())) => events.delivered_later(event),
        (Some(event), Err(Gone)) => events.abort_later(event),
        (None, _) => {}
    }
    source.close();
}

/// Nobody takes the body any more.
struct Gone;

async fn send_all(
    events: &Events,
    source: &Rc<dyn Resource>,
    failing: &Failing,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), Gone> {
    loop {
        let chunk = tokio::select! {
            chunk = source.clone().read(READ_LIMIT) => chunk,
            () = sender.closed() => return Err(Gone),
        };
        let piece = match chunk {
            Ok(chunk) if chunk.is_empty() => None,
            Ok(chunk) => Some(pass_gate(events, Bytes::copy_from_slice(&chunk)).await),
            Err(error) => Some(Err(body_error(&error, failing))),
        };
        let last = !matches!(piece, Some(Ok(_)));
        sender.send(piece).await.map_err(|_| Gone)?;
        if last {
            return Ok(());
        }
    }
}

async fn pass_gate(events: &Events, chunk: Bytes) -> Result<Bytes, BodyError> {
    events.pass_gate().await.map_err(BodyError::Failed)?;
    Ok(chunk)
}

/// Takes the resource behind a JavaScript stream out of the table.
pub(crate) fn take_source(
    state: &mut deno_core::OpState,
    rid: ResourceId,
) -> Option<Rc<dyn Resource>> {
    state.resource_table.take_any(rid).ok()
}
