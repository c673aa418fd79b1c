//! What a gateway may be told, with the defaults and where each of them comes from.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How a [`Gateway`](crate::Gateway) listens and what it lets pass. Sizes are in bytes.
#[derive(Debug, Clone)]
pub struct Options {
    /// The addresses to listen on. Port 0 takes any free port. Default: `127.0.0.1:8787`, the port of
    /// `wrangler dev`.
    pub listen: Vec<SocketAddr>,
    /// Whose names a Host header may carry. Default: [`HostPolicy::Any`].
    pub allowed_hosts: HostPolicy,
    /// The largest request body; 413 beyond. Default: 100 MiB, Cloudflare's limit of the Free and Pro plans.
    pub max_body_bytes: u64,
    /// The largest request line and headers together; 431 beyond. Default: 128 KiB, Cloudflare's limit.
    pub max_header_bytes: usize,
    /// The most header lines of one request; 431 beyond. Default: 100, as in Apache (`LimitRequestFields`)
    /// and hyper, which parses up to so many without allocating.
    pub max_headers: usize,
    /// The longest path and query; 414 beyond. Default: 16 KiB, Cloudflare's limit.
    pub max_uri_bytes: usize,
    /// How long a client may take to send the whole head of a request. Default: 30 s (hyper's; nginx has 60 s).
    pub header_timeout: Duration,
    /// How long a connection may be open between requests. Default: 400 s, as between clients and Cloudflare.
    pub idle_timeout: Duration,
    /// How long a request body may bring no byte while the app waits for one; 408 if the response has
    /// not begun. Default: 60 s (nginx's `client_body_timeout`).
    pub body_timeout: Duration,
    /// How long a client may take no byte of what is to be sent. Default: 60 s (nginx's `send_timeout`).
    pub write_timeout: Duration,
    /// Connections that are served at once. More wait in the listen queue of the system. Default: 10,000.
    pub max_connections: usize,
    /// Requests that run at once on one HTTP/2 connection. Default: 200 (hyper's; RFC 9113 wants at least 100).
    pub max_concurrent_streams: u32,
    /// How long a shutdown waits for running requests. Default: 30 s, the grace period of Kubernetes.
    pub drain_timeout: Duration,
    /// WebSocket settings.
    pub websocket: WebSocketOptions,
}

/// The part of [`Options`] that is about WebSockets.
#[derive(Debug, Clone)]
pub struct WebSocketOptions {
    /// The largest message of a client, also once it is decompressed; 1009 beyond. Default: 32 MiB, Cloudflare's limit since 2025-10-31.
    pub max_message_bytes: usize,
    /// Messages of more bytes are compressed for clients that offer permessage-deflate; `None` refuses the
    /// offer, so that clients do not compress either. Default: 1024, about what fits in one packet, so that less
    /// would save nothing (the default of npm's `ws` as well).
    pub compress_above: Option<usize>,
    /// How often a silent client is pinged; one that stays silent for as long again is taken for gone.
    /// Default: 30 s, below the 60 s after which proxies such as nginx cut a silent connection.
    pub ping_interval: Option<Duration>,
    /// How long either side may take to answer a close frame. After it the gateway answers a client in the
    /// app's place, or closes the connection of a silent client. Default: 10 s.
    pub close_timeout: Duration,
}

/// Which hosts a request may be for. Guards local servers against DNS rebinding: a web page of
/// `evil.example` whose name suddenly points to 127.0.0.1 still sends `Host: evil.example`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum HostPolicy {
    /// Any host: apps route by it.
    #[default]
    Any,
    /// `localhost`, names below it, and loopback addresses. Others get 403.
    LoopbackNames,
    /// The names and addresses of the list, in lower case and without port. Others get 403.
    List(Vec<String>),
}

impl Default for Options {
    fn default() -> Self {
        Options {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8787))],
            allowed_hosts: HostPolicy::Any,
            max_body_bytes: 100 << 20,
            max_header_bytes: 128 << 10,
            max_headers: 100,
            max_uri_bytes: 16 << 10,
            header_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(400),
            body_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(60),
            max_connections: 10_000,
            max_concurrent_streams: 200,
            drain_timeout: Duration::from_secs(30),
            websocket: WebSocketOptions::default(),
        }
    }
}

impl Default for WebSocketOptions {
    fn default() -> Self {
        WebSocketOptions {
            max_message_bytes: 32 << 20,
            compress_above: Some(1024),
            ping_interval: Some(Duration::from_secs(30)),
            close_timeout: Duration::from_secs(10),
        }
    }
}
