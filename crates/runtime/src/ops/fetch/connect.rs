//! Connections for `fetch()`: TCP, TLS and proxies as Deno's client does them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use deno_tls::SocketUse;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// What Deno's client connects with.
trait Transport: AsyncRead + AsyncWrite + Connection + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Connection + Unpin + Send> Transport for T {}

/// One connection, and whether a request was answered on it.
pub(super) struct Wire {
    io: TokioIo<Box<dyn Transport>>,
    used: Used,
}

/// Set once a connection has answered. A failure on such a connection may only mean that the server
/// had closed it while it was idle.
#[derive(Clone, Debug, Default)]
pub(super) struct Used(Arc<AtomicBool>);

impl Used {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Connects to where a URI points.
#[derive(Clone)]
pub(super) struct Connector(pub(super) deno_fetch::Client);

type Connecting =
    Pin<Box<dyn Future<Output = Result<Wire, deno_fetch::ClientConnectError>> + Send>>;

impl tower_service::Service<Uri> for Connector {
    type Response = Wire;
    type Error = deno_fetch::ClientConnectError;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Connecting {
        let client = self.0.clone();
        Box::pin(async move {
            let transport = client.connect(uri, SocketUse::Http).await?;
            Ok(Wire {
                io: TokioIo::new(Box::new(transport)),
                used: Used::default(),
            })
        })
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        self.io.inner().connected().extra(self.used.clone())
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bytes)
    }
}
