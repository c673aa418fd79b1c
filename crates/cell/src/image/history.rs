//! What an image keeps of before, for a cell with history: with the first change of a page in an
//! epoch goes its page from before, and with the first commit of an epoch the size and the
//! transaction from before. A new epoch begins when the last one is old enough, when a bookmark was
//! taken, and when the cell comes into memory.
//!
//! Nothing here reads what was kept: that is up to `crate::history`.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use cellhouse_shard::{Before, Clock, Epoch, HistoryMeta};

use super::Image;
use crate::page::{PAGE_SIZE, Page};
use crate::{Error, Options};

/// The greatest number of an epoch: what 12 hexadecimal digits hold. As a time, 8,900 years ahead.
pub(crate) const LAST_EPOCH: u64 = (1 << 48) - 1;

/// The history of a cell that keeps one.
pub(super) struct History {
    clock: Arc<dyn Clock>,
    /// How long an epoch lasts.
    length: Duration,
    /// `None`: the next commit begins an epoch.
    running: Option<Running>,
    /// No commit is later, in milliseconds since 1970.
    changed: u64,
    /// The next commit brings back an earlier state.
    restoring: bool,
}

/// The epoch that has begun.
struct Running {
    number: u64,
    /// On the clock that never goes back.
    began: Duration,
    /// Size in pages before it.
    size: u32,
    /// The pages that it has changed.
    saved: HashSet<u32>,
}

/// What goes with a commit.
pub(super) struct Kept {
    pub(super) meta: Option<HistoryMeta>,
    pub(super) before: Option<Before>,
    pub(super) running: Option<RunsOn>,
}

/// What is known of the epoch once the shard has the commit.
pub(super) struct RunsOn {
    /// With the first commit of it.
    fresh: Option<Running>,
    saved: Vec<u32>,
}

impl History {
    fn new(options: &Options) -> History {
        History {
            clock: options.clock.clone(),
            length: options.history_epoch,
            running: None,
            changed: millis(options.clock.now()),
            restoring: false,
        }
    }

    pub(super) fn memory(&self) -> usize {
        let saved = self.running.as_ref().map(|epoch| epoch.saved.capacity());
        size_of::<History>() + saved.unwrap_or(0) * 8
    }

    /// The epoch that goes on, if one does.
    fn goes_on(&self) -> Option<&Running> {
        let epoch = self.running.as_ref().filter(|_| !self.restoring)?;
        let age = self.clock.monotonic().saturating_sub(epoch.began);
        (age < self.length).then_some(epoch)
    }

    fn begin(&self, last: u64, size: u32) -> Running {
        let now = millis(self.clock.now());
        Running {
            number: now.max(last.saturating_add(1)).min(LAST_EPOCH),
            began: self.clock.monotonic(),
            size,
            saved: HashSet::new(),
        }
    }

    /// The shard has the commit.
    pub(super) fn handed_in(&mut self, runs_on: Option<RunsOn>) {
        let Some(runs_on) = runs_on else { return };
        if let Some(fresh) = runs_on.fresh {
            self.running = Some(fresh);
        }
        if let Some(epoch) = &mut self.running {
            epoch.saved.extend(runs_on.saved);
        }
        self.changed = millis(self.clock.now());
        self.restoring = false;
    }
}

impl Image {
    /// From now on commits keep what was before.
    pub(crate) fn keep_history(&mut self, options: &Options) {
        self.history = Some(History::new(options));
    }

    /// Whether they do.
    pub(crate) fn keeps_history(&self) -> bool {
        self.history.is_some()
    }

    /// The last epoch, 0 if there was none, and the last transaction. The next commit begins a new
    /// epoch, so that the present state can be come back to.
    pub(crate) fn end_epoch(&mut self) -> (u64, u64) {
        if let Some(history) = &mut self.history {
            history.running = None;
        }
        (self.last_epoch(), self.transaction)
    }

    /// As [`Image::end_epoch`], without doing that.
    pub(crate) fn last_epoch(&self) -> u64 {
        self.kept.map_or(0, |kept| kept.epoch)
    }

    /// The number of the cell's first epoch, while the store has no record of it.
    pub(crate) fn first_epoch(&self) -> Option<u64> {
        let kept = self.kept.filter(|kept| kept.first)?;
        Some(kept.epoch)
    }

    /// The first transaction that can be gone back to.
    pub(crate) fn history_since(&self) -> u64 {
        let since = self.kept.and_then(|kept| kept.since);
        since.unwrap_or(self.transaction)
    }

    /// No commit was made after this moment, in milliseconds since 1970; `None` without history.
    pub(crate) fn last_change(&self) -> Option<u64> {
        self.history.as_ref().map(|history| history.changed)
    }

    /// Puts an earlier state over the present one, as SQLite does with a transaction that is about
    /// to be committed: `pages` are those that may differ, up to `size`.
    pub(crate) fn stage(&mut self, pages: Vec<(u32, Page)>, size: u32) -> Result<(), Error> {
        for (number, page) in pages {
            if number > self.size || self.old(number)? != page {
                self.changes.insert(number, page);
            }
        }
        self.changes.size = size;
        if self.changes.bytes > self.limits.transaction_bytes {
            self.unstage();
            return Err(self.too_large());
        }
        if let Some(history) = &mut self.history {
            history.restoring = true;
        }
        Ok(())
    }

    /// Takes that back.
    pub(crate) fn unstage(&mut self) {
        self.changes = super::Changes::none(self.size);
        if let Some(history) = &mut self.history {
            history.restoring = false;
        }
    }

    /// What the next commit, after which the cell has `size` pages, keeps of before.
    pub(super) fn keep_before(&mut self, size: u32) -> Result<Kept, Error> {
        let Some(history) = &self.history else {
            // A gap in the history of a cell that had one.
            let gap = |kept| HistoryMeta {
                since: None,
                first: false,
                ..kept
            };
            return Ok(Kept {
                meta: self.kept.map(gap),
                before: None,
                running: None,
            });
        };
        let restores = history.restoring;
        let known = match self.is_new() {
            true => 0, // What it has was not in the shard.
            false => self.size,
        };
        let fresh = match history.goes_on() {
            Some(_) => None,
            None => Some(history.begin(self.last_epoch(), known)),
        };
        let numbers = self.first_changes(fresh.as_ref(), size);
        let pages = self.old_pages(&numbers)?;
        let first = match fresh {
            Some(_) => self.is_new(),
            None => self.first_epoch().is_some(),
        };
        let begins = fresh.as_ref().filter(|_| !first).map(|_| Epoch {
            transaction: self.transaction,
            pages: known,
            restores,
        });
        let running = fresh.as_ref().or(self.running());
        let epoch = running.map_or(0, |epoch| epoch.number);
        let since = self.kept.and_then(|kept| kept.since);
        let before = Before {
            epoch,
            first: self.first_epoch().filter(|_| begins.is_some()),
            begins,
            pages,
        };
        Ok(Kept {
            meta: Some(HistoryMeta {
                epoch,
                since: since.or(Some(self.transaction)),
                first,
            }),
            before: Some(before),
            running: Some(RunsOn {
                fresh,
                saved: numbers,
            }),
        })
    }

    fn running(&self) -> Option<&Running> {
        self.history.as_ref()?.running.as_ref()
    }

    /// The pages that the commit changes or takes away as the first one of its epoch.
    fn first_changes(&self, fresh: Option<&Running>, size: u32) -> Vec<u32> {
        let Some(epoch) = fresh.or(self.running()) else {
            return Vec::new();
        };
        let gone = size.saturating_add(1)..=self.size.min(epoch.size);
        let changed = self.changes.pages.keys().copied();
        let changed = changed.take_while(|number| *number <= epoch.size.min(size));
        let all = changed.chain(gone);
        all.filter(|number| !epoch.saved.contains(number)).collect()
    }

    fn old_pages(&mut self, numbers: &[u32]) -> Result<Vec<(u32, Bytes)>, Error> {
        let mut bytes = self.changes.bytes;
        let mut pages = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let page = self.old(number)?;
            bytes += page.len();
            if bytes > self.limits.transaction_bytes {
                return Err(self.too_large());
            }
            pages.push((number, page.stored()));
        }
        Ok(pages)
    }

    /// A page as the last commit left it.
    pub(super) fn old(&mut self, number: u32) -> Result<Page, Error> {
        if let Some(page) = self.base.known(number) {
            return Ok(page);
        }
        let mut whole = [0; PAGE_SIZE];
        self.base.read_page(&self.source, number, 0, &mut whole)?;
        Ok(Page::new(&whole))
    }
}

/// Milliseconds since 1970, within what the number of an epoch may be.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let since = since.unwrap_or_default().as_millis();
    u64::try_from(since).map_or(LAST_EPOCH, |millis| millis.min(LAST_EPOCH))
}
