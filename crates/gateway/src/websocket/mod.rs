//! WebSockets (RFC 6455): the handshake, the frames on the wire, and the session that joins a client to
//! the app's end. Knows nothing of what the messages mean.

mod decoder;
mod deflate;
mod frame;
mod handshake;
mod outbox;
mod session;

pub(crate) use deflate::Codecs;
pub(crate) use handshake::{Handshake, check_handshake, complete_handshake};
pub(crate) use session::{Upgrade, run};
