//! One client's TCP connection as hyper and the WebSocket code use it.
//!
//! It is shared: besides reading and writing, the connection's task has to know whether the client hung
//! up while nobody reads, and whether it takes what is written. Owns no protocol and no time limit.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::connection::Connection;

/// Whether the system tells of new data only once. A read that did not fill its buffer has then emptied
/// the socket, and another one, to find that out, can be saved.
const EDGE_TRIGGERED: bool = cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
));

/// What is written together up to this size is copied into one piece before: for a small response it
/// saves 5 % of its CPU time to spare the system the list.
const GATHER_BYTES: usize = 1024;

/// A TCP connection and what is known about its two directions. All flags belong to the task of the
/// connection; they are atomic only because its futures must be `Send`.
#[derive(Debug)]
pub(crate) struct Socket {
    tcp: TcpStream,
    /// The last read found nothing, so that the task is woken by whatever comes, a hang-up included.
    reading: AtomicBool,
    /// The client sends nothing more, or the connection broke.
    ended: AtomicBool,
    /// Bytes arrived since [`Socket::forget_input`].
    input: AtomicBool,
    /// The last write found no room.
    stuck: AtomicBool,
    /// Writes that succeeded.
    writes: AtomicUsize,
}

impl Socket {
    pub(crate) fn new(tcp: TcpStream) -> Self {
        Socket {
            tcp,
            reading: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            input: AtomicBool::new(false),
            stuck: AtomicBool::new(false),
            writes: AtomicUsize::new(0),
        }
    }

    /// Waits until there may be something to read, for readers that want no room before.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.reading.store(true, Relaxed);
        ready!(self.tcp.poll_read_ready(cx))?;
        self.reading.store(false, Relaxed);
        Poll::Ready(Ok(()))
    }

    /// Reads into `buffer`, which must have room. 0 bytes are the end.
    pub(crate) fn poll_read<B: BufMut>(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut B,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_readable(cx))?;
            match self.read_now(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    let got = matches!(result, Ok(count) if count > 0);
                    if got {
                        self.input.store(true, Relaxed);
                    } else {
                        self.ended.store(true, Relaxed);
                    }
                    return Poll::Ready(result);
                }
            }
        }
    }

    fn read_now<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        let room = buffer.chunk_mut().len();
        let mut got = None;
        let attempt = self.tcp.try_io(Interest::READABLE, || {
            let count = self.tcp.try_read_buf(buffer)?;
            got = Some(count);
            if EDGE_TRIGGERED && 0 < count && count < room {
                // Makes tokio wait for the next event.
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(())
        });
        match got {
            Some(count) => Ok(count),
            None => attempt.map(|()| 0),
        }
    }

    pub(crate) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            if self.tcp.poll_write_ready(cx)?.is_pending() {
                self.stuck.store(true, Relaxed);
                return Poll::Pending;
            }
            let result = self.write_now(slices);
            match result {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    self.stuck.store(false, Relaxed);
                    self.writes
                        .store(self.writes.load(Relaxed).wrapping_add(1), Relaxed);
                    return Poll::Ready(result);
                }
            }
        }
    }

    fn write_now(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if let [slice] = slices {
            return self.tcp.try_write(slice);
        }
        let mut gathered = [0; GATHER_BYTES];
        match gather(slices, &mut gathered) {
            Some(count) => self.tcp.try_write(&gathered[..count]),
            None => self.tcp.try_write_vectored(slices),
        }
    }

    /// Writes a short last word if there is room for it.
    pub(crate) fn write_last_word(&self, text: &[u8]) {
        if let Err(error) = self.tcp.try_write(text) {
            tracing::debug!(%error, "could not tell the client why its connection is closed");
        }
    }

    /// Tells the client that nothing more will be sent.
    pub(crate) fn finish_writing(&self) -> io::Result<()> {
        match socket2::SockRef::from(&self.tcp).shutdown(Shutdown::Write) {
            // The client was faster.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }

    /// Whether whoever reads waits for data, and will therefore notice a hang-up.
    pub(crate) fn is_reading(&self) -> bool {
        self.reading.load(Relaxed)
    }

    /// Whether the client is known to send nothing more.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    /// Whether bytes arrived since the last [`Socket::forget_input`].
    pub(crate) fn has_input(&self) -> bool {
        self.input.load(Relaxed)
    }

    pub(crate) fn forget_input(&self) {
        self.input.store(false, Relaxed);
    }

    /// While the client takes nothing: a number that changes as soon as it does.
    pub(crate) fn stuck_at(&self) -> Option<usize> {
        self.stuck.load(Relaxed).then(|| self.writes.load(Relaxed))
    }
}

/// Copies all slices into `buffer`; `None` if they do not fit.
fn gather(slices: &[IoSlice<'_>], buffer: &mut [u8]) -> Option<usize> {
    let mut count = 0;
    for slice in slices {
        let room = buffer.get_mut(count..count + slice.len())?;
        room.copy_from_slice(slice);
        count += slice.len();
    }
    Some(count)
}

/// hyper's side of the socket: first what was read before hyper began, then the socket itself.
#[derive(Debug)]
pub(crate) struct Io {
    connection: Arc<Connection>,
    already_read: Bytes,
}

impl Io {
    pub(crate) fn new(connection: Arc<Connection>, already_read: Bytes) -> Self {
        Io {
            connection,
            already_read,
        }
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.already_read.has_remaining() {
            let count = self.already_read.len().min(buffer.remaining());
            buffer.put_slice(&self.already_read.split_to(count));
            return Poll::Ready(Ok(()));
        }
        let socket = self.connection.socket();
        socket.poll_read(cx, buffer).map_ok(|_count| ())
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let socket = self.connection.socket();
        socket.poll_write(cx, &[IoSlice::new(buffer)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.connection.socket().poll_write(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.connection.socket().finish_writing())
    }
}

/// How long a client has taken nothing of what is to be sent.
#[derive(Debug, Default)]
pub(crate) struct Stall {
    seen: Option<(usize, Instant)>,
}

impl Stall {
    /// Since when the client takes nothing; `None` if it does, or if nothing is to be sent. The clock is
    /// read only where it matters.
    pub(crate) fn since(&mut self, socket: &Socket) -> Option<Instant> {
        let Some(writes) = socket.stuck_at() else {
            self.seen = None;
            return None;
        };
        let since = match self.seen {
            Some((before, since)) if before == writes => since,
            _ => Instant::now(),
        };
        self.seen = Some((writes, since));
        Some(since)
    }
}

/// Waits for the client to hang up while nobody reads: when a body is not asked for, or when bytes that
/// came too early wait. Elsewhere the read that is under way notices it.
#[derive(Default)]
pub(crate) struct HangUp {
    waiting: Option<Pin<Box<dyn Future<Output = bool> + Send>>>,
    blind: bool,
}

impl HangUp {
    /// Ready once the client has hung up.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, connection: &Arc<Connection>) -> Poll<()> {
        if self.blind {
            return Poll::Pending;
        }
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(hang_up(connection.clone())));
        if ready!(waiting.as_mut().poll(cx)) {
            return Poll::Ready(());
        }
        self.blind = true;
        self.waiting = None;
        Poll::Pending
    }
}

/// `true` once the client has hung up, `false` if this cannot be told.
#[cfg(any(target_os = "linux", target_os = "android"))]
async fn hang_up(connection: Arc<Connection>) -> bool {
    // The event for "priority" data is never caused by ordinary data, and includes the hang-up.
    let ready = connection.socket().tcp.ready(Interest::PRIORITY).await;
    ready.is_ok_and(|ready| ready.is_read_closed())
}

/// Other systems have no event for it alone: the hang-up is noticed with the next read or write.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
async fn hang_up(_connection: Arc<Connection>) -> bool {
    false
}
