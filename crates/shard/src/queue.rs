//! Commits that were handed in, on their way into the log and into the engine, and who waits for
//! that.
//!
//! `commit()` only appends here. What has gathered becomes a group when the log is free to take one,
//! or when a reader has to see it. From then on a group has its place in the order: the log's thread
//! takes groups to write (`log/flusher.rs`), the driver takes the same groups to apply them to the
//! engine (`driver.rs`), each at its own pace. So a log that stalls does not keep readers waiting,
//! and an engine that is busy does not keep the log.
//!
//! Nothing here waits for a disk, except whoever commits when the byte budget is used up.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::Notify;

use crate::Error;
use crate::commit::Change;
use crate::group::Group;

/// Groups that the engine may be behind before the log's thread lets the next one grow instead.
/// Each costs the engine the same few microseconds however large it is.
const BEHIND: usize = 2;

pub(crate) struct Queue {
    state: Mutex<State>,
    /// There is room, or the queue was closed.
    room: Condvar,
    /// The engine has a group, or the shard failed.
    applied: Condvar,
    /// There may be something for the log.
    log: Condvar,
    /// There may be something for the driver.
    pub(crate) driver: Notify,
    /// In bytes.
    budget: usize,
    /// The log is ours and takes groups by itself; else the driver forms them.
    own_log: bool,
}

#[derive(Default)]
struct State {
    changes: Vec<Change>,
    bytes: usize,
    /// Number of the last commit handed in.
    last: u64,
    /// Id of the last group: in our own log, the id of its record.
    last_id: u64,
    to_log: VecDeque<Arc<Group>>,
    to_apply: VecDeque<Arc<Group>>,
    /// Number of the last commit that reads of the engine see.
    applied: u64,
    refused: Option<Error>,
    /// Nothing more goes to the log or the engine.
    failed: bool,
    /// The engine has ended, so the log does too.
    engine_ended: bool,
}

/// What the driver does next.
pub(crate) enum Next {
    Apply(Arc<Group>),
    Wait,
    /// Nothing is left and nothing more will come.
    End,
}

impl Queue {
    pub(crate) fn new(budget: usize, own_log: bool) -> Queue {
        Queue {
            state: Mutex::default(),
            room: Condvar::new(),
            applied: Condvar::new(),
            log: Condvar::new(),
            driver: Notify::new(),
            budget,
            own_log,
        }
    }

    /// The log's last record has this id.
    pub(crate) fn start_log(&self, last_id: u64) {
        self.state.lock().last_id = last_id;
    }

    /// The engine has every commit up to `last`; the next one gets the number after it.
    pub(crate) fn start(&self, last: u64) {
        let mut state = self.state.lock();
        state.last = last;
        state.applied = last;
    }

    /// Appends a change and gives its number. Waits while the budget is used up; one larger than
    /// the budget goes in alone.
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
        state.changes.push(change);
        state.bytes += bytes;
        state.last += 1;
        let last = state.last;
        let first = state.changes.len() == 1;
        drop(state);
        if first {
            self.wake();
        }
        Ok(last)
    }

    fn wake(&self) {
        if self.own_log {
            self.log.notify_one();
        } else {
            self.driver.notify_one();
        }
    }

    /// Number of the last commit handed in.
    pub(crate) fn last(&self) -> u64 {
        self.state.lock().last
    }

    /// The groups that the log has to write next; sleeps until there is one. `None`: nothing more
    /// will come. Whoever takes them sees to it that the driver is woken.
    pub(crate) fn for_log(&self) -> Option<Vec<Arc<Group>>> {
        let mut state = self.state.lock();
        loop {
            if state.failed {
                return None;
            }
            if state.to_log.is_empty() && !state.changes.is_empty() && state.to_apply.len() < BEHIND
            {
                self.form(&mut state);
            }
            if !state.to_log.is_empty() {
                return Some(std::mem::take(&mut state.to_log).into());
            }
            if state.engine_ended {
                return None;
            }
            self.log.wait(&mut state);
        }
    }

    /// What the driver does next; `idle` says that the log has nothing to do.
    pub(crate) fn for_driver(&self, idle: bool) -> Next {
        let mut state = self.state.lock();
        if state.failed {
            return Next::End;
        }
        let closed = state.refused.is_some();
        if !self.own_log && state.to_apply.is_empty() && (idle || closed) {
            self.form(&mut state);
        }
        match state.to_apply.front() {
            Some(group) => Next::Apply(group.clone()),
            None if closed && state.changes.is_empty() => Next::End,
            None => Next::Wait,
        }
    }

    /// Makes a group of what has gathered.
    fn form(&self, state: &mut MutexGuard<'_, State>) {
        if state.changes.is_empty() {
            return;
        }
        let capacity = state.changes.len();
        let changes = std::mem::replace(&mut state.changes, Vec::with_capacity(capacity));
        let bytes = std::mem::take(&mut state.bytes);
        state.last_id += 1;
        let group = Arc::new(Group::new(state.last_id, state.last, changes, bytes));
        if self.own_log {
            state.to_log.push_back(group.clone());
        }
        state.to_apply.push_back(group);
        self.room.notify_all();
    }

    /// The log has nothing to do. Our own finds that out by itself.
    pub(crate) fn log_is_idle(&self) {
        if !self.own_log {
            self.driver.notify_one();
        }
    }

    /// The engine has the group that [`Queue::for_driver`] gave last.
    pub(crate) fn applied(&self, group: &Group) {
        let mut state = self.state.lock();
        state.to_apply.pop_front();
        state.applied = group.last;
        drop(state);
        self.applied.notify_all();
        self.log.notify_one();
    }

    /// Waits until the engine has every commit that was handed in before, and gives the number of
    /// the last one. After a failure nothing can be read: it could be what is lost.
    pub(crate) fn wait_applied(&self) -> Result<u64, Error> {
        let mut state = self.state.lock();
        let target = state.last;
        if state.applied < target {
            self.form(&mut state);
            self.driver.notify_one();
            self.log.notify_one();
        }
        loop {
            if state.failed {
                let error = state.refused.clone();
                return Err(error.expect("a queue fails for a reason"));
            }
            if state.applied >= target {
                return Ok(target);
            }
            self.applied.wait(&mut state);
        }
    }

    /// The engine has ended: the log's thread ends when it has written the groups that it was given.
    pub(crate) fn end_log(&self) {
        self.state.lock().engine_ended = true;
        self.log.notify_all();
    }

    /// Takes no more commits; those that are here still go where they have to.
    pub(crate) fn close(&self, error: Error) {
        self.state.lock().refused.get_or_insert(error);
        self.wake_all();
    }

    /// Takes no more commits and drops those that are here. Only the first failure counts: false
    /// for a later one.
    pub(crate) fn fail(&self, error: Error) -> bool {
        let mut state = self.state.lock();
        if state.failed {
            return false;
        }
        state.refused = Some(error);
        state.failed = true;
        let changes = std::mem::take(&mut state.changes);
        let groups = (
            std::mem::take(&mut state.to_log),
            std::mem::take(&mut state.to_apply),
        );
        state.bytes = 0;
        drop(state);
        drop((changes, groups));
        self.wake_all();
        true
    }

    fn wake_all(&self) {
        self.room.notify_all();
        self.applied.notify_all();
        self.log.notify_all();
        self.driver.notify_one();
    }
}
