//! How an event of an app can fail, in terms that an error page and a log line are made from.

use bytes::Bytes;

/// Why there is no response.
#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: FailureKind,
    /// The error's own text: `TypeError: x is not a function`.
    pub message: String,
    /// The engine's stack, positions in the bundle. Empty where there is none.
    pub stack: String,
    /// What was thrown, for the caller within the process; see `docs/values.md`.
    pub(crate) thrown: Option<Bytes>,
}

/// The kinds of [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The app threw, or its promise was rejected.
    Exception,
    /// More CPU time than [`crate::Limits::cpu`].
    CpuLimit,
    /// More memory than [`crate::Limits::heap_bytes`].
    MemoryLimit,
    /// Nothing is left that could ever answer: no timer, no I/O, no promise under way.
    Hung,
    /// A write that the response depends on could not be made durable.
    Storage,
    /// The isolate was stopped while the event was running.
    Stopped,
    /// Too many events wait for a Durable Object.
    Overloaded,
    /// Newer code needs a Durable Object that the event's code kept for too long after a reload.
    Updated,
}

impl Failure {
    /// What an app threw: the error's text, and the stack.
    pub fn exception(message: impl Into<String>, stack: impl Into<String>) -> Self {
        Failure {
            kind: FailureKind::Exception,
            message: message.into(),
            stack: stack.into(),
            thrown: None,
        }
    }

    /// The same may work when it is tried again.
    pub(crate) fn may_be_retried(&self) -> bool {
        matches!(self.kind, FailureKind::Stopped | FailureKind::Storage)
    }

    pub(crate) fn is_overload(&self) -> bool {
        self.kind == FailureKind::Overloaded
    }

    /// A failure of a kind whose message is always the same; the texts are Cloudflare's.
    pub(crate) fn of(kind: FailureKind) -> Self {
        let message = match kind {
            FailureKind::CpuLimit => "Worker exceeded CPU time limit.",
            FailureKind::MemoryLimit => "Worker exceeded memory limit.",
            FailureKind::Hung => {
                "The Workers runtime canceled this request because it detected that your Worker's \
                 code had hung and would never generate a response."
            }
            FailureKind::Storage => "A write could not be made durable.",
            FailureKind::Stopped => "The isolate was stopped before the event was complete.",
            FailureKind::Overloaded => "Durable Object is overloaded. Too many requests queued.",
            FailureKind::Updated => crate::objects::RESET,
            FailureKind::Exception => "Error",
        };
        Failure {
            kind,
            message: message.to_owned(),
            stack: String::new(),
            thrown: None,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Why an app could not be started.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The module threw while it was evaluated, or does not parse.
    #[error("{0}")]
    Evaluation(Failure),
    /// The module exports no handler.
    #[error("{0}")]
    NoHandler(String),
    /// The engine could not be started.
    #[error("an isolate could not be started: {0}")]
    Engine(String),
}
