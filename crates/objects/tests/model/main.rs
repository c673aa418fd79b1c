//! Random use of three objects against a map, with a power that goes out at any operation of the
//! disk. Afterwards the objects together are in a state that they had at a flush, not before the last
//! one that was known to be durable; and the indexes say what the objects say.

mod object;
mod op;

use std::path::Path;
use std::sync::Arc;

use cellhouse_cell::{Cells, Disk, Options, Store, Ticket};
use cellhouse_faults::{FaultyClock, FaultyDisk, Power, Random, SeededEntropy};
use cellhouse_objects::{Binding, Error, Level, Namespace, Objects, ObjectsOptions, Storage};
use cellhouse_shard::object_store::memory::InMemory;
use object::{Object, compare_one, read};
use op::{End, Op, Step, op};
use proptest::prelude::*;
use tempfile::TempDir;

const NAMES: [&str; 3] = ["a", "b", "c"];

type World = [Object; NAMES.len()];

struct Run {
    dir: TempDir,
    store: Arc<InMemory>,
    power: Arc<Power>,
    disk: FaultyDisk,
    random: Random,
    cells: Option<(Cells, Objects)>,
    open: [Option<Storage>; NAMES.len()],
    namespace: Namespace,
    states: Vec<World>,
    /// Of the flushes since the last wait. Each stands for its own object.
    tickets: Vec<Ticket>,
    counter: u8,
}

impl Run {
    fn new(seed: u64, out_at: u64) -> Run {
        let power = Arc::new(Power::out_at(out_at));
        Run {
            dir: TempDir::new().unwrap(),
            power: power.clone(),
            store: Arc::new(InMemory::new()),
            disk: FaultyDisk::new(power),
            random: Random::new(seed),
            cells: None,
            open: Default::default(),
            namespace: Namespace::new("model"),
            states: vec![World::default()],
            tickets: Vec::new(),
            counter: 0,
        }
    }

    fn objects(&mut self) -> Result<Objects, Error> {
        if let Some((_, objects)) = &self.cells {
            return Ok(objects.clone());
        }
        let clock = FaultyClock::default();
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let options = Options {
            store: Some(Store::Objects {
                name: "model".to_owned(),
                objects: self.store.clone(),
                log: Some(Path::new("/log").to_owned()),
            }),
            disk,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(1)),
            memory_bytes: 80_000,
            large_bytes: 200_000,
            ..Options::default()
        };
        let cells = Cells::open(self.dir.path(), options)?;
        let options = ObjectsOptions {
            clock: Arc::new(clock),
            ..ObjectsOptions::default()
        };
        let objects = Objects::new(&cells, options);
        self.cells = Some((cells, objects.clone()));
        Ok(objects)
    }

    fn storage(&mut self, object: usize) -> Result<Storage, Error> {
        if let Some(storage) = self.open[object].take() {
            return Ok(storage);
        }
        let id = self.namespace.id_from_name(NAMES[object]);
        self.objects()?.storage(&self.namespace, &id)
    }

    fn run(&mut self, op: &Op) -> Result<(), Error> {
        match op {
            Op::Use(object, steps, end) => self.use_object(*object, steps, *end),
            Op::Wait => {
                let tickets = std::mem::take(&mut self.tickets);
                if tickets.is_empty() {
                    return Ok(());
                }
                for ticket in tickets {
                    ticket.wait().map_err(cellhouse_cell::Error::from)?;
                }
                self.states = vec![self.states.pop().unwrap()];
                Ok(())
            }
            Op::Reopen => {
                self.open = Default::default();
                let Some((cells, _)) = self.cells.take() else {
                    return Ok(());
                };
                cells.close()?;
                self.states = vec![self.states.pop().unwrap()];
                self.tickets.clear();
                drop(cells);
                self.compare()
            }
            Op::Cut => {
                self.power.cut();
                self.lose();
                Ok(())
            }
        }
    }

    fn use_object(&mut self, object: usize, steps: &[Step], end: End) -> Result<(), Error> {
        let mut storage = self.storage(object)?;
        let mut world = self.states.last().unwrap().clone();
        let mut levels = Vec::new();
        self.apply(&mut storage, &mut world[object], steps, &mut levels)?;
        compare_one(&mut storage, &world[object])?;
        if matches!(end, End::Drop) {
            return Ok(());
        }
        // From here on it may be there or not, should the power go.
        self.states.push(world);
        self.tickets.extend(storage.flush()?);
        if matches!(end, End::FlushAndKeep) {
            self.open[object] = Some(storage);
        }
        Ok(())
    }

    fn apply(
        &mut self,
        storage: &mut Storage,
        model: &mut Object,
        steps: &[Step],
        levels: &mut Vec<Level>,
    ) -> Result<(), Error> {
        for step in steps {
            match step {
                Step::Put(key, size) => {
                    let (key, value) = (key.to_string(), self.value(*size));
                    storage.put(&key, &value)?;
                    model.values.insert(key, value);
                    model.known = true;
                }
                Step::PutMany(from, count) => {
                    let value = self.value(20);
                    let keys: Vec<String> =
                        (*from..from + count).map(|key| key.to_string()).collect();
                    let pairs: Vec<_> = keys.iter().map(|key| (key.as_str(), &value[..])).collect();
                    storage.put_many(&pairs)?;
                    model
                        .values
                        .extend(keys.into_iter().map(|key| (key, value.clone())));
                    model.known = true;
                }
                Step::Delete(from, count) => {
                    let keys: Vec<String> =
                        (*from..from + count).map(|key| key.to_string()).collect();
                    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
                    let there = keys
                        .iter()
                        .filter(|key| model.values.remove(*key).is_some());
                    assert_eq!(storage.delete_many(&names)?, there.count());
                }
                Step::Insert(size) => {
                    let value = self.value(*size);
                    let sql = "CREATE TABLE IF NOT EXISTS t (v BLOB); INSERT INTO t VALUES (?)";
                    storage.sql(sql, &[Binding::Blob(&value)])?;
                    model.rows.push(value);
                    (model.table, model.known) = (true, true);
                }
                Step::SetAlarm(n) => {
                    storage.set_alarm(f64::from(*n) * 1e12)?;
                    model.alarm = Some(i64::from(*n) * 1_000_000_000_000);
                    model.known = true;
                }
                Step::DeleteAlarm => {
                    storage.delete_alarm()?;
                    model.alarm = None;
                }
                Step::DeleteAll if levels.is_empty() => {
                    storage.delete_all()?;
                    *model = Object::default();
                }
                Step::DeleteAll => assert!(storage.delete_all().is_err()),
                Step::Within(steps, keep) => {
                    let before = model.clone();
                    let level = storage.transaction()?;
                    // Beginning one is a write.
                    model.known = true;
                    levels.push(level);
                    self.apply(storage, model, steps, levels)?;
                    levels.pop();
                    if *keep {
                        storage.commit(level)?;
                    } else {
                        storage.rollback(level)?;
                        *model = Object {
                            known: true,
                            ..before
                        };
                    }
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, size: usize) -> Vec<u8> {
        self.counter = self.counter.wrapping_add(1);
        vec![self.counter; size]
    }

    /// The power goes, if it has not gone, and comes back.
    fn lose(&mut self) {
        self.open = Default::default();
        self.tickets.clear();
        self.cells = None;
        self.power = Arc::default();
        self.disk = self.disk.after_crash(&mut self.random, self.power.clone());
        let images = self.dir.path().join("images");
        if images.exists() && self.random.chance(50) {
            std::fs::remove_dir_all(&images).unwrap();
        }
        let found = self.found().unwrap();
        assert!(
            self.states.contains(&found),
            "not a state that was there: {found:?}\nbut {:?}",
            self.states
        );
        self.states = vec![found];
        self.compare().unwrap();
    }

    fn found(&mut self) -> Result<World, Error> {
        let mut world = World::default();
        for (object, found) in world.iter_mut().enumerate() {
            *found = read(&mut self.storage(object)?)?;
        }
        Ok(world)
    }

    /// Objects and indexes are those of the last state.
    fn compare(&mut self) -> Result<(), Error> {
        let world = self.states.last().unwrap().clone();
        let objects = self.objects()?;
        for (object, model) in world.iter().enumerate() {
            compare_one(&mut self.storage(object)?, model)?;
            let id = self.namespace.id_from_name(NAMES[object]);
            let listed = objects.find(&self.namespace, &id)?;
            assert_eq!(listed.is_some(), model.known, "{object}: {model:?}");
            assert_eq!(listed.and_then(|listed| listed.alarm), model.alarm);
        }
        let listed = objects.list(&self.namespace, Some(""), None, 9)?.objects;
        let names: Vec<&str> = listed
            .iter()
            .map(|o| o.id.name().unwrap().as_ref())
            .collect();
        let known = NAMES.iter().zip(&world).filter(|(_, model)| model.known);
        assert_eq!(names, known.map(|(name, _)| *name).collect::<Vec<_>>());
        let shard = self.cells.as_ref().unwrap().0.shard()?;
        let alarms = shard
            .extras("alarms", b"", 99)
            .map_err(cellhouse_cell::Error::from)?;
        let mut due: Vec<i64> = world.iter().filter_map(|model| model.alarm).collect();
        due.sort_unstable();
        let indexed = alarms
            .iter()
            .map(|(key, _)| i64::from_be_bytes(key[..8].try_into().unwrap()));
        assert_eq!(indexed.collect::<Vec<_>>(), due);
        Ok(())
    }
}

fn run(ops: &[Op], seed: u64, out_at: u64) {
    let mut run = Run::new(seed, out_at);
    for op in ops.iter().chain([&Op::Reopen]) {
        if let Err(error) = run.run(op) {
            assert!(run.power.is_out(), "{op:?}: {error}");
            run.lose();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(48)
    ))]

    #[test]
    fn objects_are_maps_that_survive_power_cuts(
        ops in prop::collection::vec(op(), 1..40),
        seed in any::<u64>(),
        out_at in prop_oneof![2 => 5..400u64, 1 => Just(u64::MAX)],
    ) {
        run(&ops, seed, out_at);
    }
}
