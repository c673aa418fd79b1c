//! Random use of three objects against a map, with a power that goes out at any operation of the
//! disk. Afterwards the objects together are in a state that they had at a flush, not before the last
//! one that was known to be durable; and the indexes say what the objects say.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use cellhouse_cell::{Cells, Disk, Options, Store, Ticket};
use cellhouse_faults::{FaultyClock, FaultyDisk, Power, Random, SeededEntropy};
use cellhouse_objects::{
    Binding, Error, Level, ListOptions, Namespace, Objects, ObjectsOptions, Storage, Value,
};
use cellhouse_shard::object_store::memory::InMemory;
use proptest::prelude::*;
use tempfile::TempDir;

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
enum Op {
    Use(usize, Vec<Step>, End),
    Wait,
    Reopen,
    Cut,
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, usize),
    PutMany(u8, u8),
    Delete(u8, u8),
    Insert(usize),
    SetAlarm(u8),
    DeleteAlarm,
    DeleteAll,
    Within(Vec<Step>, bool),
}

#[derive(Debug, Clone, Copy)]
enum End {
    Flush,
    FlushAndKeep,
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![6 => 0..200usize, 2 => 200..6_000usize, 1 => 6_000..60_000usize];
    let leaf = prop_oneof![
        6 => (0..30u8, size.clone()).prop_map(|(key, size)| Step::Put(key, size)),
        1 => (0..30u8, 1..9u8).prop_map(|(from, count)| Step::PutMany(from, count)),
        2 => (0..30u8, 1..9u8).prop_map(|(from, count)| Step::Delete(from, count)),
        2 => size.prop_map(Step::Insert),
        3 => (1..9u8).prop_map(Step::SetAlarm),
        1 => Just(Step::DeleteAlarm),
        1 => Just(Step::DeleteAll),
    ];
    leaf.prop_recursive(2, 12, 4, |step| {
        (prop::collection::vec(step, 1..4), any::<bool>())
            .prop_map(|(steps, keep)| Step::Within(steps, keep))
    })
}

fn op() -> impl Strategy<Value = Op> {
    let end =
        prop_oneof![4 => Just(End::Flush), 3 => Just(End::FlushAndKeep), 1 => Just(End::Drop)];
    prop_oneof![
        14 => (0..NAMES.len(), prop::collection::vec(step(), 1..6), end)
            .prop_map(|(object, steps, end)| Op::Use(object, steps, end)),
        3 => Just(Op::Wait),
        1 => Just(Op::Reopen),
        1 => Just(Op::Cut),
    ]
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Object {
    known: bool,
    values: BTreeMap<String, Vec<u8>>,
    rows: Vec<Vec<u8>>,
    table: bool,
    alarm: Option<i64>,
}

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
    last: Option<Ticket>,
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
            last: None,
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
            Op::Wait => match self.last.take() {
                Some(ticket) => {
                    ticket.wait().map_err(cellhouse_cell::Error::from)?;
                    self.states = vec![self.states.pop().unwrap()];
                    Ok(())
                }
                None => Ok(()),
            },
            Op::Reopen => {
                self.open = Default::default();
                let Some((cells, _)) = self.cells.take() else {
                    return Ok(());
                };
                cells.close()?;
                self.states = vec![self.states.pop().unwrap()];
                self.last = None;
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
        self.last = storage.flush()?.or(self.last.take());
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
        self.last = None;
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

fn read(storage: &mut Storage) -> Result<Object, Error> {
    let table = "SELECT count(*) FROM sqlite_schema WHERE name = 't'";
    let mut cursor = storage.sql(table, &[])?;
    let table = storage.rows(&mut cursor, 9)? == [[Value::Integer(1)]];
    let mut rows = Vec::new();
    if table {
        let mut cursor = storage.sql("SELECT v FROM t ORDER BY rowid", &[])?;
        while !cursor.is_done() {
            for row in storage.rows(&mut cursor, 3)? {
                let [Value::Blob(value)] = &row[..] else {
                    panic!("{row:?}");
                };
                rows.push(value.clone());
            }
        }
    }
    Ok(Object {
        known: storage.exists(),
        values: storage.list(&ListOptions::default())?.into_iter().collect(),
        rows,
        table,
        alarm: storage.alarm()?,
    })
}

/// Whether it exists is known only after the flush.
fn compare_one(storage: &mut Storage, model: &Object) -> Result<(), Error> {
    let found = read(storage)?;
    assert_eq!(
        Object {
            known: model.known,
            ..found
        },
        *model
    );
    Ok(())
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
