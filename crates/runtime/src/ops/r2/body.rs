//! Bodies between the storage and other resources, without JavaScript in between.

use std::borrow::Cow;
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_exchange::{Body, BodyError};
use cellhouse_r2::{Error, Incoming, Reader};
use deno_core::{AsyncResult, BufView, Resource};
use deno_error::JsErrorBox;
use futures_util::StreamExt as _;

/// Bytes asked of a resource at once.
const READ_LIMIT: usize = 256 << 10;

/// The body of an object as a resource that a `ReadableStream` reads from.
pub(crate) struct StoredBody {
    source: tokio::sync::Mutex<Source>,
    length: u64,
}

struct Source {
    /// What of the last chunk was not asked for yet.
    rest: Bytes,
    /// Gone at the end, after an error, and when somebody else has taken it.
    reader: Option<Reader>,
}

impl StoredBody {
    pub(super) fn new(reader: Reader, length: u64) -> StoredBody {
        StoredBody {
            source: tokio::sync::Mutex::new(Source {
                rest: Bytes::new(),
                reader: Some(reader),
            }),
            length,
        }
    }

    /// The body for another thread to read, if nobody has begun.
    pub(crate) fn detach(&self) -> Option<Body> {
        let mut source = self.source.try_lock().ok()?;
        if !source.rest.is_empty() {
            return None;
        }
        let stream = source.reader.take()?.into_stream();
        let stream =
            stream.map(|chunk| chunk.map_err(|error| BodyError::Failed(error.to_string())));
        Some(Body::Stream {
            stream: Box::pin(stream),
            length: Some(self.length),
        })
    }
}

impl Source {
    /// The next bytes, at most `limit`; empty at the end.
    async fn read(&mut self, limit: usize) -> Result<Bytes, Error> {
        while self.rest.is_empty() {
            let Some(reader) = &mut self.reader else {
                return Ok(Bytes::new());
            };
            match reader.next().await {
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(error)) => {
                    self.reader = None;
                    return Err(error);
                }
                None => self.reader = None,
            }
        }
        Ok(self.rest.split_to(limit.min(self.rest.len())))
    }
}

impl Resource for StoredBody {
    fn name(&self) -> Cow<'_, str> {
        "r2Body".into()
    }

    fn read(self: Rc<Self>, limit: usize) -> AsyncResult<BufView> {
        Box::pin(async move {
            let chunk = self.source.lock().await.read(limit).await;
            let chunk = chunk.map_err(|error| JsErrorBox::generic(format!("get: {error}")))?;
            Ok(BufView::from(chunk))
        })
    }

    fn size_hint(&self) -> (u64, Option<u64>) {
        (self.length, Some(self.length))
    }
}

/// Why a body did not arrive.
pub(super) enum Failed {
    Source(JsErrorBox),
    Storage(Error),
}

/// Reads a resource to its end, which must come after `length` bytes if that is not negative.
pub(super) async fn receive(
    source: &Rc<dyn Resource>,
    incoming: &mut Incoming,
    length: f64,
) -> Result<(), Failed> {
    loop {
        let chunk = source
            .clone()
            .read(READ_LIMIT)
            .await
            .map_err(Failed::Source)?;
        if chunk.is_empty() {
            break;
        }
        let written = incoming.write(Bytes::copy_from_slice(&chunk)).await;
        written.map_err(Failed::Storage)?;
    }
    let size = incoming.size() as f64;
    if length >= 0.0 && size != length {
        let message = format!("the stream ended after {size} bytes instead of {length}");
        return Err(Failed::Source(JsErrorBox::type_error(message)));
    }
    Ok(())
}
