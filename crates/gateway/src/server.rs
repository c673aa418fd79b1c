//! The gateway itself: accepting connections, and the shutdown that lets requests finish.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use cellhouse_exchange::Handler;
use hyper::server::conn::http1 as hyper_http1;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::connection::{self, Connection};
use crate::http1;
use crate::listen::{self, BindError};
use crate::options::Options;
use crate::registry::Registry;
use crate::websocket::Codecs;

/// How long accepting pauses when the system has no file descriptor or memory for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long connections may take to notice that they are cut off.
const ABORT_PATIENCE: Duration = Duration::from_secs(1);

/// A gateway that listens and is ready to run.
#[derive(Debug)]
pub struct Gateway {
    options: Options,
    listeners: Vec<StdListener>,
    addresses: Vec<SocketAddr>,
}

/// What became of the requests that were running when a gateway was told to shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Requests and WebSockets that came to their end.
    pub drained: usize,
    /// Requests and WebSockets that were cut off when [`Options::drain_timeout`] was over.
    pub aborted: usize,
}

impl Gateway {
    /// Listens on every address of [`Options::listen`], or on none. Connections queue from here on; they
    /// are served by [`Gateway::run`].
    pub fn bind(options: Options) -> Result<Gateway, BindError> {
        let listeners = listen::bind_all(&options.listen)?;
        let addresses = (listeners.iter().zip(&options.listen))
            .map(|(listener, &asked)| listener.local_addr().unwrap_or(asked))
            .collect();
        Ok(Gateway {
            options,
            listeners,
            addresses,
        })
    }

    /// The first address, with the port that was taken where port 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// All addresses, in the order of [`Options::listen`].
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Serves until `shutdown` is ready, then lets running requests finish. Connections are tasks of the
    /// runtime that this is called on. Dropping the future cuts all connections off.
    ///
    /// Fails if the runtime cannot watch the listening sockets.
    pub async fn run(
        self,
        handler: Arc<dyn Handler>,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<Summary> {
        let listeners = (self.listeners.into_iter())
            .map(TcpListener::from_std)
            .collect::<io::Result<Vec<_>>>()?;
        let server = Arc::new(Server::new(self.options, handler));
        let _cut_off = CutOff(server.clone());
        {
            let mut accepting = pin!(accept_all(&server, &listeners));
            let mut shutdown = pin!(shutdown);
            poll_fn(|cx| match shutdown.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => accepting.as_mut().poll(cx),
            })
            .await;
        }
        drop(listeners);
        Ok(server.drain().await)
    }
}

/// What all connections share.
pub(crate) struct Server {
    options: Options,
    handler: Arc<dyn Handler>,
    http1: hyper_http1::Builder,
    connections: Arc<Registry>,
    codecs: Arc<Codecs>,
    slots: Arc<Semaphore>,
    draining: AtomicBool,
    aborting: AtomicBool,
    /// Requests that ended since the shutdown began.
    drained: AtomicUsize,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut server = f.debug_struct("Server");
        server
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Server {
    fn new(options: Options, handler: Arc<dyn Handler>) -> Self {
        let slots = options.max_connections.clamp(1, Semaphore::MAX_PERMITS);
        Server {
            http1: http1::builder(&options),
            options,
            handler,
            connections: Arc::default(),
            codecs: Arc::default(),
            slots: Arc::new(Semaphore::new(slots)),
            draining: AtomicBool::new(false),
            aborting: AtomicBool::new(false),
            drained: AtomicUsize::new(0),
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn handler(&self) -> &dyn Handler {
        &*self.handler
    }

    pub(crate) fn http1(&self) -> &hyper_http1::Builder {
        &self.http1
    }

    /// What compresses for WebSockets.
    pub(crate) fn codecs(&self) -> &Arc<Codecs> {
        &self.codecs
    }

    /// Whether connections are to end as soon as their requests have ended.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether connections are to end at once.
    pub(crate) fn is_aborting(&self) -> bool {
        self.aborting.load(Ordering::Acquire)
    }

    pub(crate) fn request_ended(&self) {
        if self.is_draining() && !self.is_aborting() {
            self.drained.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn drain(&self) -> Summary {
        self.draining.store(true, Ordering::Release);
        self.connections.wake_all();
        let patience = self.options.drain_timeout;
        let in_time = tokio::time::timeout(patience, self.connections.emptied()).await;
        let mut aborted = 0;
        if in_time.is_err() {
            aborted = self.connections.running();
            self.abort();
            let cut = tokio::time::timeout(ABORT_PATIENCE, self.connections.emptied()).await;
            if cut.is_err() {
                tracing::warn!("some connections do not end; they are left behind");
            }
        }
        Summary {
            drained: self.drained.load(Ordering::Relaxed),
            aborted,
        }
    }

    fn abort(&self) {
        self.draining.store(true, Ordering::Release);
        self.aborting.store(true, Ordering::Release);
        self.connections.wake_all();
    }
}

/// Ends what is left when [`Gateway::run`] ends or is dropped.
struct CutOff(Arc<Server>);

impl Drop for CutOff {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Accepts connections for ever.
async fn accept_all(server: &Arc<Server>, listeners: &[TcpListener]) {
    loop {
        let Ok(slot) = server.slots.clone().acquire_owned().await else {
            return;
        };
        let (stream, client) = accept(listeners).await;
        if let Err(error) = listen::tune(&stream) {
            // The client has gone already.
            tracing::debug!(%error, "could not set up a connection");
        }
        let connection = Connection::new(server.clone(), stream, client);
        let entry = server.connections.add(&connection);
        tokio::spawn(async move {
            connection::serve(connection).await;
            drop((entry, slot));
        });
    }
}

/// The next connection of any listener.
async fn accept(listeners: &[TcpListener]) -> (TcpStream, SocketAddr) {
    let mut warned = false;
    loop {
        match poll_fn(|cx| poll_accept(listeners, cx)).await {
            Ok(accepted) => return accepted,
            Err(error) if concerns_client(&error) => {
                tracing::debug!(%error, "a connection ended before it was accepted");
            }
            Err(error) => {
                if !warned {
                    tracing::warn!(%error, "cannot accept connections at the moment");
                    warned = true;
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn poll_accept(
    listeners: &[TcpListener],
    cx: &mut Context<'_>,
) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
    for listener in listeners {
        if let Poll::Ready(result) = listener.poll_accept(cx) {
            return Poll::Ready(result);
        }
    }
    Poll::Pending
}

fn concerns_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
