//! Message bodies: nothing, bytes that are already there, or a stream with back-pressure.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;

/// A stream of chunks. Whoever polls it sets the pace; dropping it cancels what produces it.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;

/// The body of a request or a response.
#[derive(Default)]
pub enum Body {
    /// No body at all: a GET request, a 204 response.
    #[default]
    Empty,
    /// A body that is wholly in memory.
    Bytes(Bytes),
    /// A body that arrives in chunks. `length` is its size in bytes where it is known in advance.
    Stream {
        stream: BodyStream,
        length: Option<u64>,
    },
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Body::Empty => f.write_str("Empty"),
            Body::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Body::Stream { length, .. } => write!(f, "Stream({length:?})"),
        }
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Body::Bytes(Bytes::from_static(text.as_bytes()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body::Bytes(Bytes::from(text))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::Bytes(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body::Bytes(Bytes::from(bytes))
    }
}

impl Body {
    /// The size in bytes, where it is known before the body is read.
    pub fn length(&self) -> Option<u64> {
        match self {
            Body::Empty => Some(0),
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Stream { length, .. } => *length,
        }
    }
}

/// Why a body ended before its end.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The other side went away.
    #[error("the connection was closed before the body was complete")]
    Disconnected,
    /// More bytes than the configured limit.
    #[error("the body is larger than the limit of {limit} bytes")]
    TooLarge { limit: u64 },
    /// No byte arrived within the configured time.
    #[error("no data arrived within the time limit")]
    TimedOut,
    /// The peer broke the rules of its protocol; the text says which.
    #[error("the body is malformed: {0}")]
    Malformed(String),
    /// The code that produced the body threw; `encoded` is what, for who reads the body in this process.
    #[error("{text}")]
    Thrown { text: String, encoded: Bytes },
    /// The code that produced the body failed; the text says how.
    #[error("{0}")]
    Failed(String),
}
