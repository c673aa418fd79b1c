//! Commits that were handed in and are not yet in the engine, and who waits for that.
//!
//! `commit()` only appends here. The driver (`driver.rs`) takes all that has gathered when the log
//! is free, or earlier when a reader needs to see it or a lot has gathered. Nothing here waits for
//! a disk, except whoever commits when the byte budget is used up.

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;

use crate::Error;
use crate::commit::Change;

/// From this many bytes on a group is taken although the log still syncs the one before, so that
/// big transactions stream into the log instead of stopping for each sync.
const EAGER_BYTES: usize = 1 << 20;

pub(crate) struct Queue {
    state: Mutex<State>,
    /// Somebody took a group, or the shard failed.
    room: Condvar,
    /// The engine has a group, or the shard failed.
    applied: Condvar,
    /// There may be something for the driver to do.
    pub(crate) work: Notify,
    budget: usize,
}

struct State {
    changes: Vec<Change>,
    bytes: usize,
    /// Number of the last commit handed in.
    last: u64,
    /// Number of the last commit that reads of the engine see.
    applied: u64,
    /// A reader waits for this commit to be applied.
    wanted: u64,
    refused: Option<Error>,
}

/// What the driver takes at a time.
pub(crate) struct Group {
    pub(crate) changes: Vec<Change>,
    /// Number of its last commit.
    pub(crate) last: u64,
}

/// What the driver does next.
pub(crate) enum Next {
    Apply(Group),
    Wait,
    /// Nothing is left and nothing more will come.
    End,
}

impl Queue {
    pub(crate) fn new(budget: usize) -> Queue {
        Queue {
            state: Mutex::new(State {
                changes: Vec::new(),
                bytes: 0,
                last: 0,
                applied: 0,
                wanted: 0,
                refused: None,
            }),
            room: Condvar::new(),
            applied: Condvar::new(),
            work: Notify::new(),
            budget,
        }
    }

    /// The engine has every commit up to `last`; the next one gets the number after it.
    pub(crate) fn start(&self, last: u64) {
        let mut state = self.state.lock();
        state.last = last;
        state.applied = last;
    }

    /// Appends a commit and gives its number. Waits while the budget is used up; a commit larger
    /// than the budget goes in alone.
    pub(crate) fn push(&self, change: Change) -> Result<u64, Error> {
        let bytes = change.bytes();
        let mut state = self.state.lock();
        loop {
            if let Some(error) = &state.refused {
                return Err(error.clone());
            }
            if state.changes.is_empty() || state.bytes + bytes <= self.budget {
                break;
            }
            self.room.wait(&mut state);
        }
        let before = state.bytes;
        state.changes.push(change);
        state.bytes += bytes;
        state.last += 1;
        let last = state.last;
        let wake = state.changes.len() == 1 || (before < EAGER_BYTES && state.bytes >= EAGER_BYTES);
        drop(state);
        if wake {
            self.work.notify_one();
        }
        Ok(last)
    }

    /// Number of the last commit handed in.
    pub(crate) fn last(&self) -> u64 {
        self.state.lock().last
    }

    /// What the driver does next; `idle` says that the log has nothing to do.
    pub(crate) fn next(&self, idle: bool) -> Next {
        let mut state = self.state.lock();
        if state.changes.is_empty() {
            return match state.refused {
                Some(_) => Next::End,
                None => Next::Wait,
            };
        }
        let due = idle
            || state.wanted > state.applied
            || state.bytes >= EAGER_BYTES
            || state.refused.is_some();
        if !due {
            return Next::Wait;
        }
        let capacity = state.changes.len();
        let changes = std::mem::replace(&mut state.changes, Vec::with_capacity(capacity));
        state.bytes = 0;
        let last = state.last;
        drop(state);
        self.room.notify_all();
        Next::Apply(Group { changes, last })
    }

    /// The engine has every commit up to `last`.
    pub(crate) fn applied(&self, last: u64) {
        self.state.lock().applied = last;
        self.applied.notify_all();
    }

    /// Waits until the engine has every commit that was handed in before, and gives the number of
    /// the last one.
    pub(crate) fn wait_applied(&self) -> Result<u64, Error> {
        let mut state = self.state.lock();
        let target = state.last;
        while state.applied < target {
            if let Some(error) = &state.refused
                && state.changes.is_empty()
            {
                return Err(error.clone());
            }
            if state.wanted < target {
                state.wanted = target;
                self.work.notify_one();
            }
            self.applied.wait(&mut state);
        }
        Ok(target)
    }

    /// Takes no more commits; those that are here still go to the engine.
    pub(crate) fn close(&self, error: Error) {
        self.state.lock().refused.get_or_insert(error);
        self.wake_all();
    }

    /// Takes no more commits and drops those that are here.
    pub(crate) fn fail(&self, error: Error) {
        let mut state = self.state.lock();
        state.refused = Some(error);
        let dropped = std::mem::take(&mut state.changes);
        state.bytes = 0;
        drop(state);
        drop(dropped);
        self.wake_all();
    }

    fn wake_all(&self) {
        self.room.notify_all();
        self.applied.notify_all();
        self.work.notify_one();
    }
}
