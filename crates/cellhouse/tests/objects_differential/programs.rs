//! Programs: events of one object, each a list of operations, run by both step by step. One that differs is made
//! as short as it can be before it is shown.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::AT_ONCE;
use crate::operations::operation;
use crate::peers::Peers;
use crate::random::Random;

const PROGRAMS: u64 = 300;
const OPERATIONS: usize = 30;
/// Runs that making one shorter may take.
const SHORTENING: usize = 200;

/// The events, and after which the object is aborted.
#[derive(Clone)]
struct Program(Vec<Event>);

#[derive(Clone)]
struct Event {
    operations: Vec<Value>,
    abort: bool,
}

pub async fn run(peers: &Peers) -> Vec<String> {
    let programs = stream::iter(0..PROGRAMS).map(async |seed| {
        let program = Program::random(seed);
        let difference = program.difference(peers).await?;
        let (program, difference) = program.shortened(peers, difference).await;
        Some(format!("program {seed}: {}\n{difference}", program.text()))
    });
    let differing = programs
        .buffer_unordered(AT_ONCE)
        .filter_map(async |found| found);
    differing.collect().await
}

impl Program {
    fn random(seed: u64) -> Program {
        let mut random = Random::new(seed);
        let mut events = Vec::new();
        let mut left = OPERATIONS;
        while left > 0 {
            let length = left.min(1 + random.below(12));
            left -= length;
            events.push(Event {
                operations: (0..length).map(|_| operation(&mut random)).collect(),
                abort: random.once_in(4),
            });
        }
        Program(events)
    }

    /// What the two do differently first, on an object that is new to both.
    async fn difference(&self, peers: &Peers) -> Option<String> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        for event in &self.0 {
            let body = json!({ "operations": event.operations, "abort": event.abort });
            let [ours, theirs] = peers
                .ask_both(&format!("/program?name=p{number}"), &body)
                .await;
            if ours != theirs {
                return Some(first_step(&event.operations, &ours, &theirs));
            }
        }
        None
    }

    /// Leaves out what is not needed for a difference.
    async fn shortened(mut self, peers: &Peers, mut difference: String) -> (Program, String) {
        let mut runs = 0;
        let mut at = 0;
        while let Some(shorter) = self.without(at)
            && runs < SHORTENING
        {
            runs += 1;
            match shorter.difference(peers).await {
                Some(found) => (self, difference) = (shorter, found),
                None => at += 1,
            }
        }
        (self, difference)
    }

    /// The program without its operation or abort of this number, or `None` if it has fewer.
    fn without(&self, mut number: usize) -> Option<Program> {
        let mut shorter = self.clone();
        for event in &mut shorter.0 {
            if number < event.operations.len() {
                event.operations.remove(number);
                return Some(shorter);
            }
            number -= event.operations.len();
            if event.abort {
                if number == 0 {
                    event.abort = false;
                    return Some(shorter);
                }
                number -= 1;
            }
        }
        None
    }

    fn text(&self) -> String {
        let events = self.0.iter().filter(|event| !event.operations.is_empty());
        let lines = events.map(|event| {
            let operations: Vec<String> = event.operations.iter().map(Value::to_string).collect();
            let end = if event.abort { "\n  abort" } else { "" };
            format!("\n  {}{end}", operations.join("\n  "))
        });
        lines.collect::<Vec<_>>().join("\n  --")
    }
}

fn first_step(operations: &[Value], ours: &Value, theirs: &Value) -> String {
    let results = |answer: &Value| answer["value"].as_array().cloned().unwrap_or_default();
    let (mine, other) = (results(ours), results(theirs));
    for (index, operation) in operations.iter().enumerate() {
        let (mine, other) = (mine.get(index), other.get(index));
        if let (Some(mine), Some(other)) = (mine, other)
            && mine != other
        {
            return format!("{operation}\n   here: {mine}\nworkerd: {other}");
        }
    }
    format!("   here: {ours}\nworkerd: {theirs}")
}
