//! One client's connection: what its parts share, and its life from the first byte to the last.
//!
//! A connection is one task. What it speaks is told by its first bytes.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::task::AtomicWaker;
use http::HeaderValue;
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::leftover::Leftover;
use crate::response::Pace;
use crate::server::Server;
use crate::socket::Socket;
use crate::timer::Timer;
use crate::upload::Uploads;
use crate::websocket::{self, Upgrade};
use crate::{forwarded, http1, http2};

/// How a client that speaks HTTP/2 without being asked begins (RFC 9113, 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Room for the first read: most requests fit wholly.
const FIRST_READ: usize = 4096;

/// How long what a client still sends is taken and thrown away, so that it gets to read why its request was
/// refused: data that arrives at a closed socket makes the system throw the answer away (nginx:
/// `lingering_timeout`, 5 s).
const LINGER: Duration = Duration::from_secs(5);
const LINGER_IN_SHUTDOWN: Duration = Duration::from_millis(500);

/// What all that concerns one connection shares.
#[derive(Debug)]
pub(crate) struct Connection {
    server: Arc<Server>,
    socket: Socket,
    client_address: SocketAddr,
    client_ip: HeaderValue,
    /// The task of the connection.
    task: AtomicWaker,
    /// Requests that run, WebSockets included.
    running: AtomicUsize,
    /// Requests that began.
    begun: AtomicUsize,
    uploads: Uploads,
    /// A request was answered before it had been read.
    unread: AtomicBool,
    /// What is being read and thrown away before the next request.
    leftover: Mutex<Option<Leftover>>,
    /// What the connection becomes once its last response, a 101, is sent.
    upgrade: Mutex<Option<Upgrade>>,
    /// The pace of the HTTP/2 stream that began last, for its task.
    new_pace: Mutex<Option<Arc<Pace>>>,
}

impl Connection {
    pub(crate) fn new(server: Arc<Server>, tcp: TcpStream, client: SocketAddr) -> Arc<Self> {
        Arc::new(Connection {
            server,
            socket: Socket::new(tcp),
            client_address: client,
            client_ip: forwarded::address_value(client.ip()),
            task: AtomicWaker::new(),
            running: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            uploads: Uploads::default(),
            unread: AtomicBool::new(false),
            leftover: Mutex::new(None),
            upgrade: Mutex::new(None),
            new_pace: Mutex::new(None),
        })
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(crate) fn client_address(&self) -> SocketAddr {
        self.client_address
    }

    pub(crate) fn client_ip(&self) -> &HeaderValue {
        &self.client_ip
    }

    pub(crate) fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// Lets [`Connection::wake`] wake the task of `cx`.
    pub(crate) fn listen(&self, cx: &mut Context<'_>) {
        self.task.register(cx.waker());
    }

    /// Lets the connection look at what has become of the gateway.
    pub(crate) fn wake(&self) {
        self.task.wake();
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    pub(crate) fn begin_request(&self) {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end_request(&self) {
        self.socket.forget_input();
        self.running.fetch_sub(1, Ordering::Relaxed);
        self.server.request_ended();
    }

    /// Notes that something that the client sends will never be read.
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Reads what is left of a request's body before the next request, if that is worth it.
    pub(crate) fn skip(&self, incoming: Incoming) {
        match Leftover::new(incoming) {
            Some(leftover) => *self.leftover.lock() = Some(leftover),
            None => self.leave_unread(),
        }
    }

    /// Reads on what [`Connection::skip`] was given. Returns when it will be given up if
    /// nothing comes.
    pub(crate) fn poll_leftover(&self, cx: &mut Context<'_>) -> Option<Instant> {
        let mut slot = self.leftover.lock();
        let leftover = slot.as_mut()?;
        let given_up = match leftover.poll(cx) {
            Poll::Ready(true) => {
                *slot = None;
                return None;
            }
            Poll::Ready(false) => true,
            Poll::Pending => self.server.is_draining(),
        };
        let deadline = leftover.deadline(self.server.options().body_timeout);
        if given_up || Instant::now() >= deadline {
            *slot = None;
            self.leave_unread();
            // hyper closes the connection for a body that nobody reads, when it is polled.
            cx.waker().wake_by_ref();
            return None;
        }
        Some(deadline)
    }

    pub(crate) fn upgrade_to(&self, upgrade: Upgrade) {
        *self.upgrade.lock() = Some(upgrade);
    }

    pub(crate) fn take_upgrade(&self) -> Option<Upgrade> {
        self.upgrade.lock().take()
    }

    pub(crate) fn new_pace(&self) -> Arc<Pace> {
        let pace = Pace::new();
        *self.new_pace.lock() = Some(pace.clone());
        pace
    }

    pub(crate) fn take_new_pace(&self) -> Option<Arc<Pace>> {
        self.new_pace.lock().take()
    }
}

/// Serves a connection until it ends.
pub(crate) async fn serve(connection: Arc<Connection>) {
    // In a box, so that a WebSocket, which may be open for days, does not keep the room that HTTP took.
    let upgrade = Box::pin(serve_http(&connection)).await;
    if let Some((upgrade, received)) = upgrade {
        websocket::run(&connection, upgrade, received).await;
    }
}

/// Serves HTTP until the connection ends or is a WebSocket's: then with what followed the handshake.
async fn serve_http(connection: &Arc<Connection>) -> Option<(Upgrade, Bytes)> {
    let accepted = Instant::now();
    match begin(connection, accepted).await? {
        (Protocol::Http1, first) => http1::serve(connection, first, accepted).await,
        (Protocol::Http2, first) => {
            http2::serve(connection, first, accepted).await;
            None
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// Reads until the protocol is clear. `None` if the client says nothing.
async fn begin(connection: &Connection, accepted: Instant) -> Option<(Protocol, Bytes)> {
    let deadline = accepted + connection.server.options().header_timeout;
    let mut first = BytesMut::with_capacity(FIRST_READ);
    let mut timer = Timer::default();
    let protocol = poll_fn(|cx| {
        connection.listen(cx);
        if connection.server.is_draining() || Instant::now() >= deadline {
            return Poll::Ready(None);
        }
        timer.wake_by(cx, deadline);
        loop {
            match connection.socket.poll_read(cx, &mut first) {
                Poll::Ready(Ok(count)) if count > 0 => {}
                Poll::Ready(_) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
            if let Some(protocol) = detect(&first) {
                return Poll::Ready(Some(protocol));
            }
        }
    });
    let protocol = protocol.await?;
    Some((protocol, first.freeze()))
}

/// `None` while it may be either.
fn detect(first: &[u8]) -> Option<Protocol> {
    let known = first.len().min(HTTP2_PREFACE.len());
    if first[..known] != HTTP2_PREFACE[..known] {
        return Some(Protocol::Http1);
    }
    (known == HTTP2_PREFACE.len()).then_some(Protocol::Http2)
}

/// After the last response, if the client may still be sending: lets it finish, for a while.
pub(crate) async fn linger(connection: &Connection) {
    if !connection.unread.load(Ordering::Relaxed) || connection.socket.has_ended() {
        return;
    }
    if connection.socket.finish_writing().is_err() {
        return;
    }
    let begun = Instant::now();
    let mut waste = BytesMut::with_capacity(FIRST_READ);
    let mut timer = Timer::default();
    poll_fn(|cx| {
        connection.listen(cx);
        let patience = match connection.server.is_draining() {
            true => LINGER_IN_SHUTDOWN,
            false => LINGER,
        };
        if connection.server.is_aborting() || begun.elapsed() >= patience {
            return Poll::Ready(());
        }
        timer.wake_by(cx, begun + patience);
        loop {
            waste.clear();
            match connection.socket.poll_read(cx, &mut waste) {
                Poll::Ready(Ok(count)) if count > 0 => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_clear_as_soon_as_it_can_be() {
        assert_eq!(detect(b""), None);
        assert_eq!(detect(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"), None);
        assert_eq!(detect(HTTP2_PREFACE), Some(Protocol::Http2));
        let longer = [HTTP2_PREFACE, b"\0\0"].concat();
        assert_eq!(detect(&longer), Some(Protocol::Http2));
        for other in ["G", "PR ", "PRI * HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nXX"] {
            assert_eq!(detect(other.as_bytes()), Some(Protocol::Http1), "{other}");
        }
    }
}
