//! HTTP/1 on one connection: hyper speaks it, this file watches over it.
//!
//! hyper's own time limit would set a timer for every request and knows neither idle connections nor
//! slow readers. Here one lazy timer serves all limits, and the clock is read once between requests.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use crate::connection::{Connection, linger};
use crate::options::Options;
use crate::service::Service;
use crate::socket::{HangUp, Io, Stall};
use crate::timer::Timer;
use crate::websocket::Upgrade;

/// What a client is told that does not finish the head of a request.
const HEAD_TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\n\
    connection: close\r\n\
    content-type: text/plain;charset=UTF-8\r\n\
    content-length: 49\r\n\r\n\
    The head of the request was not complete in time.";

/// What may wait to be sent, and the smallest read buffer that is not a limit of its own.
const BUFFER: usize = 256 << 10;

/// hyper's settings for HTTP/1.
pub(crate) fn builder(options: &Options) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_header_size(options.max_header_bytes)
        .max_buf_size(options.max_header_bytes.max(BUFFER));
    if options.max_headers != Options::default().max_headers {
        // The number for which hyper needs no allocation is its default.
        builder.max_headers(options.max_headers);
    }
    builder
}

/// Serves HTTP/1 from `first`, what was read already, until the connection ends or is a WebSocket's: then with
/// what followed the handshake.
pub(crate) async fn serve(
    connection: &Arc<Connection>,
    first: Bytes,
    accepted: Instant,
) -> Option<(Upgrade, Bytes)> {
    let io = Io::new(connection.clone(), first);
    let service = Service::new(connection.clone());
    let server = connection.server();
    let mut served = server.http1().serve_connection(TokioIo::new(io), service);
    let mut watch = Watch::new(connection.clone(), accepted);
    let end = poll_fn(|cx| watch.poll(cx, &mut served)).await;
    match end {
        End::Finished => match connection.take_upgrade() {
            Some(_) if connection.socket().stuck_at().is_some() => {}
            Some(upgrade) => return Some((upgrade, served.into_parts().read_buf)),
            None => {
                drop(served);
                linger(connection).await;
            }
        },
        End::TooSlow => connection.socket().write_last_word(HEAD_TOO_SLOW),
        End::Cut => {}
    }
    None
}

type Served = http1::Connection<TokioIo<Io>, Service>;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// hyper is done.
    Finished,
    /// The client took too long to send the head of a request.
    TooSlow,
    /// There is nobody to talk to, or no more time.
    Cut,
}

/// What the client is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The first request, or the rest of the head of one.
    Head,
    /// Another request.
    Idle,
    /// Nothing: a request runs.
    Busy,
}

/// Watches over hyper's connection.
struct Watch {
    connection: Arc<Connection>,
    phase: Phase,
    since: Instant,
    /// The requests that had begun at `since`.
    begun: usize,
    stall: Stall,
    timer: Timer,
    hang_up: HangUp,
    draining: bool,
    listening: bool,
}

impl Watch {
    fn new(connection: Arc<Connection>, accepted: Instant) -> Self {
        Watch {
            connection,
            phase: Phase::Head,
            since: accepted,
            begun: 0,
            stall: Stall::default(),
            timer: Timer::default(),
            hang_up: HangUp::default(),
            draining: false,
            listening: false,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, served: &mut Served) -> Poll<End> {
        // A wake-up uses up the registration, and there is none before a shutdown begins.
        if !self.listening || self.connection.server().is_draining() {
            self.connection.listen(cx);
            self.listening = true;
        }
        if self.follow_shutdown(served) {
            return Poll::Ready(End::Cut);
        }
        if let Poll::Ready(result) = Pin::new(served).poll(cx) {
            return Poll::Ready(self.finished(result));
        }
        if self.has_hung_up(cx) {
            return Poll::Ready(End::Cut);
        }
        match self.limit(cx) {
            Some(end) => Poll::Ready(end),
            None => Poll::Pending,
        }
    }

    /// Lets the connection end after the present request when the gateway shuts down. `true` if it has to
    /// end at once.
    fn follow_shutdown(&mut self, served: &mut Served) -> bool {
        let server = self.connection.server();
        if server.is_draining() && !self.draining {
            self.draining = true;
            Pin::new(served).graceful_shutdown();
        }
        server.is_aborting()
    }

    fn finished(&self, result: Result<(), hyper::Error>) -> End {
        if let Err(error) = result {
            tracing::debug!(%error, "a connection ended early");
            if error.is_parse() {
                // hyper has answered 400, 414 or 431 without reading on.
                self.connection.leave_unread();
            }
        }
        End::Finished
    }

    /// Whether the client has gone while a request runs.
    fn has_hung_up(&mut self, cx: &mut Context<'_>) -> bool {
        let socket = self.connection.socket();
        self.connection.running() > 0
            && (socket.has_ended()
                || (!socket.is_reading() && self.hang_up.poll(cx, &self.connection).is_ready()))
    }

    /// Ends the connection if the client takes too long, or makes sure that the task is woken in time.
    fn limit(&mut self, cx: &mut Context<'_>) -> Option<End> {
        let server = self.connection.server().clone();
        let options = server.options();
        if let Some(since) = self.stall.since(self.connection.socket()) {
            return self.wait_until(cx, Instant::now(), since + options.write_timeout, End::Cut);
        }
        if self.connection.running() > 0 {
            self.phase = Phase::Busy;
            if let Some(next) = self.connection.uploads().expire(options.body_timeout) {
                self.timer.wake_by(cx, next);
            }
            return None;
        }
        if let Some(deadline) = self.connection.poll_leftover(cx) {
            self.timer.wake_by(cx, deadline);
            return None;
        }
        let now = Instant::now();
        self.enter(now);
        let (limit, end) = match self.phase {
            Phase::Head => (options.header_timeout, self.end_of_head()),
            _ => (options.idle_timeout, End::Cut),
        };
        self.wait_until(cx, now, self.since + limit, end)
    }

    /// `end` if it is time, else makes sure that the task is woken when it is.
    fn wait_until(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        deadline: Instant,
        end: End,
    ) -> Option<End> {
        if now >= deadline {
            return Some(end);
        }
        self.timer.wake_by(cx, deadline);
        None
    }

    /// Notes since when the client is waited for.
    fn enter(&mut self, now: Instant) {
        let begun = self.connection.begun();
        let phase = match self.connection.socket().has_input() {
            true => Phase::Head,
            false if begun == 0 => Phase::Head,
            false => Phase::Idle,
        };
        if phase != self.phase || begun != self.begun {
            self.phase = phase;
            self.since = now;
            self.begun = begun;
        }
    }

    fn end_of_head(&self) -> End {
        match self.connection.socket().has_input() {
            true => End::TooSlow,
            false => End::Cut,
        }
    }
}
