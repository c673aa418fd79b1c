//! Any messages with any luck, through restarts: each is handled until it is acknowledged or has failed too
//! often, in order of attempts, and ends in exactly one place.

mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_queues::{
    Batch, Consumer, Content, NotRun, Outcome, Outgoing, Queues, QueuesOptions, Retry, RetryPause,
};
use proptest::prelude::*;
use support::Home;

/// What a message's handler does with one attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Luck {
    Ack,
    Retry(u32),
    /// The whole handler throws.
    Throw,
    /// It never ends; after a restart it is as `Ack`.
    Hang,
}

const RETRIES: usize = 2;

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        4 => Just(Luck::Ack),
        3 => (0u32..40).prop_map(Luck::Retry),
        2 => Just(Luck::Throw),
        1 => Just(Luck::Hang),
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Send { delay: u32, luck: Vec<Luck> },
    Pass(u32),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0u32..30, prop::collection::vec(luck(), RETRIES + 1))
            .prop_map(|(delay, luck)| Step::Send { delay, luck }),
        3 => (0u32..30).prop_map(Step::Pass),
        1 => Just(Step::Restart),
    ]
}

#[derive(Default)]
struct World {
    lucks: Vec<Vec<Luck>>,
    /// The attempts of each message, as they were seen.
    seen: BTreeMap<usize, Vec<u32>>,
    hung: HashSet<(usize, u32)>,
    dead: Vec<usize>,
}

fn open(home: &Home) -> Queues {
    let options = QueuesOptions {
        clock: Arc::new(home.clock.clone()),
        ..QueuesOptions::default()
    };
    let queues = Queues::open(&home.cells, options).unwrap();
    let consumer = Consumer {
        max_batch_size: 3,
        max_batch_timeout: Duration::from_secs(2),
        max_retries: Some(RETRIES as u32),
        dead_letter_queue: Some("dead".to_owned()),
        pause: RetryPause::Fixed(Duration::from_secs(3)),
        ..Consumer::new("app", "q")
    };
    let dead = Consumer::new("app", "dead");
    queues.set_consumers("app", vec![consumer, dead]).unwrap();
    queues
}

fn number(body: &[u8]) -> usize {
    std::str::from_utf8(body).unwrap().parse().unwrap()
}

/// `None`: the handler never ends.
fn handle(world: &mut World, batch: &Batch) -> Option<Outcome> {
    if batch.consumer.queue == "dead" {
        world
            .dead
            .extend(batch.messages.iter().map(|m| number(&m.body)));
        return Some(Outcome {
            ok: true,
            ..Outcome::default()
        });
    }
    let mut outcome = Outcome {
        ok: true,
        ..Outcome::default()
    };
    let mut hangs = false;
    for message in &batch.messages {
        let (id, attempt) = (number(&message.body), message.attempts);
        world.seen.entry(id).or_default().push(attempt);
        match world.lucks[id][attempt as usize - 1] {
            Luck::Ack => outcome.acks.push(message.id.clone()),
            Luck::Retry(delay) => {
                let retry = Retry {
                    delay_seconds: Some(delay),
                };
                outcome.retries.insert(message.id.clone(), retry);
            }
            Luck::Throw => outcome.ok = false,
            Luck::Hang if world.hung.insert((id, attempt)) => hangs = true,
            Luck::Hang => outcome.acks.push(message.id.clone()),
        }
    }
    (!hangs).then_some(outcome)
}

/// Runs from now for so many seconds.
fn run(home: &Home, queues: &Queues, world: &RefCell<World>, now: &mut i64, seconds: u32) {
    let handler = |batch: Batch| {
        let outcome = handle(&mut world.borrow_mut(), &batch);
        async move {
            match outcome {
                Some(outcome) => Ok::<_, NotRun>(outcome),
                None => std::future::pending().await,
            }
        }
    };
    let mut run = pin!(queues.run(std::future::pending(), handler));
    home.settle(run.as_mut());
    let step = i64::from(seconds.max(1)) * 1000 / 3;
    for _ in 0..3 {
        *now += step;
        home.clock.set(*now);
        home.settle(run.as_mut());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn every_message_ends_where_it_should(steps in prop::collection::vec(step(), 1..14)) {
        let mut home = Home::new();
        let mut queues = open(&home);
        let world = RefCell::new(World::default());
        let mut now = 0;
        for step in steps {
            match step {
                Step::Send { delay, luck } => {
                    let id = world.borrow().lucks.len();
                    world.borrow_mut().lucks.push(luck);
                    let body = id.to_string();
                    let message = Outgoing {
                        content: Content::Text,
                        body: body.as_bytes(),
                        delay_seconds: delay.into(),
                    };
                    queues.queue("q").unwrap().send(&message).unwrap();
                }
                Step::Pass(seconds) => run(&home, &queues, &world, &mut now, seconds),
                Step::Restart => {
                    drop(queues);
                    home = home.reopen();
                    queues = open(&home);
                }
            }
        }
        // Each pass drops the handlers that hang, as a crash does.
        for _ in 0..10 {
            run(&home, &queues, &world, &mut now, 60);
        }
        let world = world.into_inner();
        for (id, luck) in world.lucks.iter().enumerate() {
            let seen = world.seen.get(&id).cloned().unwrap_or_default();
            prop_assert!(seen.is_sorted(), "{id}: {seen:?}");
            prop_assert_eq!(seen.first(), Some(&1));
            let last = *seen.last().unwrap() as usize;
            let dead = world.dead.iter().filter(|dead| **dead == id).count();
            let ended_well = luck[..last].iter().any(|luck| matches!(luck, Luck::Ack | Luck::Hang));
            prop_assert!(dead == 1 || (dead == 0 && ended_well), "{id}: dead {dead}, seen {seen:?}");
            if dead == 1 {
                prop_assert_eq!(last, RETRIES + 1, "it had all its attempts");
            }
            let acked = luck.iter().position(|luck| *luck == Luck::Ack);
            if let Some(acked) = acked {
                prop_assert!(last <= acked + 1, "it came after its ack: {seen:?}");
            }
        }
        for queue in ["q", "dead"] {
            prop_assert_eq!(queues.queue(queue).unwrap().backlog().unwrap().0.count, 0);
        }
    }
}
