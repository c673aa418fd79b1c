//! HTTP/2 on one connection: hyper speaks it, this file runs its streams and watches over them.
//!
//! Streams are polled on the task of the connection instead of tasks of their own, so that a connection
//! that ends takes its requests with it at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hyper::server::conn::http2;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::options::Options;
use crate::response::Pace;
use crate::service::Service;
use crate::socket::{Io, Stall};
use crate::timer::Timer;

/// How much of one request body may wait unread, and of all of a connection: one that an app does not
/// read leaves room for the others.
const STREAM_WINDOW: u32 = 256 << 10;
const CONNECTION_WINDOW: u32 = 1 << 20;

/// What hyper may keep of one response that waits to be sent.
const SEND_BUFFER: usize = 128 << 10;

/// How many looks are taken at streams within the time limit for writing.
const LOOKS: u32 = 4;

/// Serves HTTP/2 from `first`, what was read already, until the connection ends.
pub(crate) async fn serve(connection: &Arc<Connection>, first: Bytes, accepted: Instant) {
    let io = Io::new(connection.clone(), first);
    let service = Service::new(connection.clone());
    let started = Started {
        connection: connection.clone(),
        streams: Arc::default(),
    };
    let served = builder(connection.server().options(), started.clone())
        .serve_connection(TokioIo::new(io), service);
    let mut watch = Watch {
        connection: connection.clone(),
        served,
        started,
        streams: FuturesUnordered::new(),
        since: accepted,
        begun: 0,
        stall: Stall::default(),
        timer: Timer::default(),
        draining: false,
    };
    poll_fn(|cx| watch.poll(cx)).await;
}

fn builder(options: &Options, started: Started) -> http2::Builder<Started> {
    let mut builder = http2::Builder::new(started);
    let header_bytes = u32::try_from(options.max_header_bytes).unwrap_or(u32::MAX);
    builder
        .max_concurrent_streams(options.max_concurrent_streams)
        .max_header_list_size(header_bytes)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER);
    builder
}

/// A stream as hyper hands it out to be run.
struct Stream {
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    pace: Option<Arc<Pace>>,
}

impl Future for Stream {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &self.pace {
            Some(pace) if pace.is_cut(cx) => Poll::Ready(()),
            _ => self.future.as_mut().poll(cx),
        }
    }
}

/// Streams that hyper started and that are not polled yet.
#[derive(Clone)]
struct Started {
    connection: Arc<Connection>,
    streams: Arc<Mutex<Vec<Stream>>>,
}

impl<F> hyper::rt::Executor<F> for Started
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.streams.lock().push(Stream {
            future: Box::pin(future),
            pace: self.connection.take_new_pace(),
        });
    }
}

/// Runs hyper's connection and its streams, and watches over them.
struct Watch {
    connection: Arc<Connection>,
    served: http2::Connection<TokioIo<Io>, Service, Started>,
    started: Started,
    streams: FuturesUnordered<Stream>,
    since: Instant,
    /// The requests that had begun at `since`; `usize::MAX` while some run.
    begun: usize,
    stall: Stall,
    timer: Timer,
    draining: bool,
}

impl Watch {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.connection.listen(cx);
        let server = self.connection.server();
        if server.is_aborting() {
            return Poll::Ready(());
        }
        if server.is_draining() && !self.draining {
            self.shut_down();
        }
        if self.poll_streams(cx).is_ready() || self.limit(cx) {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Tells the client that no further request will be answered.
    fn shut_down(&mut self) {
        self.draining = true;
        Pin::new(&mut self.served).graceful_shutdown();
    }

    /// Ready when the connection is over.
    fn poll_streams(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Poll::Ready(result) = Pin::new(&mut self.served).poll(cx) {
                if let Err(error) = result {
                    tracing::debug!(%error, "a connection ended early");
                }
                return Poll::Ready(());
            }
            self.streams.extend(self.started.streams.lock().drain(..));
            let mut finished = false;
            while let Poll::Ready(Some(())) = self.streams.poll_next_unpin(cx) {
                finished = true;
            }
            if !finished {
                return Poll::Pending;
            }
        }
    }

    /// Whether the client took too long for something; else the task will be woken in time.
    fn limit(&mut self, cx: &mut Context<'_>) -> bool {
        let server = self.connection.server().clone();
        let options = server.options();
        let now = Instant::now();
        if self.is_stuck(cx, now, options) {
            return true;
        }
        if self.connection.running() > 0 {
            self.begun = usize::MAX;
            self.look_after_streams(cx, now, options);
            return false;
        }
        self.is_idle_too_long(cx, now, options)
    }

    fn is_stuck(&mut self, cx: &mut Context<'_>, now: Instant, options: &Options) -> bool {
        let Some(since) = self.stall.since(self.connection.socket()) else {
            return false;
        };
        self.timer.wake_by(cx, since + options.write_timeout);
        now >= since + options.write_timeout
    }

    fn look_after_streams(&mut self, cx: &mut Context<'_>, now: Instant, options: &Options) {
        if let Some(next) = self.connection.uploads().expire(options.body_timeout) {
            self.timer.wake_by(cx, next);
        }
        for stream in self.streams.iter() {
            if let Some(pace) = &stream.pace {
                pace.expire(now, options.write_timeout);
            }
        }
        self.timer.wake_by(cx, now + options.write_timeout / LOOKS);
    }

    /// First says goodbye, then closes.
    fn is_idle_too_long(&mut self, cx: &mut Context<'_>, now: Instant, options: &Options) -> bool {
        let begun = self.connection.begun();
        if begun != self.begun {
            self.begun = begun;
            self.since = now;
        }
        let limit = match begun == 0 || self.draining {
            true => options.header_timeout,
            false => options.idle_timeout,
        };
        if now < self.since + limit {
            self.timer.wake_by(cx, self.since + limit);
            return false;
        }
        if self.draining {
            return true;
        }
        self.shut_down();
        self.since = now;
        cx.waker().wake_by_ref();
        false
    }
}
