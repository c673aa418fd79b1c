//! Listening sockets: binding them, and saying clearly why one could not be bound.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};

/// Connections that may wait in the system's queue; the system lowers it to its own limit (4,096 on Linux).
const BACKLOG: i32 = 4096;

/// When the system begins to ask a silent peer whether it is still there, how often it asks, and how often
/// it asks in vain: a peer without power is noticed within two minutes.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 4;

/// Why a gateway could not listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another process has the port.
    #[error("{address} is already in use by another process")]
    AddressInUse { address: SocketAddr },
    /// The port needs privileges: on Linux those below 1024.
    #[error(
        "no permission to listen on {address}; ports below 1024 need privileges on most systems"
    )]
    PermissionDenied { address: SocketAddr },
    /// No interface of this machine has the address.
    #[error("{address} is not an address of this machine")]
    NotAvailable { address: SocketAddr },
    /// No address was given.
    #[error("no address to listen on was given")]
    NoAddress,
    /// Anything else that the system reports.
    #[error("cannot listen on {address}: {source}")]
    Other {
        address: SocketAddr,
        source: io::Error,
    },
}

/// Binds every address, or none.
pub(crate) fn bind_all(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, BindError> {
    if addresses.is_empty() {
        return Err(BindError::NoAddress);
    }
    addresses
        .iter()
        .map(|&address| bind(address).map_err(|error| explain(address, error)))
        .collect()
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // A restarted server need not wait until the connections of the last one have timed out. On Windows
    // the option would let two processes share the port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // [::] and 0.0.0.0 can then be listened on side by side, on every system alike.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn explain(address: SocketAddr, source: io::Error) -> BindError {
    match source.kind() {
        io::ErrorKind::AddrInUse => BindError::AddressInUse { address },
        io::ErrorKind::PermissionDenied => BindError::PermissionDenied { address },
        io::ErrorKind::AddrNotAvailable => BindError::NotAvailable { address },
        _ => BindError::Other { address, source },
    }
}

/// Prepares an accepted connection: answers leave at once, and silent peers are asked for life signs.
pub(crate) fn tune(stream: &tokio::net::TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_INTERVAL);
    #[cfg(not(windows))]
    let keepalive = keepalive.with_retries(KEEPALIVE_RETRIES);
    socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive)
}
