//! What a cell promises when the disk stalls or fails: a ticket is durable only when its commit is
//! on disk, a failure reaches everyone concerned, and afterwards each cell is what is durable.

mod support;

use std::path::Path;
use std::time::Duration;

use cellhouse_cell::{Cell, Cells, Options, Ticket};
use cellhouse_faults::Valve;
use support::{all, cell, check, insert};
use tempfile::TempDir;

fn open(dir: &Path, disk: &Valve) -> (Cells, Cell) {
    let options = Options {
        disk: std::sync::Arc::new(disk.clone()),
        ..Options::default()
    };
    let cells = Cells::open(dir, options).unwrap();
    let a = cell(&cells, "a").unwrap();
    (cells, a)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

#[test]
fn a_stalled_disk_holds_tickets_but_not_the_cell() {
    let dir = TempDir::new().unwrap();
    let disk = Valve::default();
    let (_cells, cell) = open(dir.path(), &disk);
    let before = insert(&cell, 1, 10).unwrap();
    before.wait().unwrap();
    disk.close();
    let first = insert(&cell, 2, 10).unwrap();
    disk.until_waiting();
    let second = insert(&cell, 3, 10).unwrap();
    assert_eq!(all(&cell).unwrap(), [1, 2, 3], "reads see commits at once");
    let (_, seen) = cell
        .read(|c| c.query_row("SELECT max(n) FROM t", [], |row| row.get::<_, i64>(0)))
        .unwrap();
    assert!(before.is_durable());
    assert!(
        [&first, &second, &seen, &cell.ticket()]
            .iter()
            .all(|ticket| !ticket.is_durable())
    );
    let waited = runtime()
        .block_on(async { tokio::time::timeout(Duration::from_millis(20), seen.durable()).await });
    assert!(waited.is_err(), "a ticket must wait for the disk");
    disk.open();
    seen.wait().unwrap();
    assert!([first, second].iter().all(Ticket::is_durable));
}

#[test]
fn commits_during_a_sync_share_the_next_ones() {
    let dir = TempDir::new().unwrap();
    let disk = Valve::default();
    let (_cells, cell) = open(dir.path(), &disk);
    disk.close();
    insert(&cell, 1, 10).unwrap();
    disk.until_waiting();
    let late: Vec<_> = (2..50).map(|n| insert(&cell, n, 10).unwrap()).collect();
    disk.open();
    late.iter().for_each(|ticket| ticket.wait().unwrap());
    assert!(cell.stats().flushes < 10, "{:?}", cell.stats());
}

#[test]
fn a_failed_sync_fails_every_ticket_and_the_cell_goes_back_to_what_is_durable() {
    let dir = TempDir::new().unwrap();
    let disk = Valve::default();
    let (cells, cell) = open(dir.path(), &disk);
    let safe = insert(&cell, 1, 10).unwrap();
    safe.wait().unwrap();
    disk.close();
    let lost = insert(&cell, 2, 10).unwrap();
    disk.until_waiting();
    let also_lost = insert(&cell, 3, 10).unwrap();
    let read = cell.ticket();
    disk.fail();
    for ticket in [lost, also_lost, read] {
        let error = ticket.wait().unwrap_err().to_string();
        assert!(error.contains("the disk is broken"), "{error}");
    }
    assert!(safe.is_durable());
    // As long as the disk is broken, everything fails.
    let error = insert(&cell, 4, 10).unwrap_err().0;
    assert!(error.contains("the disk is broken"), "{error}");
    assert!(all(&cell).unwrap_err().to_string().contains("broken"));
    disk.open();
    let found = all(&cell).unwrap();
    // What was written and not synced may be there or not, as after a crash.
    assert!(found.starts_with(&[1]) && !found.contains(&4), "{found:?}");
    check(&cell);
    insert(&cell, 5, 10).unwrap().wait().unwrap();
    let found = all(&cell).unwrap();
    cells.close().unwrap();
    drop((cell, cells));
    let (_cells, cell) = open(dir.path(), &disk);
    assert_eq!(all(&cell).unwrap(), found);
}

#[test]
fn cells_whose_commits_are_durable_go_on_as_they_are() {
    let dir = TempDir::new().unwrap();
    let disk = Valve::default();
    let (cells, a) = open(dir.path(), &disk);
    let b = cell(&cells, "b").unwrap();
    insert(&a, 1, 10).unwrap().wait().unwrap();
    insert(&b, 1, 10).unwrap().wait().unwrap();
    disk.close();
    let lost = insert(&a, 2, 10).unwrap();
    disk.until_waiting();
    disk.fail();
    lost.wait().unwrap_err();
    disk.open();
    let (found, ticket) = b
        .read(|c| c.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)))
        .unwrap();
    assert!(found == 1 && ticket.is_durable());
    insert(&b, 2, 10).unwrap().wait().unwrap();
    insert(&a, 7, 10).unwrap().wait().unwrap();
    check(&a);
}

#[test]
fn closing_a_store_that_failed_says_so_and_keeps_what_is_durable() {
    let dir = TempDir::new().unwrap();
    let disk = Valve::default();
    let (cells, cell) = open(dir.path(), &disk);
    insert(&cell, 1, 10).unwrap().wait().unwrap();
    disk.fail();
    insert(&cell, 2, 10).unwrap().wait().unwrap_err();
    let error = cells.close().unwrap_err().to_string();
    assert!(error.contains("the disk is broken"), "{error}");
    drop((cell, cells));
    disk.open();
    let (_cells, cell) = open(dir.path(), &disk);
    assert!(all(&cell).unwrap().starts_with(&[1]));
    check(&cell);
}
