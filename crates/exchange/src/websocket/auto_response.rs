//! Answers that are given in an app's place, so that a client's question whether anybody is there wakes
//! nobody: `setWebSocketAutoResponse()` of Durable Objects.
//!
//! Owns the pair of texts and the clock of its use; limits on the texts are the runtime's.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// A text and what to answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoResponse {
    /// The text of a whole message, compared byte by byte.
    pub request: String,
    pub response: String,
}

/// Answers for all sockets that it is given to
/// ([`FrameSender::set_auto_responder`](super::FrameSender::set_auto_responder)). Clones are the same, so
/// one call changes the answer of all sockets of an object.
#[derive(Clone)]
pub struct AutoResponder(Arc<Inner>);

struct Inner {
    /// Milliseconds since 1970.
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
    response: Mutex<Option<Arc<AutoResponse>>>,
}

impl AutoResponder {
    /// One that answers nothing yet. `clock` tells milliseconds since 1970 and is asked when an answer is
    /// given; it must not block.
    pub fn new(clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        AutoResponder(Arc::new(Inner {
            clock: Box::new(clock),
            response: Mutex::new(None),
        }))
    }

    /// What is answered from now on; `None` for nothing.
    pub fn set(&self, response: Option<AutoResponse>) {
        *self.0.response.lock() = response.map(Arc::new);
    }

    /// What was last [set](AutoResponder::set).
    pub fn get(&self) -> Option<Arc<AutoResponse>> {
        self.0.response.lock().clone()
    }

    pub(super) fn response_to(&self, text: &str) -> Option<Arc<AutoResponse>> {
        let response = self.0.response.lock();
        response
            .as_ref()
            .filter(|pair| pair.request == text)
            .cloned()
    }

    pub(super) fn now(&self) -> u64 {
        (self.0.clock)()
    }
}

impl fmt::Debug for AutoResponder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AutoResponder").field(&self.get()).finish()
    }
}
