//! What passes between the gateway and the isolates: requests, responses, bodies and WebSocket ends.
//!
//! Owns the types alone. Sockets are the gateway's, JavaScript is the runtime's; both speak in these
//! words, and so will nodes that forward to each other.

mod body;
mod message;
mod websocket;

pub use body::{Body, BodyError, BodyStream};
pub use message::{Client, Handler, HandlerFuture, Request, Response};
pub use websocket::{
    ASSURED_BYTES, AutoResponder, AutoResponse, Budget, Frame, FrameReceiver, FrameSender,
    MAX_QUEUED_BYTES, SendError, WebSocketEnd,
};
