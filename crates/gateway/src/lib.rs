//! HTTP and WebSocket in front of the isolates.
//!
//! Owns the sockets: it listens, speaks HTTP/1.1, HTTP/2 without TLS and WebSocket, enforces limits and
//! time limits, and notices clients that go away. What a request means is the business of the
//! [`Handler`](cellhouse_exchange::Handler) that it is given; it never sees JavaScript.
#![forbid(unsafe_code)]

mod connection;
mod forwarded;
mod http1;
mod http2;
mod leftover;
mod listen;
mod options;
mod refusal;
mod registry;
mod response;
mod server;
mod service;
mod socket;
mod target;
mod timer;
mod upload;
mod websocket;

pub use listen::BindError;
pub use options::{HostPolicy, Options, WebSocketOptions};
pub use server::{Gateway, Summary};
