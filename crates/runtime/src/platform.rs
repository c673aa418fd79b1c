//! Events of an app that are no requests: what the isolate is told of them. What they mean, and what the
//! answer does, is known to `js/platform_events.js` and to whoever sends them.

use cellhouse_queues::Queue;

/// An event for a handler of an app.
#[derive(Debug, Clone)]
pub struct AppEvent {
    /// Which handler.
    pub kind: EventKind,
    /// JSON text.
    pub data: String,
    /// Bytes that go beside it, such as the bodies of messages.
    pub bodies: Vec<Vec<u8>>,
}

/// The kinds of [`AppEvent`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// Messages for `queue(batch, env, ctx)`. The answer is a `cellhouse_queues::Outcome` as JSON.
    Queue,
    /// A message for Ploy's `message(event, env, ctx)`. The answer is empty.
    Message,
    /// A timer for Ploy's `timer(event, env, ctx)`. The answer is empty.
    Timer,
    /// An execution for the handler of that workflow. The answer is how it ended, as JSON.
    Workflow(String),
    /// A run of an instance for that class. The answer is how it ended, as JSON.
    Instance(String),
}

/// The name of the binding by which an app runs a Workflow. No app sees it.
pub fn runs_workflow(name: &str) -> String {
    format!("cellhouse:workflow:{name}")
}

impl EventKind {
    /// The name of the handler.
    pub fn as_str(&self) -> &'static str {
        match self {
            EventKind::Queue => "queue",
            EventKind::Message => "message",
            EventKind::Timer => "timer",
            EventKind::Workflow(_) => "workflow",
            EventKind::Instance(_) => "instance",
        }
    }
}

/// A queue as a binding.
#[derive(Clone)]
pub struct QueueBinding {
    /// Where its messages go.
    pub queue: Queue,
    /// Seconds until a message is delivered that does not say.
    pub delivery_delay: u32,
    /// Whose methods it has.
    pub style: QueueStyle,
}

/// Whose methods a queue's binding has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueStyle {
    /// `send(body, options)`, which gives metrics.
    Cloudflare,
    /// `send(payload, options)`, which gives an id.
    Ploy,
}
