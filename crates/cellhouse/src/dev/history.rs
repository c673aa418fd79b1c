//! Forgetting what objects could go back to when it is too old, a little at a time. What is too old, and
//! what is removed, is up to the store.

use std::time::Duration;

use cellhouse_objects::{HistorySweep, Objects};
use tokio::time::Instant;

/// The pause between two ways through all objects. History is kept for days, so nobody notices.
const PAUSE: Duration = Duration::from_secs(60 * 60);
/// Rows looked at in one step: some 50 ms of one core.
const ROWS: usize = 1_000;
/// Steps in one go, so that more is removed in time than busy objects add.
const STEPS: usize = 20;

/// How far it has come.
#[derive(Default)]
pub(super) struct HistorySweeper {
    sweep: HistorySweep,
    /// When it begins again.
    next: Option<Instant>,
}

impl HistorySweeper {
    /// Does some of it, unless there is a pause. Blocks.
    pub(super) fn go_on(&mut self, objects: &Objects) {
        if self.next.is_some_and(|next| Instant::now() < next) {
            return;
        }
        self.next = None;
        for _ in 0..STEPS {
            match objects.sweep_history(&mut self.sweep, ROWS) {
                Ok(true) => {}
                Ok(false) => {
                    self.next = Some(Instant::now() + PAUSE);
                    return;
                }
                Err(error) => {
                    return tracing::warn!("old history could not be removed: {error}");
                }
            }
        }
    }
}
