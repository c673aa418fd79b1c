//! Crashes at every operation: a disk that loses and tears what was not synced, an object store that
//! ends with it, a clock that is set ahead and back while the machine is down, random commits. What was acknowledged is there, in order, whole; what was not
//! acknowledged is there whole or not at all; what was read once does not disappear.
//!
//! `PROPTEST_CASES` sets how many runs there are.

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_faults::{
    FaultyClock, FaultyDisk, FaultyObjects, Moods, Power, Random, SeededEntropy,
};
use cellhouse_shard::{Shard, ShardOptions, Store};
use proptest::prelude::*;
use support::model::{CELLS, Change, Model, PAGES, State};

/// One life of the process: it opens the store, does this, and ends like that.
#[derive(Debug, Clone)]
struct Life {
    steps: Vec<Step>,
    end: End,
    /// The power goes out at this operation, if it is still on by then.
    out_at: u64,
    /// This sync fails.
    failing_sync: Option<u64>,
}

#[derive(Debug, Clone)]
enum Step {
    Commit(Change),
    Wait,
    Read,
    Reopen,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Crash,
    Kill,
    Close,
}

fn change() -> impl Strategy<Value = Change> {
    let page = (1..=PAGES, any::<u8>());
    let extra = proptest::option::of((0..3u8, any::<Option<u8>>()));
    (
        0..CELLS,
        1..=PAGES,
        proptest::collection::vec(page, 0..4),
        extra,
    )
        .prop_map(|(cell, size, pages, extra)| Change {
            cell,
            size,
            pages,
            extra,
        })
}

fn life() -> impl Strategy<Value = Life> {
    let step = prop_oneof![
        12 => change().prop_map(Step::Commit),
        3 => Just(Step::Wait),
        1 => Just(Step::Read),
        1 => Just(Step::Reopen),
    ];
    let end = prop_oneof![
        Just(End::Crash),
        Just(End::Crash),
        Just(End::Kill),
        Just(End::Close)
    ];
    let out_at = prop_oneof![2 => 0..60u64, 2 => 0..400u64, 1 => Just(u64::MAX)];
    let failing_sync = prop_oneof![3 => Just(None), 1 => (0..40u64).prop_map(Some)];
    let steps = proptest::collection::vec(step, 0..60);
    (steps, end, out_at, failing_sync).prop_map(|(steps, end, out_at, failing_sync)| Life {
        steps,
        end,
        out_at,
        failing_sync,
    })
}

/// The machine: what is there from one life to the next.
struct Machine {
    disk: FaultyDisk,
    objects: FaultyObjects,
    power: Arc<Power>,
    clock: FaultyClock,
    entropy: Arc<SeededEntropy>,
    random: Random,
}

impl Machine {
    fn new(seed: u64) -> Machine {
        let power = Arc::new(Power::default());
        Machine {
            disk: FaultyDisk::new(power.clone()),
            objects: FaultyObjects::new(power.clone(), Moods::default(), seed),
            power,
            clock: FaultyClock::default(),
            entropy: Arc::new(SeededEntropy::new(!seed)),
            random: Random::new(seed),
        }
    }

    fn options(&self) -> ShardOptions {
        let store = Store::Objects {
            name: "test".to_owned(),
            objects: Arc::new(self.objects.clone()),
            log: Some(PathBuf::from("/log")),
        };
        ShardOptions {
            // Small, so that segments are filled, rows flushed and segments taken up again.
            memtable_bytes: 64 << 10,
            unflushed_bytes: 512 << 10,
            segment_bytes: 96 << 10,
            log_collection: Duration::from_millis(5),
            disk: Arc::new(self.disk.clone()),
            clock: Arc::new(self.clock.clone()),
            entropy: self.entropy.clone(),
            ..ShardOptions::new(store)
        }
    }

    /// The process is gone; the machine starts again, with power until `out_at`.
    fn restart(&mut self, end: End, out_at: u64) {
        self.power.cut();
        self.clock.jump(&mut self.random);
        self.power = Arc::new(Power::out_at(out_at));
        self.disk = match end {
            End::Crash => self.disk.after_crash(&mut self.random, self.power.clone()),
            End::Kill | End::Close => self.disk.after_kill(self.power.clone()),
        };
        self.objects = self
            .objects
            .after_crash(self.power.clone(), Moods::default());
    }
}

fn live(machine: &mut Machine, model: &mut Model, life: &Life) {
    if let Some(n) = life.failing_sync {
        machine.disk.fail_sync(n);
    }
    let Ok(mut shard) = Shard::open(machine.options()) else {
        assert!(
            machine.power.is_out() || life.failing_sync.is_some(),
            "the store cannot be opened: {:?}",
            Shard::open(machine.options()).map(drop)
        );
        return;
    };
    check_reopened(machine, model, &shard);
    for step in &life.steps {
        let done = match step {
            Step::Commit(change) => model.commit(&shard, change),
            Step::Wait => model.last_ticket().map_or(Ok(()), |ticket| ticket.wait()),
            Step::Read => model.check_now(&shard),
            Step::Reopen => match shard.reopen() {
                Ok(again) => {
                    shard = again;
                    check_reopened(machine, model, &shard);
                    Ok(())
                }
                Err(error) => Err(error),
            },
        };
        if done.is_err() {
            break;
        }
    }
    if matches!(life.end, End::Close) {
        let _ = shard.close();
    }
}

/// Unless the power goes out meanwhile.
fn check_reopened(machine: &Machine, model: &mut Model, shard: &Shard) {
    match State::of(shard) {
        Ok(found) => model.check_reopened(found),
        Err(error) => assert!(
            machine.power.is_out() || shard.failure().is_some(),
            "the store cannot be read: {error}"
        ),
    }
}

fn run(lives: &[Life], seed: u64) {
    let mut machine = Machine::new(seed);
    let mut model = Model::new();
    for life in lives {
        machine.restart(End::Close, life.out_at);
        live(&mut machine, &mut model, life);
        machine.restart(life.end, u64::MAX);
        let shard = Shard::open(machine.options()).expect("the store can be opened after a crash");
        model.check_reopened(State::of(&shard).expect("the store can be read"));
        drop(shard);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: support::cases(48), ..ProptestConfig::default() })]

    #[test]
    fn nothing_acknowledged_is_lost(lives in proptest::collection::vec(life(), 1..4), seed: u64) {
        run(&lives, seed);
    }
}
