//! Request bodies on their way to the app: counted, timed, and cut off when the request is over.
//!
//! A body is shared by the app, which reads it on any thread, and by the task of the connection, which
//! ends it. Whatever ends it early is a [`BodyError`] to the app, and a reason to answer for the app if
//! its response has not begun.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use cellhouse_exchange::{BodyError, BodyStream};
use futures_util::Stream;
use futures_util::task::AtomicWaker;
use hyper::body::{Body as _, Incoming};
use parking_lot::Mutex;
use tokio::time::Instant;

/// Workers' own words for a body that is read too late.
const RESPONSE_SENT: &str = "Can't read from request stream after response has been sent.";

/// How many looks are taken at a waiting body within its time limit.
const LOOKS: u32 = 4;

/// The body of one request.
#[derive(Debug)]
pub(crate) struct Upload {
    state: Mutex<State>,
    /// Whether `state.failure` is set.
    failed: AtomicBool,
    /// The task that answers the client.
    answering: AtomicWaker,
}

#[derive(Debug)]
struct State {
    /// `None` once the body is over, for whatever reason.
    incoming: Option<Incoming>,
    failure: Option<BodyError>,
    left: u64,
    limit: u64,
    reader: Option<Waker>,
    waiting_since: Option<Instant>,
    complete: bool,
    /// The app will not read on.
    abandoned: bool,
}

/// What is there of a body when its request is over.
#[derive(Debug)]
pub(crate) enum Remains {
    /// All of it was read.
    Nothing,
    /// It can still be read.
    Unread(Incoming),
    /// It cannot be read.
    Lost,
}

impl Upload {
    pub(crate) fn new(incoming: Incoming, limit: u64) -> Arc<Self> {
        Arc::new(Upload {
            state: Mutex::new(State {
                incoming: Some(incoming),
                failure: None,
                left: limit,
                limit,
                reader: None,
                waiting_since: None,
                complete: false,
                abandoned: false,
            }),
            failed: AtomicBool::new(false),
            answering: AtomicWaker::new(),
        })
    }

    /// The app's side of the body. After dropping it nothing is read until the request is over.
    pub(crate) fn stream(self: &Arc<Self>) -> BodyStream {
        Box::pin(UploadStream {
            upload: self.clone(),
            over: false,
        })
    }

    /// The next chunk.
    pub(crate) fn poll_chunk(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        let mut state = self.state.lock();
        let Some(incoming) = &mut state.incoming else {
            return Poll::Ready(state.failure.clone().map(Err));
        };
        let result = loop {
            match Pin::new(&mut *incoming).poll_frame(cx) {
                Poll::Pending => {
                    state.wait(cx);
                    return Poll::Pending;
                }
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(chunk) => break Ok(chunk),
                    // Trailers, for which Workers have no place.
                    Err(_trailers) => {}
                },
                Poll::Ready(Some(Err(error))) => break Err(classify(&error)),
                Poll::Ready(None) => {
                    state.incoming = None;
                    state.complete = true;
                    return Poll::Ready(None);
                }
            }
        };
        state.waiting_since = None;
        let result = result.and_then(|chunk| state.count(chunk));
        if let Err(error) = &result {
            self.end(&mut state, error.clone());
        }
        Poll::Ready(Some(result))
    }

    fn end(&self, state: &mut State, error: BodyError) {
        state.incoming = None;
        state.failure = Some(error);
        self.failed.store(true, Ordering::Release);
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
        self.answering.wake();
    }

    /// The request is over: it was `answered`, or the client is gone.
    pub(crate) fn close(&self, answered: bool) -> Remains {
        let mut state = self.state.lock();
        let Some(incoming) = state.incoming.take() else {
            return match state.complete {
                true => Remains::Nothing,
                false => Remains::Lost,
            };
        };
        let error = match answered {
            true => BodyError::Failed(RESPONSE_SENT.to_owned()),
            false => BodyError::Disconnected,
        };
        self.end(&mut state, error);
        Remains::Unread(incoming)
    }

    /// Why the body failed, if it did. The task is woken when it does.
    pub(crate) fn failure(&self, cx: &mut Context<'_>) -> Option<BodyError> {
        self.answering.register(cx.waker());
        if !self.failed.load(Ordering::Acquire) {
            return None;
        }
        self.state.lock().failure.clone()
    }

    /// Fails the body if the app has waited for `timeout`. Returns whether it goes on.
    fn expire(&self, now: Instant, timeout: Duration) -> bool {
        let mut state = self.state.lock();
        if state.incoming.is_none() || state.abandoned {
            return false;
        }
        let waited = state.waiting_since.map(|since| now - since);
        if waited.is_some_and(|waited| waited >= timeout) {
            self.end(&mut state, BodyError::TimedOut);
            return false;
        }
        true
    }
}

impl State {
    fn wait(&mut self, cx: &mut Context<'_>) {
        match &mut self.reader {
            Some(reader) => reader.clone_from(cx.waker()),
            None => self.reader = Some(cx.waker().clone()),
        }
        self.waiting_since.get_or_insert_with(Instant::now);
    }

    fn count(&mut self, chunk: Bytes) -> Result<Bytes, BodyError> {
        match self.left.checked_sub(chunk.len() as u64) {
            Some(left) => {
                self.left = left;
                Ok(chunk)
            }
            None => Err(BodyError::TooLarge { limit: self.limit }),
        }
    }
}

/// What went wrong: the client broke the protocol, or it went away.
fn classify(error: &hyper::Error) -> BodyError {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            )
        {
            return BodyError::Malformed(error.to_string());
        }
        cause = error.source();
    }
    BodyError::Disconnected
}

struct UploadStream {
    upload: Arc<Upload>,
    over: bool,
}

impl Stream for UploadStream {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let chunk = ready!(self.upload.poll_chunk(cx));
        self.over = !matches!(chunk, Some(Ok(_)));
        Poll::Ready(chunk)
    }
}

impl Drop for UploadStream {
    fn drop(&mut self) {
        self.upload.state.lock().abandoned = true;
    }
}

/// The bodies that are under way on one connection.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    all: Mutex<Vec<Arc<Upload>>>,
    count: AtomicUsize,
}

impl Uploads {
    pub(crate) fn add(&self, upload: Arc<Upload>) {
        let mut all = self.all.lock();
        all.push(upload);
        self.count.store(all.len(), Ordering::Relaxed);
    }

    pub(crate) fn remove(&self, upload: &Arc<Upload>) {
        let mut all = self.all.lock();
        all.retain(|other| !Arc::ptr_eq(other, upload));
        self.count.store(all.len(), Ordering::Relaxed);
    }

    /// Fails the bodies for which apps have waited too long. Returns when to look again.
    pub(crate) fn expire(&self, timeout: Duration) -> Option<Instant> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let now = Instant::now();
        let all = self.all.lock().clone();
        let waiting = all.iter().filter(|upload| upload.expire(now, timeout));
        (waiting.count() > 0).then(|| now + timeout / LOOKS)
    }
}
