//! Cells that leave memory and come back, large cells and their local files, transactions that are
//! too large.

mod support;

use std::path::{Path, PathBuf};

use cellhouse_cell::{Cell, Cells, Error, Options};
use support::{Failure, all, cell, check, insert};
use tempfile::TempDir;

fn small(dir: &Path) -> Cells {
    let options = Options {
        memory_bytes: 200_000,
        ..Options::default()
    };
    Cells::open(dir, options).unwrap()
}

fn large(dir: &Path) -> Cells {
    let options = Options {
        large_bytes: 40_000,
        ..Options::default()
    };
    Cells::open(dir, options).unwrap()
}

#[test]
fn cells_leave_memory_and_come_back() {
    let dir = TempDir::new().unwrap();
    let cells = small(dir.path());
    let handles: Vec<Cell> = (0..200)
        .map(|n| cell(&cells, &n.to_string()).unwrap())
        .collect();
    for round in 0..3 {
        for (n, cell) in handles.iter().enumerate() {
            insert(cell, round * 1000 + n as i64, 100).unwrap();
            if n % 10 == 0 {
                cell.ticket().wait().unwrap();
            }
        }
    }
    handles.last().unwrap().ticket().wait().unwrap();
    for (n, cell) in handles.iter().enumerate() {
        let n = n as i64;
        assert_eq!(all(cell).unwrap(), [n, 1000 + n, 2000 + n]);
    }
    let memory = cells.memory();
    assert!(memory.bytes <= 200_000, "{memory:?}");
    assert!(memory.cells < 150 && memory.cells > 2, "{memory:?}");
}

#[test]
fn a_cell_in_constant_use_stays() {
    let dir = TempDir::new().unwrap();
    let cells = small(dir.path());
    let hot = cell(&cells, "hot").unwrap();
    hot.read(|c| c.execute_batch("CREATE TEMP TABLE mark (x)"))
        .unwrap();
    for n in 0..300 {
        let other = cell(&cells, &n.to_string()).unwrap();
        insert(&other, n, 10).unwrap().wait().unwrap();
        // The temporary table goes with the connection.
        hot.read(|c| c.execute_batch("SELECT * FROM mark")).unwrap();
    }
}

#[test]
fn a_cell_whose_commit_is_not_durable_stays() {
    let dir = TempDir::new().unwrap();
    let disk = cellhouse_faults::Valve::default();
    let options = Options {
        memory_bytes: 1,
        disk: std::sync::Arc::new(disk.clone()),
        ..Options::default()
    };
    let cells = Cells::open(dir.path(), options).unwrap();
    let first = cell(&cells, "first").unwrap();
    disk.close();
    insert(&first, 1, 10).unwrap();
    for n in 0..20 {
        cell(&cells, &n.to_string()).unwrap();
    }
    assert!(cells.memory().cells >= 1, "{:?}", cells.memory());
    assert_eq!(all(&first).unwrap(), [1]);
    disk.open();
    first.ticket().wait().unwrap();
    cell(&cells, "more").unwrap();
    cell(&cells, "even more").unwrap();
    assert_eq!(all(&first).unwrap(), [1]);
}

/// A large cell with numbers 0 to 99, its files, closed.
fn large_cell(dir: &Path) -> (PathBuf, PathBuf) {
    let cells = large(dir);
    let a = cell(&cells, "a").unwrap();
    for n in 0..100 {
        insert(&a, n, 1500).unwrap();
    }
    cells.close().unwrap();
    let file = dir.join("images/test/a.db");
    let mark = dir.join("images/test/a.db.mark");
    assert!(file.exists() && mark.exists());
    (file, mark)
}

/// Changes a value in the local file, so that it shows whether the file is used.
fn forge(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let value = [57u8; 1500];
    let at = bytes.windows(1500).position(|part| part == value).unwrap();
    bytes[at..at + 1500].fill(b'!');
    std::fs::write(file, bytes).unwrap();
}

fn value_57(cell: &Cell) -> u8 {
    let value = |c: &cellhouse_cell::rusqlite::Connection| {
        c.query_row("SELECT v FROM t WHERE n = 57", [], |row| {
            row.get::<_, Vec<u8>>(0)
        })
    };
    cell.read(value).unwrap().0[0]
}

#[test]
fn a_local_file_is_used_when_it_was_closed_well() {
    let dir = TempDir::new().unwrap();
    let (file, mark) = large_cell(dir.path());
    forge(&file);
    let cells = large(dir.path());
    let a = cell(&cells, "a").unwrap();
    assert_eq!(value_57(&a), b'!');
    assert!(mark.exists(), "reading leaves the file as it is");
    insert(&a, 100, 10).unwrap();
    assert!(!mark.exists(), "writing does not");
    cells.close().unwrap();
    assert!(mark.exists());
}

#[test]
fn a_local_file_is_thrown_away_when_anything_is_wrong_with_it() {
    type Harm = fn(&Path, &Path);
    let harms: [(&str, Harm); 5] = [
        ("no mark", |_, mark| std::fs::remove_file(mark).unwrap()),
        ("no file", |file, _| std::fs::remove_file(file).unwrap()),
        ("half a mark", |_, mark| {
            let bytes = std::fs::read(mark).unwrap();
            std::fs::write(mark, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("an older state", |file, mark| {
            let (old_file, old_mark) = (std::fs::read(file), std::fs::read(mark));
            let dir = file.ancestors().nth(3).unwrap();
            let cells = large(dir);
            insert(&cell(&cells, "a").unwrap(), -1, 10).unwrap();
            cells.close().unwrap();
            std::fs::write(file, old_file.unwrap()).unwrap();
            std::fs::write(mark, old_mark.unwrap()).unwrap();
        }),
        ("no folder", |file, _| {
            std::fs::remove_dir_all(file.ancestors().nth(2).unwrap()).unwrap();
        }),
    ];
    for (what, harm) in harms {
        let dir = TempDir::new().unwrap();
        let (file, mark) = large_cell(dir.path());
        forge(&file);
        harm(&file, &mark);
        let cells = large(dir.path());
        let a = cell(&cells, "a").unwrap();
        assert_eq!(value_57(&a), 57, "{what}");
        let found = all(&a).unwrap();
        assert!(found.len() >= 100 && found[found.len() - 1] == 99, "{what}");
        check(&a);
    }
}

#[test]
fn of_another_store_a_local_file_is_not_used() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    large_cell(dir.path());
    let (file, mark) = large_cell(other.path());
    forge(&file);
    std::fs::copy(file, dir.path().join("images/test/a.db")).unwrap();
    std::fs::copy(mark, dir.path().join("images/test/a.db.mark")).unwrap();
    assert_eq!(value_57(&cell(&large(dir.path()), "a").unwrap()), 57);
}

#[test]
fn a_large_cell_reads_what_it_needs_and_shrinks_again() {
    let dir = TempDir::new().unwrap();
    let (file, _) = large_cell(dir.path());
    std::fs::remove_dir_all(dir.path().join("images")).unwrap();
    let cells = large(dir.path());
    let a = cell(&cells, "a").unwrap();
    assert_eq!(value_57(&a), 57);
    let pages = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        bytes
            .chunks(4096)
            .filter(|page| page.iter().any(|b| *b != 0))
            .count()
    };
    assert!(pages(&file) < 12, "{} pages of 50", pages(&file));
    assert_eq!(all(&a).unwrap().len(), 100);
    check(&a);
    a.read(|c| c.execute_batch("DELETE FROM t WHERE n > 3; VACUUM"))
        .unwrap();
    check(&a);
    cells.close().unwrap();
    drop((a, cells));
    let cells = large(dir.path());
    let a = cell(&cells, "a").unwrap();
    assert_eq!(all(&a).unwrap(), [0, 1, 2, 3]);
    assert!(!file.exists(), "a small cell has no file");
}

#[test]
fn a_folder_where_no_local_file_can_be_made_is_a_clear_error() {
    let dir = TempDir::new().unwrap();
    large_cell(dir.path());
    std::fs::remove_dir_all(dir.path().join("images")).unwrap();
    std::fs::write(dir.path().join("images"), "in the way").unwrap();
    let error = cell(&large(dir.path()), "a").unwrap_err().to_string();
    assert!(error.contains("images"), "{error}");
    // A cell that becomes large while it is open stays in memory.
    let cells = large(dir.path());
    let b = cell(&cells, "b").unwrap();
    (0..100).for_each(|n| drop(insert(&b, n, 1500).unwrap()));
    assert_eq!(all(&b).unwrap().len(), 100);
}

#[test]
fn a_transaction_that_is_too_large_is_refused_whole() {
    for (limit, spills) in [(300_000, true), (2_000, false)] {
        let dir = TempDir::new().unwrap();
        let options = Options {
            transaction_bytes: limit,
            cache_bytes: 40_000,
            ..Options::default()
        };
        let cells = Cells::open(dir.path(), options).unwrap();
        let a = cell(&cells, "a").unwrap();
        insert(&a, 1, 100).unwrap();
        let rows = if spills { 1000 } else { 5 };
        let error = a
            .write(|tx| -> Result<(), Failure> {
                for n in 2..rows {
                    tx.execute("INSERT INTO t VALUES (?1, ?2)", (n, [n as u8; 1000]))?;
                }
                Ok(())
            })
            .unwrap_err();
        assert!(
            error
                .0
                .starts_with("cell test/a: a transaction changed more than"),
            "{}",
            error.0
        );
        assert_eq!(all(&a).unwrap(), [1]);
        insert(&a, 2, 100).unwrap().wait().unwrap();
        check(&a);
        drop((a, cells));
        let cells = small(dir.path());
        let a = cell(&cells, "a").unwrap();
        assert_eq!(all(&a).unwrap(), [1, 2]);
        check(&a);
    }
}

#[test]
fn a_refused_transaction_has_the_type_that_says_so() {
    let dir = TempDir::new().unwrap();
    let options = Options {
        transaction_bytes: 1000,
        ..Options::default()
    };
    let cells = Cells::open(dir.path(), options).unwrap();
    let a = cell(&cells, "a").unwrap();
    let error = a
        .read(|c| c.execute("INSERT INTO t VALUES (1, randomblob(100000))", []))
        .unwrap_err();
    assert!(
        matches!(error, Error::TooLarge { limit: 1000, .. }),
        "{error}"
    );
    assert!(
        a.read(|c| c.execute_batch("SELECT nonsense"))
            .unwrap_err()
            .to_string()
            .contains("nonsense")
    );
}

#[test]
fn a_value_of_25_mib_and_a_vacuum() {
    let dir = TempDir::new().unwrap();
    let cells = Cells::open(dir.path(), Options::default()).unwrap();
    let a = cell(&cells, "a").unwrap();
    for n in 0..2 {
        let value = vec![n as u8 + 1; 25 << 20];
        a.read(|c| c.execute("INSERT INTO t VALUES (?1, ?2)", (n, &value)))
            .unwrap()
            .1
            .wait()
            .unwrap();
    }
    a.read(|c| c.execute_batch("DELETE FROM t WHERE n = 0; VACUUM"))
        .unwrap();
    check(&a);
    cells.close().unwrap();
    drop((a, cells));
    std::fs::remove_dir_all(dir.path().join("images")).unwrap();
    let cells = Cells::open(dir.path(), Options::default()).unwrap();
    let a = cell(&cells, "a").unwrap();
    let value: Vec<u8> = a
        .read(|c| c.query_row("SELECT v FROM t", [], |row| row.get(0)))
        .unwrap()
        .0;
    assert!(value == vec![2u8; 25 << 20]);
    check(&a);
}
