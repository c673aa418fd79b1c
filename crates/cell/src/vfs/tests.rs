//! SQLite on a page file that only counts: that a commit is one sync with exactly the changed
//! pages, and that whatever SQLite does ends with the file as it should be.

use std::collections::BTreeMap;

use rusqlite::ErrorCode;

use super::*;
use crate::page::Page;

/// A page file that keeps every state that was synced.
#[derive(Default)]
struct Recorder {
    now: BTreeMap<u32, Page>,
    size: u32,
    synced: BTreeMap<u32, Page>,
    synced_size: u32,
    /// For each sync the pages that differ from the one before.
    commits: Vec<Vec<u32>>,
    refuse_write: Option<Refused>,
    refuse_sync: bool,
}

impl Recorder {
    fn is_synced(&self) -> bool {
        self.now == self.synced
    }
}

impl PageFile for Recorder {
    fn pages(&self) -> u32 {
        self.size
    }

    fn read(&mut self, number: u32, offset: usize, into: &mut [u8]) -> Result<(), Refused> {
        assert!(number >= 1 && number <= self.size);
        let page = self.now.get(&number).cloned().unwrap_or_default();
        page.read(offset, into);
        Ok(())
    }

    fn write(&mut self, number: u32, page: &[u8; PAGE_SIZE]) -> Result<(), Refused> {
        let page = Page::new(page);
        if let Some(refused) = self.refuse_write
            && self.synced.get(&number) != Some(&page)
        {
            return Err(refused);
        }
        self.now.insert(number, page);
        self.size = self.size.max(number);
        Ok(())
    }

    fn truncate(&mut self, pages: u32) {
        self.size = pages;
        self.now.retain(|number, _| *number <= pages);
    }

    fn sync(&mut self) -> Result<(), Refused> {
        let mut header = [0; 100];
        if let Some(first) = self.now.get(&1) {
            first.read(0, &mut header);
        }
        if let Some(size) = database_pages(&header) {
            assert!(size <= self.size);
            self.truncate(size);
        }
        let changed: Vec<u32> = (1..=self.size)
            .filter(|number| self.now.get(number) != self.synced.get(number))
            .collect();
        if changed.is_empty() && self.size == self.synced_size {
            return Ok(());
        }
        if self.refuse_sync {
            return Err(Refused::Failed);
        }
        self.commits.push(changed);
        (self.synced, self.synced_size) = (self.now.clone(), self.size);
        Ok(())
    }
}

/// The system's time and randomness.
fn layer() -> Arc<Layer> {
    let sources = Sources {
        clock: Arc::new(cellhouse_shard::RealClock::default()),
        entropy: Arc::new(cellhouse_shard::RealEntropy),
    };
    Arc::new(Layer::new(sources).unwrap())
}

fn database() -> (Database, Arc<Mutex<Recorder>>) {
    let file = Arc::<Mutex<Recorder>>::default();
    let connection = open(&layer(), file.clone(), 64 << 10).unwrap();
    connection
        .execute_batch("CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID")
        .unwrap();
    file.lock().commits.clear();
    (connection, file)
}

fn check(connection: &Connection) {
    let result: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(result, "ok");
}

fn count(connection: &Connection) -> i64 {
    connection
        .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap()
}

/// 2,000 rows of 500 bytes: much more than the cache of these tests.
fn fill(connection: &Connection, seed: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO t SELECT ?1 || value, randomblob(500) FROM \
               (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n LIMIT 2000) \
                SELECT value FROM n)";
    connection.execute(sql, [format!("{seed}-")]).map(drop)
}

#[test]
fn a_commit_of_one_row_is_one_sync_and_one_page() {
    let (connection, file) = database();
    connection
        .execute("INSERT INTO t VALUES ('count', 0)", [])
        .unwrap();
    file.lock().commits.clear();
    for _ in 0..100 {
        connection
            .execute("UPDATE t SET v = v + 1 WHERE k = 'count'", [])
            .unwrap();
    }
    let commits = file.lock().commits.clone();
    assert_eq!(commits, vec![vec![2]; 100]);
    connection
        .execute("DELETE FROM t WHERE k = 'x'", [])
        .unwrap();
    count(&connection);
    assert_eq!(file.lock().commits.len(), 100, "nothing changed");
}

#[test]
fn rolling_back_leaves_nothing_even_after_the_cache_spilled() {
    let (connection, file) = database();
    fill(&connection, 1).unwrap();
    file.lock().commits.clear();
    connection.execute_batch("BEGIN").unwrap();
    connection
        .execute("UPDATE t SET v = randomblob(600)", [])
        .unwrap();
    fill(&connection, 2).unwrap();
    assert!(
        !file.lock().is_synced(),
        "the transaction is too small for this test"
    );
    connection.execute_batch("ROLLBACK").unwrap();
    let file = file.lock();
    assert_eq!((file.commits.len(), file.size), (0, file.synced_size));
    assert!(file.is_synced());
    drop(file);
    check(&connection);
    assert_eq!(count(&connection), 2000);
}

#[test]
fn savepoints_of_large_transactions() {
    let (connection, file) = database();
    connection.execute_batch("BEGIN; SAVEPOINT a").unwrap();
    fill(&connection, 1).unwrap();
    connection.execute_batch("SAVEPOINT b").unwrap();
    fill(&connection, 2).unwrap();
    connection.execute_batch("ROLLBACK TO b").unwrap();
    fill(&connection, 3).unwrap();
    connection.execute_batch("RELEASE a; COMMIT").unwrap();
    assert_eq!(file.lock().commits.len(), 1);
    assert_eq!(count(&connection), 4000);
    check(&connection);
}

#[test]
fn vacuum_and_auto_vacuum_make_the_file_shorter_in_one_commit() {
    for auto in ["NONE", "FULL", "INCREMENTAL"] {
        let file = Arc::<Mutex<Recorder>>::default();
        let connection = open(&layer(), file.clone(), 64 << 10).unwrap();
        connection
            .execute_batch(&format!(
                "PRAGMA auto_vacuum={auto}; CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB)"
            ))
            .unwrap();
        fill(&connection, 1).unwrap();
        fill(&connection, 2).unwrap();
        let before = file.lock().synced_size;
        connection
            .execute("DELETE FROM t WHERE k LIKE '1-%'", [])
            .unwrap();
        file.lock().commits.clear();
        let shrink = match auto {
            "FULL" => "SELECT 1",
            "INCREMENTAL" => "PRAGMA incremental_vacuum",
            _ => "VACUUM",
        };
        let mut statement = connection.prepare(shrink).unwrap();
        let mut rows = statement.query([]).unwrap();
        while rows.next().unwrap().is_some() {}
        drop(rows);
        drop(statement);
        let commits = file.lock().commits.len();
        assert_eq!(commits, usize::from(auto != "FULL"), "{auto}");
        let after = file.lock().synced_size;
        assert!(
            after < before * 2 / 3,
            "{auto}: {before} pages, now {after}"
        );
        assert!(file.lock().is_synced());
        check(&connection);
        assert_eq!(count(&connection), 2000);
    }
}

#[test]
fn a_refused_commit_is_rolled_back_and_the_next_one_works() {
    let (connection, file) = database();
    fill(&connection, 1).unwrap();
    for (sync, write) in [
        (true, None),
        (false, Some(Refused::Full)),
        (false, Some(Refused::Failed)),
    ] {
        let before = file.lock().synced.clone();
        (file.lock().refuse_sync, file.lock().refuse_write) = (sync, write);
        connection
            .execute_batch("INSERT INTO t VALUES ('a', 1)")
            .unwrap_err();
        // Large ones are refused before their end.
        connection
            .execute_batch("BEGIN; UPDATE t SET v = randomblob(550)")
            .and_then(|()| connection.execute_batch("COMMIT"))
            .unwrap_err();
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK").unwrap();
        }
        (file.lock().refuse_sync, file.lock().refuse_write) = (false, None);
        assert!(file.lock().now == before && file.lock().synced == before);
        check(&connection);
        assert_eq!(count(&connection), 2000);
        connection
            .execute_batch("INSERT INTO t VALUES ('a', 1); DELETE FROM t WHERE k = 'a'")
            .unwrap();
        check(&connection);
    }
}

#[test]
fn large_values_and_changes_of_the_schema() {
    let (connection, file) = database();
    let blob = vec![0xa5u8; 25 << 20];
    connection
        .execute("INSERT INTO t VALUES ('big', ?1)", [&blob])
        .unwrap();
    assert_eq!(file.lock().commits.len(), 1);
    connection
        .execute_batch("ALTER TABLE t ADD COLUMN w DEFAULT 3; ALTER TABLE t RENAME TO u; CREATE INDEX i ON u (w); ALTER TABLE u DROP COLUMN v2")
        .unwrap_err();
    connection
        .execute_batch("ALTER TABLE u RENAME TO t")
        .unwrap();
    let (found, w): (Vec<u8>, i64) = connection
        .query_row("SELECT v, w FROM t", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert!(found == blob && w == 3);
    check(&connection);
}

#[test]
fn settings_that_the_file_layer_relies_on_stay() {
    let (connection, _file) = database();
    let ask = |sql: &str| -> String {
        let value = connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0));
        match value {
            Ok(rusqlite::types::Value::Text(text)) => text,
            Ok(value) => format!("{value:?}"),
            Err(e) => e.to_string(),
        }
    };
    for mode in ["WAL", "DELETE", "OFF", "TRUNCATE", "PERSIST"] {
        assert_eq!(ask(&format!("PRAGMA journal_mode={mode}")), "memory");
        assert_eq!(ask(&format!("PRAGMA main.journal_mode='{mode}'")), "memory");
    }
    assert_eq!(ask("PRAGMA journal_mode"), "memory");
    assert_eq!(ask("PRAGMA locking_mode=NORMAL"), "exclusive");
    assert_eq!(ask("PRAGMA mmap_size=1000000"), "0");
    assert!(ask("PRAGMA page_size=1024").contains("4096 bytes, which cannot be changed"));
    assert_eq!(ask("PRAGMA page_size"), "Integer(4096)");
    connection
        .execute_batch("PRAGMA temp_store=FILE; PRAGMA synchronous=FULL; PRAGMA page_size=4096")
        .unwrap();
    assert_eq!(ask("PRAGMA temp_store"), "Integer(2)");
    connection
        .execute_batch("CREATE TEMP TABLE x AS SELECT * FROM t; VACUUM")
        .unwrap();
    fill(&connection, 1).unwrap();
    check(&connection);
}

#[test]
fn no_other_file_can_be_opened() {
    let (connection, _file) = database();
    let by_layer = format!(
        "file:other?vfs={}",
        connection._layer.name().to_str().unwrap()
    );
    for name in ["cell", "/etc/passwd", &by_layer] {
        let error = connection
            .execute("ATTACH ?1 AS other", [name])
            .unwrap_err();
        assert_eq!(
            error.sqlite_error_code(),
            Some(ErrorCode::CannotOpen),
            "{name}: {error}"
        );
    }
    connection.execute_batch("ATTACH ':memory:' AS other; CREATE TABLE other.x (y); INSERT INTO other.x VALUES (1); INSERT INTO t VALUES ('a', 1)").unwrap();
    check(&connection);
}

#[test]
fn a_panic_in_the_file_is_an_error_in_sql() {
    struct Broken;
    impl PageFile for Broken {
        fn pages(&self) -> u32 {
            panic!("a broken page file")
        }
        fn read(&mut self, _: u32, _: usize, _: &mut [u8]) -> Result<(), Refused> {
            Ok(())
        }
        fn write(&mut self, _: u32, _: &[u8; PAGE_SIZE]) -> Result<(), Refused> {
            Ok(())
        }
        fn truncate(&mut self, _: u32) {}
        fn sync(&mut self) -> Result<(), Refused> {
            Ok(())
        }
    }
    let opened = open(&layer(), Arc::new(Mutex::new(Broken)), 64 << 10);
    let result = opened.and_then(|connection| connection.execute_batch("CREATE TABLE t (x)"));
    assert!(result.is_err());
}

#[test]
fn a_file_that_is_no_database_is_an_error() {
    let file = Arc::<Mutex<Recorder>>::default();
    file.lock().write(1, &[7; PAGE_SIZE]).unwrap();
    let result = open(&layer(), file, 64 << 10)
        .and_then(|connection| connection.execute_batch("SELECT * FROM sqlite_schema"));
    assert_eq!(
        result.unwrap_err().sqlite_error_code(),
        Some(ErrorCode::NotADatabase)
    );
}
