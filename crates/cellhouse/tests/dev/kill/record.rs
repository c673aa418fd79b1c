//! What clients were told, and what the data may therefore be.
//!
//! A key with one writer has a history of states. The least state that it may be in is the newest
//! one that an answer vouched for, be it the answer to a write or to a read; the last one is what was
//! sent last. A tally is a value that all clients update; of each client it counts what was
//! answered at least, and what was sent at most.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

/// How many clients there are.
pub const CLIENTS: usize = 8;

/// The tally of all rounds. The others are those of one round, and keep a log.
pub const ALL: &str = "all";

pub type Counts = [u64; CLIENTS];

pub struct Record(Mutex<State>);

struct State {
    histories: BTreeMap<String, History>,
    tallies: BTreeMap<String, Tally>,
}

struct History {
    states: Vec<Value>,
    least: usize,
    /// Whether it is written to in every round.
    lasting: bool,
}

#[derive(Default)]
struct Tally {
    least: Counts,
    most: Counts,
}

impl Record {
    /// With these keys, which are not there yet and are written to in every round.
    pub fn new(keys: impl Iterator<Item = String>) -> Self {
        let lasting = |key| (key, History::at(Value::Null, true));
        Self(Mutex::new(State {
            histories: keys.map(lasting).collect(),
            tallies: BTreeMap::from([(ALL.to_owned(), Tally::default())]),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no client saw anything wrong")
    }

    pub fn keys(&self) -> Vec<String> {
        self.state().histories.keys().cloned().collect()
    }

    pub fn tallies(&self) -> Vec<String> {
        self.state().tallies.keys().cloned().collect()
    }

    /// There is a tally of this name from now on.
    pub fn begin_round(&self, tally: &str) {
        let tally = (tally.to_owned(), Tally::default());
        self.state().tallies.extend([tally]);
    }

    // ---- keys with one writer

    /// The key's writer is about to make it so; gives the number of that state.
    pub fn write(&self, key: &str, value: Value) -> usize {
        let mut state = self.state();
        let history = state.histories.entry(key.to_owned());
        let history = history.or_insert_with(|| History::at(Value::Null, false));
        history.states.push(value);
        history.states.len() - 1
    }

    /// That was answered.
    pub fn written(&self, key: &str, version: usize) {
        self.state().history(key).reached(version);
    }

    /// The least state that a read must see that begins now.
    pub fn least(&self, key: &str) -> usize {
        self.state().history(key).least
    }

    /// A read that began when `before` was the least state.
    pub fn seen(&self, key: &str, before: usize, found: &Value) {
        self.state().history(key).see(key, before, found);
    }

    /// This was found after a restart. True if nobody will write to the key any more.
    pub fn settle(&self, key: &str, found: &Value) -> bool {
        let mut state = self.state();
        let history = state.history(key);
        history.see(key, history.least, found);
        if history.lasting {
            *history = History::at(found.clone(), true);
            return false;
        }
        state.histories.remove(key);
        true
    }

    // ---- tallies

    /// The client is about to add one; gives the number of those that it added before.
    pub fn add(&self, key: &str, client: usize) -> u64 {
        let mut state = self.state();
        let most = &mut state.tally(key).most[client];
        *most += 1;
        *most - 1
    }

    /// That was answered.
    pub fn added(&self, key: &str, client: usize) {
        let mut state = self.state();
        let tally = state.tally(key);
        tally.least[client] = tally.most[client];
    }

    /// What a read must see at least that begins now.
    pub fn least_counts(&self, key: &str) -> Counts {
        self.state().tally(key).least
    }

    /// A read that began when `before` was the least.
    pub fn counted(&self, key: &str, before: Counts, found: &Value) {
        let counts = counts(key, found);
        self.state().tally(key).see(key, &before, &counts);
    }

    /// This was found after a restart. True if nobody will add to the tally any more.
    pub fn settle_tally(&self, key: &str, found: &Value) -> bool {
        let counts = counts(key, found);
        let mut state = self.state();
        let tally = state.tally(key);
        let least = tally.least;
        tally.see(key, &least, &counts);
        tally.most = counts;
        let over = key != ALL;
        if over {
            state.tallies.remove(key);
        }
        over
    }
}

impl State {
    fn history(&mut self, key: &str) -> &mut History {
        self.histories.get_mut(key).expect("a key of the record")
    }

    fn tally(&mut self, key: &str) -> &mut Tally {
        self.tallies.get_mut(key).expect("a tally of the record")
    }
}

impl History {
    fn at(value: Value, lasting: bool) -> Self {
        Self {
            states: vec![value],
            least: 0,
            lasting,
        }
    }

    fn reached(&mut self, version: usize) {
        self.least = self.least.max(version);
    }

    fn see(&mut self, key: &str, before: usize, found: &Value) {
        let at = self.states[before..]
            .iter()
            .position(|state| state == found);
        let Some(at) = at else {
            let may_be: Vec<_> = self.states[before..].iter().map(brief).collect();
            let older = self.states[..before].contains(found);
            panic!(
                "{key} is {}{}, but may only be one of {may_be:?}",
                brief(found),
                if older { ", as it was before" } else { "" }
            );
        };
        self.reached(before + at);
    }
}

impl Tally {
    fn see(&mut self, key: &str, before: &Counts, found: &Counts) {
        for client in 0..CLIENTS {
            let possible = before[client]..=self.most[client];
            assert!(
                possible.contains(&found[client]),
                "{key}: client {client} added {}, not {possible:?}",
                found[client]
            );
            self.least[client] = self.least[client].max(found[client]);
        }
    }
}

fn brief(value: &Value) -> String {
    value.to_string().chars().take(30).collect()
}

/// What each client added to a tally, which must be whole: every update changes several fields, all
/// or none.
fn counts(key: &str, found: &Value) -> Counts {
    let text = found.as_str().unwrap_or("{}");
    let fields: Value = serde_json::from_str(text).expect("JSON");
    let counts: Counts = std::array::from_fn(|client| {
        let count = &fields[format!("of{client}")];
        count.as_u64().unwrap_or(0)
    });
    let sum: u64 = counts.iter().sum();
    assert_eq!(fields["count"].as_u64().unwrap_or(0), sum, "{key}: {text}");
    if key != ALL && sum > 0 {
        check_log(key, &fields, &counts);
    }
    counts
}

/// The log has an entry for each addition, in order, and the last one is named.
fn check_log(key: &str, fields: &Value, counts: &Counts) {
    let log = fields["log"].as_array().expect("a log");
    assert_eq!(log.last(), Some(&fields["last"]), "{key}: the last one");
    for (client, count) in counts.iter().enumerate() {
        let of_client = log.iter().filter(|entry| entry[0] == json!(client));
        let expected = (0..*count).map(|number| json!([client, number]));
        assert!(
            of_client.eq(expected.collect::<Vec<_>>().iter()),
            "{key}: {fields}"
        );
    }
    let whole = counts.iter().sum::<u64>();
    assert_eq!(log.len() as u64, whole, "{key}: {fields}");
}
