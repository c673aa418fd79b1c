//! The gateway over real sockets.

mod bodies;
mod disconnect;
mod helper;
mod http1;
mod http2;
mod limits;
mod malformed;
mod responses;
mod shutdown;
mod stress;
mod websocket;
