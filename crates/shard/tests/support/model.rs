//! The model: all commits in the order in which they were handed in, and the state after any number
//! of them.

use std::collections::BTreeMap;

use bytes::Bytes;
use cellhouse_shard::{Commit, Error, Extra, Shard, Ticket};

use super::{cell, commit};

/// Cells, and keys beside them, as they are at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    cells: BTreeMap<u8, Cell>,
    extra: BTreeMap<u8, u8>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Cell {
    transaction: u64,
    size: u32,
    pages: BTreeMap<u32, u8>,
}

/// One commit, small.
#[derive(Debug, Clone)]
pub struct Change {
    pub cell: u8,
    pub size: u32,
    pub pages: Vec<(u32, u8)>,
    pub extra: Option<(u8, Option<u8>)>,
}

/// How many cells there are, and pages in each.
pub const CELLS: u8 = 4;
pub const PAGES: u32 = 6;

impl State {
    fn apply(&mut self, change: &Change) -> Commit {
        let cell = self.cells.entry(change.cell).or_default();
        let before = cell.size;
        cell.transaction += 1;
        cell.size = change.size;
        let pages = change
            .pages
            .iter()
            .filter(|(number, _)| *number <= change.size);
        let pages: Vec<_> = pages.copied().collect();
        cell.pages.extend(pages.iter().copied());
        cell.pages.retain(|number, _| *number <= change.size);
        let made = commit(
            &change.cell.to_string(),
            cell.transaction,
            change.size,
            &pages,
        );
        let extra = change.extra.map(|(key, value)| {
            match value {
                Some(value) => self.extra.insert(key, value),
                None => self.extra.remove(&key),
            };
            Extra {
                keyspace: "test",
                key: Bytes::from(vec![key]),
                value: value.map(|value| Bytes::from(vec![value])),
            }
        });
        Commit {
            truncated: (change.size < before).then_some(before),
            extra: extra.into_iter().collect(),
            ..made
        }
    }

    /// What a shard shows.
    pub fn of(shard: &Shard) -> Result<State, Error> {
        let mut state = State::default();
        for number in 0..CELLS {
            let id = number.to_string();
            let Some(meta) = shard.meta(cell(&id), &format!("kv/{id}"))? else {
                continue;
            };
            let pages = shard.pages(cell(&id), 0..PAGES + 9)?;
            let whole = |(number, page): (u32, Bytes)| {
                assert!(page.iter().all(|byte| *byte == page[0]), "a torn page");
                (number, page[0])
            };
            let found = Cell {
                transaction: meta.transaction,
                size: meta.pages,
                pages: pages.into_iter().map(whole).collect(),
            };
            state.cells.insert(number, found);
        }
        let extra = shard.extras("test", b"", usize::MAX)?;
        state.extra = extra
            .iter()
            .map(|(key, value)| (key[0], value[0]))
            .collect();
        Ok(state)
    }
}

/// What was handed in since the last time that the state was known for sure.
#[derive(Default)]
pub struct Model {
    /// The states after 0, 1, 2... of the commits.
    states: Vec<State>,
    tickets: Vec<Ticket>,
}

impl Model {
    pub fn new() -> Model {
        Model {
            states: vec![State::default()],
            tickets: Vec::new(),
        }
    }

    /// Hands a change in. One that is refused may not be there later.
    pub fn commit(&mut self, shard: &Shard, change: &Change) -> Result<(), Error> {
        let mut next = self.states.last().expect("there is a first state").clone();
        let ticket = shard.commit(next.apply(change))?;
        self.states.push(next);
        self.tickets.push(ticket);
        Ok(())
    }

    /// What the shard shows now must be the newest state.
    pub fn check_now(&self, shard: &Shard) -> Result<(), Error> {
        let now = State::of(shard)?;
        assert_eq!(
            Some(&now),
            self.states.last(),
            "a read does not see the latest commits"
        );
        Ok(())
    }

    pub fn last_ticket(&self) -> Option<&Ticket> {
        self.tickets.last()
    }

    /// The shard was opened again after all that was acknowledged by its tickets: it must show the
    /// state after some of the commits, of which none that was acknowledged is missing.
    pub fn check_reopened(&mut self, found: State) {
        let acknowledged = self.acknowledged();
        let possible = &self.states[acknowledged..];
        assert!(
            possible.contains(&found),
            "{acknowledged} of {} commits were acknowledged, found {found:?}\nstates {:#?}",
            self.tickets.len(),
            self.states
        );
        *self = Model {
            states: vec![found],
            tickets: Vec::new(),
        };
    }

    /// How many commits are durable as their tickets say. To be called when nothing goes on.
    fn acknowledged(&self) -> usize {
        let durable = self.tickets.iter().take_while(|ticket| ticket.is_durable());
        durable.count()
    }
}
