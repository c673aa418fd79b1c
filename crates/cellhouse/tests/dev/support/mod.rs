//! What the tests stand on: a project in a temporary folder, the real binary running it,
//! and a client that talks to it over HTTP. Nothing here knows what a test is about.

mod events;
mod http;
mod process;
mod project;
mod redis;
mod terminal;
mod websocket;

pub use events::Events;
pub use http::{Client, Reply, full, streamed};
pub use process::{App, Exit, Start};
pub use project::{Project, repository};
pub use redis::Redis;
pub use terminal::Terminal;
pub use websocket::WebSocket;

use std::time::Duration;

/// How long a test waits for something that must happen. Far beyond what it takes, so that only
/// a thing that never happens runs into it, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Calls `check` again and again until it says yes.
pub async fn eventually(what: &str, check: impl AsyncFnMut() -> bool) {
    assert!(happens(check).await, "it never happened: {what}");
}

/// Calls `check` again and again: whether it says yes before patience ends.
pub async fn happens(mut check: impl AsyncFnMut() -> bool) -> bool {
    let last_moment = tokio::time::Instant::now() + PATIENCE;
    while !check().await {
        if tokio::time::Instant::now() > last_moment {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}
