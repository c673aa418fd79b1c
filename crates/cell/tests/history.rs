//! Going back to bookmarks: what is refused, times, what a bookmark survives, and that nothing is left
//! of history that is not wanted.

mod support;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cellhouse_cell::rusqlite::Connection;
use cellhouse_cell::{
    Bookmark, BookmarkProblem, Cell, CellName, Cells, Error, HistorySweep, Options,
};
use cellhouse_faults::FaultyClock;
use support::{SCHEMA, all, check, insert};
use tempfile::TempDir;

fn no_setup(_: &mut Connection) -> cellhouse_cell::rusqlite::Result<()> {
    Ok(())
}

struct Home {
    clock: FaultyClock,
    dir: TempDir,
    cells: Cells,
}

fn options(clock: &FaultyClock) -> Options {
    Options {
        clock: Arc::new(clock.clone()),
        ..Options::default()
    }
}

impl Home {
    fn new() -> Home {
        let (dir, clock) = (TempDir::new().unwrap(), FaultyClock::default());
        clock.pass(Duration::from_secs(100 * 24 * 3600));
        let cells = Cells::open(dir.path(), options(&clock)).unwrap();
        Home { clock, dir, cells }
    }

    fn reopen(self, change: impl FnOnce(&mut Options)) -> Home {
        let Home { clock, dir, cells } = self;
        cells.close().unwrap();
        drop(cells);
        let mut options = options(&clock);
        change(&mut options);
        let cells = Cells::open(dir.path(), options).unwrap();
        Home { clock, dir, cells }
    }

    fn cell(&self, id: &str) -> Cell {
        let name = CellName::new("test", id).unwrap();
        self.cells
            .cell_with_history(&name, SCHEMA, no_setup)
            .unwrap()
    }

    fn rows(&self) -> usize {
        let shard = self.cells.shard().unwrap();
        shard
            .snapshot()
            .unwrap()
            .rows(None, usize::MAX)
            .unwrap()
            .len()
    }
}

fn mark(cell: &Cell) -> Bookmark {
    cell.bookmark().unwrap().0
}

fn go(cell: &Cell, bookmark: &Bookmark) -> Result<(), Error> {
    cell.restore_now(bookmark).map(drop)
}

fn problem<T>(result: Result<T, Error>) -> BookmarkProblem {
    match result {
        Err(Error::Bookmark { problem, .. }) => problem,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a bookmark that is no good was taken"),
    }
}

#[test]
fn a_cell_goes_back_and_forth() {
    let home = Home::new();
    let cell = home.cell("a");
    let empty = mark(&cell);
    insert(&cell, 1, 10).unwrap();
    let one = mark(&cell);
    insert(&cell, 2, 50_000).unwrap();
    insert(&cell, 3, 10).unwrap();
    let three = mark(&cell);
    assert_eq!(mark(&cell), three, "nothing was changed between the two");
    for (bookmark, expected) in [
        (one, vec![1]),
        (three, vec![1, 2, 3]),
        (empty, vec![]),
        (one, vec![1]),
        (three, vec![1, 2, 3]),
        (three, vec![1, 2, 3]),
    ] {
        let undo = cell.bookmark_before_restore().unwrap().0;
        let was = all(&cell).unwrap();
        go(&cell, &bookmark).unwrap();
        assert_eq!(all(&cell).unwrap(), expected);
        check(&cell);
        if was != expected {
            go(&cell, &undo).unwrap();
            assert_eq!(all(&cell).unwrap(), was, "undone");
            go(&cell, &bookmark).unwrap();
        }
    }
    insert(&cell, 9, 10).unwrap();
    assert_eq!(all(&cell).unwrap(), [1, 2, 3, 9]);
}

#[test]
fn restoring_gives_the_way_back_and_sessions_go_on() {
    let home = Home::new();
    let cell = home.cell("a");
    let mut session = cell.session();
    let mut count = || -> i64 {
        let rows = session.with(|queries| {
            let rows = queries.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
            Ok::<_, Error>(rows.unwrap())
        });
        rows.unwrap().0
    };
    insert(&cell, 1, 10).unwrap();
    let one = mark(&cell);
    insert(&cell, 2, 10).unwrap();
    assert_eq!(count(), 2);
    let (two, ticket) = cell.restore_now(&one).unwrap();
    ticket.wait().unwrap();
    assert_eq!(count(), 1);
    insert(&cell, 3, 10).unwrap();
    let (three, _) = cell.restore_now(&two).unwrap();
    assert_eq!(all(&cell).unwrap(), [1, 2]);
    cell.restore_now(&three).unwrap();
    assert_eq!(all(&cell).unwrap(), [1, 3]);
    let before = cell.transaction().unwrap().0;
    let (same, _) = cell.restore_now(&mark(&cell)).unwrap();
    assert_eq!(cell.transaction().unwrap().0, before, "it is there already");
    assert_eq!(same, mark(&cell));
}

#[test]
fn bookmarks_that_are_no_good_change_nothing() {
    let home = Home::new();
    let (cell, other) = (home.cell("a"), home.cell("b"));
    insert(&cell, 1, 10).unwrap();
    insert(&other, 1, 10).unwrap();
    let undo = cell.bookmark_before_restore().unwrap().0;
    use BookmarkProblem::*;
    assert_eq!(problem(go(&cell, &undo)), NotRestored);
    assert_eq!(problem(go(&cell, &mark(&other))), OtherCell);
    assert_eq!(problem(Bookmark::parse("")), Malformed);
    let late = home.clock.clone();
    let now = cellhouse_cell::Clock::now(&late);
    assert_eq!(
        problem(cell.bookmark_at(now + Duration::from_secs(1))),
        Future
    );
    let ago = now - Duration::from_secs(31 * 24 * 3600);
    assert_eq!(problem(cell.bookmark_at(ago)), TooOld);
    let plain = support::cell(&home.cells, "plain").unwrap();
    assert_eq!(problem(plain.bookmark()), SwitchedOff);
    // One of a life that is over.
    let before = mark(&cell);
    insert(&cell, 2, 10).unwrap();
    home.cells.remove(cell.name()).unwrap();
    assert_eq!(problem(go(&cell, &before)), Future);
    insert(&cell, 7, 10).unwrap();
    insert(&cell, 8, 10).unwrap();
    assert_eq!(problem(go(&cell, &before)), TooOld);
    assert_eq!(all(&cell).unwrap(), [7, 8]);
}

#[test]
fn a_failing_look_leaves_the_cell_as_it_is() {
    let home = Home::new();
    let cell = home.cell("a");
    insert(&cell, 1, 10).unwrap();
    let one = mark(&cell);
    insert(&cell, 2, 10).unwrap();
    let refused = cell.restore(&one, |c| {
        let count: i64 = c
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 1, "it sees what will be");
        Err(cell_error())
    });
    assert!(matches!(refused, Err(Error::Closed { .. })));
    assert_eq!(all(&cell).unwrap(), [1, 2]);
    insert(&cell, 3, 10).unwrap();
    go(&cell, &one).unwrap();
    assert_eq!(all(&cell).unwrap(), [1]);
}

fn cell_error() -> Error {
    Error::Closed { path: "x".into() }
}

#[test]
fn times_are_rounded_down_to_an_epoch() {
    let home = Home::new();
    let cell = home.cell("a");
    let begin = cellhouse_cell::Clock::now(&home.clock);
    let at = |seconds: u64| begin + Duration::from_secs(seconds);
    // Rows are numbered by the second in which they come.
    for second in [0, 3, 9, 12, 15, 40, 41] {
        let now = cellhouse_cell::Clock::now(&home.clock);
        home.clock
            .pass(at(second).duration_since(now).unwrap_or_default());
        insert(&cell, second as i64, 10).unwrap();
    }
    home.clock.pass(Duration::from_secs(100));
    let refused = |time| problem(cell.bookmark_at(time));
    // Of the seconds since the first commit nothing is kept but the present.
    for time in [begin - Duration::from_secs(9), begin, at(5)] {
        assert_eq!(refused(time), BookmarkProblem::BeforeFirst);
    }
    let shown = |time: SystemTime| {
        let bookmark = cell.bookmark_at(time).unwrap().0;
        let now = mark(&cell);
        go(&cell, &bookmark).unwrap();
        let rows = all(&cell).unwrap();
        go(&cell, &now).unwrap();
        rows
    };
    let cases: [(u64, &[i64]); 6] = [
        (11, &[0, 3, 9]),
        (13, &[0, 3, 9]),
        (23, &[0, 3, 9, 12, 15]),
        (39, &[0, 3, 9, 12, 15]),
        (45, &[0, 3, 9, 12, 15]),
        (51, &[0, 3, 9, 12, 15, 40, 41]),
    ];
    for (second, rows) in cases {
        assert_eq!(shown(at(second)), rows, "at {second} s");
    }
    let new = home.cell("new");
    let never = new.bookmark_at(cellhouse_cell::Clock::now(&home.clock));
    assert_eq!(problem(never), BookmarkProblem::NothingYet);
}

#[test]
fn bookmarks_survive_eviction_reopening_and_a_backup() {
    let home = Home::new();
    let cell = home.cell("a");
    insert(&cell, 1, 10).unwrap();
    let one = mark(&cell);
    drop(cell);
    let home = home.reopen(|options| options.memory_bytes = 1);
    let cell = home.cell("a");
    insert(&cell, 2, 10).unwrap();
    let two = mark(&cell);
    for n in 3..20 {
        insert(&cell, n, 3_000).unwrap();
    }
    let (to, from) = (TempDir::new().unwrap(), home.dir.path().join("backup"));
    home.cells.backup(&from, |_| {}).unwrap();
    let target = Cells::open(to.path(), options(&home.clock)).unwrap();
    target.restore(&from, |_| {}).unwrap();
    target
        .check(|checked, _| assert_eq!(checked.problems, Vec::<String>::new()))
        .unwrap();
    for cells in [&home.cells, &target] {
        let name = CellName::new("test", "a").unwrap();
        let cell = cells.cell_with_history(&name, SCHEMA, no_setup).unwrap();
        go(&cell, &two).unwrap();
        assert_eq!(all(&cell).unwrap(), [1, 2]);
        go(&cell, &one).unwrap();
        assert_eq!(all(&cell).unwrap(), [1]);
    }
}

#[test]
fn a_gap_in_the_history_cannot_be_crossed() {
    let home = Home::new();
    insert(&home.cell("a"), 1, 10).unwrap();
    let one = mark(&home.cell("a"));
    let home = home.reopen(|options| options.history = Duration::ZERO);
    assert_eq!(
        problem(go(&home.cell("a"), &one)),
        BookmarkProblem::SwitchedOff
    );
    // Nothing was written meanwhile.
    let home = home.reopen(|_| {});
    go(&home.cell("a"), &one).unwrap();
    let rows = home.rows();
    let home = home.reopen(|options| options.history = Duration::ZERO);
    insert(&home.cell("a"), 2, 10).unwrap();
    assert_eq!(home.rows(), rows, "it costs nothing");
    let home = home.reopen(|_| {});
    let cell = home.cell("a");
    assert_eq!(problem(go(&cell, &one)), BookmarkProblem::TooOld);
    let two = mark(&cell);
    insert(&cell, 3, 10).unwrap();
    assert_eq!(problem(go(&cell, &one)), BookmarkProblem::TooOld);
    go(&cell, &two).unwrap();
    assert_eq!(all(&cell).unwrap(), [1, 2]);
}

#[test]
fn a_transaction_and_what_it_replaces_share_one_limit() {
    let home = Home::new().reopen(|options| options.transaction_bytes = 300_000);
    let cell = home.cell("a");
    let fill = |value: u8| {
        cell.write(|tx| -> Result<(), support::Failure> {
            let sql = "REPLACE INTO t VALUES (1, ?1)";
            tx.execute(sql, [vec![value; 200_000]])?;
            Ok(())
        })
    };
    fill(1).unwrap();
    // SQLite takes new pages for it, and those of the first one after that.
    fill(2).unwrap();
    let before = mark(&cell);
    let refused = fill(3).unwrap_err();
    assert!(
        refused.0.contains("disk is full") || refused.0.contains("more than"),
        "{refused:?}"
    );
    assert_eq!(mark(&cell), before);
    insert(&cell, 2, 10).unwrap();
    check(&cell);
    assert_eq!(all(&cell).unwrap(), [1, 2]);
}

#[test]
fn what_is_too_old_is_swept_in_steps_and_a_removed_cell_leaves_nothing() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let home = Home::new();
    let ids = ["a", "b", "c"];
    let mut marks = Vec::new();
    for _ in 0..4 {
        for id in ids {
            let cell = home.cell(id);
            marks.push(mark(&cell));
            for n in 0..20 {
                let n = n + 100 * marks.len() as i64;
                insert(&cell, n, 1_500).unwrap();
            }
        }
        home.clock.pass(DAY);
    }
    let sweep = |rows| {
        let mut sweep = HistorySweep::default();
        while home.cells.sweep_history(&mut sweep, rows).unwrap() {}
    };
    let all_rows = home.rows();
    sweep(1);
    assert_eq!(home.rows(), all_rows, "nothing is too old yet");
    home.clock.pass(28 * DAY + DAY / 2);
    sweep(1);
    let left = home.rows();
    assert!(left < all_rows, "{left} of {all_rows} rows are left");
    for (index, bookmark) in marks.iter().enumerate() {
        let cell = home.cell(ids[index % 3]);
        match index / 3 {
            0..=2 => assert_eq!(problem(go(&cell, bookmark)), BookmarkProblem::TooOld),
            _ => {
                go(&cell, bookmark).unwrap();
                assert_eq!(all(&cell).unwrap().len(), 60);
                check(&cell);
            }
        }
    }
    sweep(7);
    home.clock.pass(40 * DAY);
    sweep(3);
    let cells = home.rows();
    for id in ids {
        let cell = home.cell(id);
        assert!(
            cell.bookmark_at(cellhouse_cell::Clock::now(&home.clock) - DAY)
                .is_ok()
        );
        assert_eq!(all(&cell).unwrap().len(), 60);
    }
    insert(&home.cell("a"), 1, 10).unwrap();
    assert!(home.rows() > cells, "it keeps history again");
    for id in ids {
        home.cells.remove(home.cell(id).name()).unwrap();
    }
    assert!(home.cells.shard().unwrap().is_empty().unwrap());
}
