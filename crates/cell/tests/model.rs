//! Random transactions on random cells against a map, with cells that leave memory all the time, going
//! back to bookmarks, reopening, and a disk that fails at any operation: either the power is cut, or the process goes on
//! and the disk works again. Afterwards the cells together are in a state that they had, not before
//! the last one that was known to be durable.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::rusqlite::Transaction;
use cellhouse_cell::{Bookmark, Cell, CellName, Cells, Error, Options, Store, Ticket};
use cellhouse_faults::{FaultyClock, SeededEntropy};
use cellhouse_shard::object_store::memory::InMemory;
use proptest::prelude::*;
use support::power::PowerDisk;
use support::{Failure, SCHEMA, check};
use tempfile::TempDir;

const CELLS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
enum Op {
    Write {
        cell: usize,
        steps: Vec<Step>,
        commit: bool,
    },
    Vacuum(usize),
    /// Takes a bookmark.
    Mark(usize),
    /// Goes to one of the bookmarks of the cell.
    GoTo(usize, usize),
    Wait,
    Reopen,
    /// The power goes now.
    Cut(u64),
    /// The power goes after that many more operations of the disk.
    CutAfter(u64),
}

#[derive(Debug, Clone)]
enum Step {
    Put {
        n: i64,
        bytes: usize,
    },
    Delete {
        from: i64,
        to: i64,
    },
    /// These steps within a savepoint that is kept or not.
    Savepoint(Vec<Step>, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![8 => 0..300usize, 3 => 300..9_000usize, 1 => 9_000..120_000usize];
    let leaf = prop_oneof![
        4 => (0..40i64, size).prop_map(|(n, bytes)| Step::Put { n, bytes }),
        1 => (0..40i64, 0..15i64).prop_map(|(from, count)| Step::Delete { from, to: from + count }),
    ];
    leaf.prop_recursive(2, 12, 4, |step| {
        (prop::collection::vec(step, 1..4), any::<bool>())
            .prop_map(|(steps, keep)| Step::Savepoint(steps, keep))
    })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => (0..CELLS.len(), prop::collection::vec(step(), 1..6), prop::bool::weighted(0.85))
            .prop_map(|(cell, steps, commit)| Op::Write { cell, steps, commit }),
        1 => (0..CELLS.len()).prop_map(Op::Vacuum),
        4 => (0..CELLS.len()).prop_map(Op::Mark),
        3 => (0..CELLS.len(), any::<usize>()).prop_map(|(cell, mark)| Op::GoTo(cell, mark)),
        3 => Just(Op::Wait),
        1 => Just(Op::Reopen),
        1 => any::<u64>().prop_map(Op::Cut),
        2 => (0..40u64).prop_map(Op::CutAfter),
    ]
}

type Table = BTreeMap<i64, Vec<u8>>;
type World = [Table; CELLS.len()];

struct Mark {
    bookmark: Bookmark,
    ticket: Ticket,
    table: Table,
}

/// The cells, and all states that they may be in after a power cut.
struct Run {
    dir: TempDir,
    objects: Arc<InMemory>,
    disk: PowerDisk,
    clock: FaultyClock,
    entropy: Arc<SeededEntropy>,
    cells: Option<Cells>,
    states: Vec<World>,
    marks: [Vec<Mark>; CELLS.len()],
    seed: u64,
    counter: u8,
}

impl Run {
    fn new() -> Run {
        let mut run = Run {
            dir: TempDir::new().unwrap(),
            objects: Arc::new(InMemory::new()),
            disk: PowerDisk::default(),
            clock: FaultyClock::default(),
            entropy: Arc::new(SeededEntropy::new(1)),
            cells: None,
            states: vec![World::default()],
            marks: Default::default(),
            seed: 1,
            counter: 0,
        };
        run.open().unwrap();
        run
    }

    fn open(&mut self) -> Result<(), Failure> {
        let options = Options {
            store: Some(Store::Objects {
                name: "model".to_owned(),
                objects: self.objects.clone(),
                log: Some("/log".into()),
            }),
            disk: Arc::new(self.disk.clone()),
            clock: Arc::new(self.clock.clone()),
            entropy: self.entropy.clone(),
            memory_bytes: 60_000,
            cache_bytes: 20 << 10,
            large_bytes: 150_000,
            // The clock moves by a millisecond whenever it is looked at.
            history_epoch: Duration::from_millis(30),
            ..Options::default()
        };
        self.cells = Some(Cells::open(self.dir.path(), options)?);
        Ok(())
    }

    fn cells(&self) -> &Cells {
        self.cells.as_ref().expect("it is open between operations")
    }

    fn now(&self) -> &World {
        self.states.last().expect("there is always a state")
    }

    fn run(&mut self, op: &Op) {
        let result = match op {
            Op::Write {
                cell,
                steps,
                commit,
            } => self.write(*cell, steps, *commit),
            Op::Vacuum(index) => self.vacuum(*index),
            Op::Mark(index) => self.mark(*index),
            Op::GoTo(index, mark) => self.go_to(*index, *mark),
            Op::Wait => self.wait(),
            Op::Reopen => self.reopen(),
            Op::CutAfter(operations) => {
                self.disk.cut_after(*operations);
                return;
            }
            Op::Cut(seed) => {
                self.seed ^= seed;
                self.disk.cut();
                Err(Failure("the power was cut".to_owned()))
            }
        };
        self.expect(result.map_err(|Failure(error)| Failure(format!("{op:?}: {error}"))));
    }

    /// What fails without power may.
    fn expect(&mut self, result: Result<(), Failure>) {
        match result {
            Ok(()) => {}
            Err(_) if self.disk.is_off() => self.after_failure(),
            Err(Failure(error)) => panic!("{error}"),
        }
    }

    fn write(&mut self, index: usize, steps: &[Step], commit: bool) -> Result<(), Failure> {
        let cell = cell(self.cells(), CELLS[index])?;
        let mut world = self.now().clone();
        let counter = &mut self.counter;
        let result = cell.write(|tx| -> Result<(), Failure> {
            apply(tx, &mut world[index], steps, counter)?;
            match commit {
                true => Ok(()),
                false => Err(Failure("rolled back".to_owned())),
            }
        });
        match result {
            Ok(_) => self.states.push(world),
            Err(Failure(error)) if error == "rolled back" => {}
            // A commit that failed may be there after the power cut that made it fail.
            Err(error) => {
                self.states.push(world);
                return Err(error);
            }
        }
        self.compare(index)
    }

    fn compare(&self, index: usize) -> Result<(), Failure> {
        let found = table(self.cells(), index)?;
        assert!(found == self.now()[index], "cell {}", CELLS[index]);
        Ok(())
    }

    fn vacuum(&mut self, index: usize) -> Result<(), Failure> {
        let cell = cell(self.cells(), CELLS[index])?;
        cell.read(|c| c.execute_batch("VACUUM"))?;
        self.compare(index)
    }

    fn mark(&mut self, index: usize) -> Result<(), Failure> {
        let (bookmark, ticket) = cell(self.cells(), CELLS[index])?.bookmark()?;
        let table = self.now()[index].clone();
        self.marks[index].push(Mark {
            bookmark,
            ticket,
            table,
        });
        Ok(())
    }

    fn go_to(&mut self, index: usize, mark: usize) -> Result<(), Failure> {
        let marks = &self.marks[index];
        let Some(mark) = mark.checked_rem(marks.len()).map(|at| &marks[at]) else {
            return Ok(());
        };
        let mut world = self.now().clone();
        world[index] = mark.table.clone();
        let cell = cell(self.cells(), CELLS[index])?;
        let gone = cell.restore(&mark.bookmark, |_| Ok::<_, Error>(Vec::new()));
        // As a commit that failed.
        self.states.push(world);
        gone?;
        check(&cell);
        self.compare(index)
    }

    fn wait(&mut self) -> Result<(), Failure> {
        self.cells().shard()?.ticket().wait()?;
        self.states.drain(..self.states.len() - 1);
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), Failure> {
        let cells = self.cells.take().expect("it is open between operations");
        cells.close()?;
        drop(cells);
        self.states.drain(..self.states.len() - 1);
        self.open()?;
        self.compare_all()
    }

    fn compare_all(&self) -> Result<(), Failure> {
        (0..CELLS.len()).try_for_each(|index| self.compare(index))
    }

    fn after_failure(&mut self) {
        // The others did not leave the process.
        for marks in &mut self.marks {
            marks.retain(|mark| mark.ticket.is_durable());
        }
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        if self.seed >> 63 == 0 && self.cells.is_some() {
            self.disk.back_on();
            // Whether what waits is lost is known once it was waited for.
            let waited = self.cells().shard().map(|shard| shard.ticket().wait());
            drop(waited);
        } else {
            drop(self.cells.take());
            self.disk = self.disk.after_power_cut(self.seed);
            self.open().unwrap();
        }
        self.compare_with_states();
    }

    fn compare_with_states(&mut self) {
        let found: World = std::array::from_fn(|index| {
            check(&cell(self.cells(), CELLS[index]).unwrap());
            table(self.cells(), index).unwrap()
        });
        let known = self.states.iter().position(|state| *state == found);
        assert!(
            known.is_some(),
            "not a state that was there: {:?}\nof {} states, the first {:?}\nthe last {:?}",
            sizes(&found),
            self.states.len(),
            sizes(&self.states[0]),
            sizes(self.now())
        );
        self.states = vec![found];
    }
}

fn cell(cells: &Cells, id: &str) -> Result<Cell, Error> {
    cells.cell_with_history(&CellName::new("test", id)?, SCHEMA, |_| Ok(()))
}

fn sizes(world: &World) -> Vec<Vec<(i64, usize)>> {
    let sizes = |table: &Table| table.iter().map(|(n, value)| (*n, value.len())).collect();
    world.iter().map(sizes).collect()
}

fn apply(
    tx: &Transaction<'_>,
    table: &mut Table,
    steps: &[Step],
    counter: &mut u8,
) -> Result<(), Failure> {
    for step in steps {
        match step {
            Step::Put { n, bytes } => {
                *counter = counter.wrapping_add(1);
                let value = vec![*counter; *bytes];
                tx.execute("REPLACE INTO t VALUES (?1, ?2)", (n, &value))?;
                table.insert(*n, value);
            }
            Step::Delete { from, to } => {
                tx.execute("DELETE FROM t WHERE n >= ?1 AND n < ?2", (from, to))?;
                table.retain(|n, _| n < from || n >= to);
            }
            Step::Savepoint(steps, keep) => {
                let before = table.clone();
                tx.execute_batch("SAVEPOINT s")?;
                apply(tx, table, steps, counter)?;
                if !keep {
                    tx.execute_batch("ROLLBACK TO s")?;
                    *table = before;
                }
                tx.execute_batch("RELEASE s")?;
            }
        }
    }
    Ok(())
}

fn table(cells: &Cells, index: usize) -> Result<Table, Failure> {
    let cell = cell(cells, CELLS[index])?;
    let rows = cell.read(|c| {
        c.prepare_cached("SELECT n, v FROM t")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    })?;
    Ok(rows.0)
}

/// What a seed found once is tried again each time.
fn run(ops: &[Op]) {
    let mut run = Run::new();
    ops.iter().for_each(|op| run.run(op));
    if run.disk.is_off() {
        run.after_failure();
    }
    let reopened = run.reopen();
    run.expect(reopened);
    // Nothing of it was only in the local files.
    let images = run.dir.path().join("images");
    if run.cells.take().is_some_and(|cells| cells.close().is_ok()) {
        remove(&images);
        let reopened = run.open().and_then(|()| run.compare_all());
        run.expect(reopened);
    }
}

fn remove(folder: &Path) {
    if folder.exists() {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(support::cases(24)))]

    #[test]
    fn cells_are_maps_that_survive_power_cuts(ops in prop::collection::vec(op(), 1..60)) {
        run(&ops);
    }
}
