//! The earliest alarms of a store in memory, and which objects have one that was handed out.
//!
//! The window holds every alarm of the index that is due before its horizon. Changes beyond it are
//! left to the index; when the window is empty it reads on from the horizon. Reading and learning of
//! changes happen under one lock, and a commit is in the shard before its change is told here: so
//! no change is missed, and one that was read already is told to no harm.

use std::collections::{BTreeMap, BTreeSet};

use cellhouse_cell::Shard;

use super::Due;
use crate::index::{self, alarm_key, alarm_of_key};
use crate::{Address, Error};

/// The pause before one that could not run is tried again, in milliseconds. It doubles.
const PAUSE: i64 = 2_000;
/// Doublings of the pause: to about 17 minutes.
const MAX_DOUBLINGS: u32 = 9;

/// Sorted by when they are due, as the index is.
type Entry = (i64, Address);

pub(super) struct Window {
    /// Alarms read at a time; twice as many are kept.
    chunk: usize,
    /// Of which opening of the store.
    shard: Option<Shard>,
    entries: BTreeSet<Entry>,
    /// Everything before it is known here; `None`: everything is, once the index was read.
    horizon: Option<Entry>,
    filled: bool,
    /// What was handed out, by object.
    running: BTreeMap<Address, Handed>,
    /// Objects whose alarm is to run now.
    fired: BTreeSet<Address>,
    /// Objects whose alarm was handed out and did not run.
    late: BTreeMap<Address, Late>,
}

/// What the index says of an object while its alarm runs.
#[derive(Default)]
struct Handed {
    /// From before that.
    before: Vec<i64>,
    /// Set since then, also if for the same time.
    since: Vec<i64>,
}

#[derive(Clone, Copy)]
struct Late {
    due: i64,
    again: i64,
    tries: u32,
}

impl Window {
    /// With room for so many alarms.
    pub(super) fn new(room: usize) -> Window {
        Window {
            chunk: (room / 2).max(1),
            shard: None,
            entries: BTreeSet::new(),
            horizon: None,
            filled: false,
            running: BTreeMap::new(),
            fired: BTreeSet::new(),
            late: BTreeMap::new(),
        }
    }

    /// Goes on with this opening of the store: after a failure, what was told may not be true.
    pub(super) fn follow(&mut self, shard: &Shard) {
        let failed = |known: &Shard| known.failure().is_some();
        if self.shard.as_ref().is_none_or(failed) {
            self.shard = Some(shard.clone());
            self.entries.clear();
            self.late.clear();
            self.running
                .values_mut()
                .for_each(|handed| *handed = Handed::default());
            self.horizon = None;
            self.filled = false;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len() + self.running.len() + self.late.len()
    }

    pub(super) fn insert(&mut self, due: i64, address: &Address) {
        let entry = (due, *address);
        if !self.filled || self.horizon.is_some_and(|horizon| entry >= horizon) {
            return;
        }
        self.late.remove(address);
        match self.running.get_mut(address) {
            Some(handed) => handed.since.push(due),
            None => {
                self.entries.insert(entry);
            }
        }
        self.keep_few();
    }

    /// Forgets the later ones, where there is no room for all.
    fn keep_few(&mut self) {
        if self.entries.len() > 2 * self.chunk {
            self.horizon = self.entries.iter().nth(self.chunk).copied();
            let beyond = self.horizon.expect("there are more than that");
            self.entries.split_off(&beyond);
        }
    }

    pub(super) fn remove(&mut self, due: i64, address: &Address) {
        self.entries.remove(&(due, *address));
        if let Some(handed) = self.running.get_mut(address) {
            handed.before.retain(|known| *known != due);
            handed.since.retain(|known| *known != due);
        }
        if self.late.get(address).is_some_and(|late| late.due == due) {
            self.late.remove(address);
        }
    }

    pub(super) fn fire(&mut self, address: Address) {
        self.fired.insert(address);
    }

    /// Reads on if nothing is left and there may be more.
    pub(super) fn fill(&mut self) -> Result<(), Error> {
        let more = !self.filled || self.horizon.is_some();
        let shard = self.shard.as_ref();
        let Some(shard) = shard.filter(|_| more && self.entries.is_empty()) else {
            return Ok(());
        };
        let from = self.horizon.map(|(due, address)| alarm_key(due, &address));
        let read = shard
            .extras(
                index::ALARMS,
                from.as_deref().unwrap_or_default(),
                self.chunk + 1,
            )
            .map_err(cellhouse_cell::Error::from)?;
        let mut read: Vec<Entry> = read
            .iter()
            .filter_map(|(key, _)| alarm_of_key(key))
            .collect();
        self.horizon = match read.len() > self.chunk {
            true => read.pop(),
            false => None,
        };
        self.filled = true;
        let late = |entry: &Entry| {
            self.late
                .get(&entry.1)
                .is_some_and(|late| late.due == entry.0)
        };
        read.retain(|entry| !late(entry));
        for entry in read {
            match self.running.get_mut(&entry.1) {
                Some(handed) if handed.since.contains(&entry.0) => {}
                Some(handed) => handed.before.push(entry.0),
                None => {
                    self.entries.insert(entry);
                }
            }
        }
        Ok(())
    }

    /// When the next one may run, in milliseconds since 1970; 0: now.
    pub(super) fn next(&self) -> Option<i64> {
        if self.next_fired().is_some() {
            return Some(0);
        }
        let late = self.waiting_late().map(|(_, late)| late.again).min();
        let entry = self.entries.first().or(self.horizon.as_ref());
        late.into_iter().chain(entry.map(|(due, _)| *due)).min()
    }

    fn waiting_late(&self) -> impl Iterator<Item = (&Address, &Late)> {
        let late = self.late.iter();
        late.filter(|(address, _)| !self.running.contains_key(*address))
    }

    fn next_fired(&self) -> Option<Address> {
        let free = |address: &&Address| !self.running.contains_key(*address);
        self.fired.iter().find(free).copied()
    }

    /// Hands out one that is due at `now`, if one is. Each is followed by [`Window::ended`].
    pub(super) fn take(&mut self, now: i64) -> Option<Due> {
        if let Some(address) = self.next_fired() {
            self.fired.remove(&address);
            return Some(self.hand_out(0, address, true));
        }
        let late = self.waiting_late().find(|(_, late)| late.again <= now);
        if let Some((address, late)) = late {
            let (due, address) = (late.due, *address);
            return Some(self.hand_out(due, address, false));
        }
        let (due, address) = *self.entries.first()?;
        (due <= now).then(|| self.hand_out(due, address, false))
    }

    fn hand_out(&mut self, time: i64, address: Address, early: bool) -> Due {
        let late = self.late.get(&address).map(|late| late.due);
        let mut handed = Handed {
            before: late.into_iter().collect(),
            since: Vec::new(),
        };
        self.entries.retain(|(due, of)| {
            let mine = *of == address;
            if mine {
                handed.before.push(*due);
            }
            !mine
        });
        self.running.insert(address, handed);
        Due {
            address,
            early,
            time,
        }
    }

    /// One that was handed out has ended. If the index still says what it said then, the alarm has
    /// not run: it is tried again after a pause that grows.
    pub(super) fn ended(&mut self, handed: &Due, now: i64) {
        let address = handed.address;
        let late = self.late.remove(&address);
        let left = self.running.remove(&address).unwrap_or_default();
        let since = left.since.into_iter().map(|due| (due, address));
        self.entries.extend(since);
        for due in left.before {
            if due != handed.time {
                self.entries.insert((due, address));
                continue;
            }
            let tries = late.map_or(0, |late| late.tries);
            let again = now.saturating_add(PAUSE << tries.min(MAX_DOUBLINGS));
            let tries = tries + 1;
            self.late.insert(address, Late { due, again, tries });
        }
        self.keep_few();
    }
}
