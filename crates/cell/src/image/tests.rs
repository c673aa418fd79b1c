//! What an image hands to the shard: exactly the pages that changed.

use std::sync::Arc;

use cellhouse_shard::{ShardOptions, Store};
use parking_lot::Mutex;

use super::*;
use crate::vfs;

struct Home {
    connection: vfs::Database,
    image: Arc<Mutex<Image>>,
    shard: Shard,
    key: CellKey,
}

fn home(large_bytes: u64) -> (Home, tempfile::TempDir) {
    let dir = tempfile::TempDir::new().unwrap();
    let shard = Shard::open(ShardOptions::new(Store::Memory)).unwrap();
    let name = CellName::new("test", "a").unwrap();
    let source = Source {
        shard: shard.clone(),
        key: name.key(),
        full_name: name.to_string().into(),
        name,
    };
    let key = source.key;
    let options = Options {
        large_bytes,
        ..Options::default()
    };
    let latest = Arc::new(Latest::new(shard.ticket()));
    let path = dir.path().join("images/a.db");
    let image = Arc::new(Mutex::new(
        Image::load(source, path, &options, latest).unwrap(),
    ));
    let sources = vfs::Sources {
        clock: options.clock.clone(),
        entropy: options.entropy.clone(),
    };
    let layer = Arc::new(vfs::Layer::new(sources).unwrap());
    let connection = vfs::open(&layer, image.clone(), 100 << 10).unwrap();
    connection
        .execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)")
        .unwrap();
    let home = Home {
        connection,
        image,
        shard,
        key,
    };
    (home, dir)
}

impl Home {
    fn run(&self, sql: &str) -> u64 {
        let before = self.image.lock().transaction;
        self.connection.execute_batch(sql).unwrap();
        self.image.lock().transaction - before
    }

    /// All pages in the shard, which must be those of the image.
    fn stored(&self) -> BTreeMap<u32, Page> {
        let mut image = self.image.lock();
        let meta = self.shard.meta(self.key, "test/a").unwrap().unwrap();
        assert_eq!((meta.pages, meta.transaction), image.state());
        let pages = self.shard.pages(self.key, 0..u32::MAX).unwrap();
        let pages: BTreeMap<u32, Page> = pages
            .into_iter()
            .map(|(number, bytes)| (number, Page::from_stored(bytes).unwrap()))
            .collect();
        assert!(pages.keys().all(|number| *number <= meta.pages));
        for number in 1..=meta.pages {
            let stored = pages.get(&number).cloned().unwrap_or_default();
            assert_eq!(image.base.known(number), Some(stored), "page {number}");
        }
        pages
    }
}

#[test]
fn what_sqlite_commits_is_in_the_shard_page_by_page() {
    for large_bytes in [100_000_000, 20_000] {
        let (home, _dir) = home(large_bytes);
        let many = "INSERT INTO t SELECT value, randomblob(900) FROM \
            (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n LIMIT 300) SELECT value FROM n)";
        let steps = [
            (many, 1),
            ("UPDATE t SET v = 'x' WHERE n = 7", 1),
            ("UPDATE t SET v = 'x' WHERE n = 7", 0),
            ("DELETE FROM t WHERE n = 1000", 0),
            ("BEGIN; UPDATE t SET v = randomblob(1000); ROLLBACK", 0),
            (
                "BEGIN; UPDATE t SET v = randomblob(1000); UPDATE t SET n = -n; COMMIT",
                1,
            ),
            ("DELETE FROM t WHERE n < -20; VACUUM", 2),
            ("CREATE INDEX i ON t (v); DROP INDEX i", 2),
            ("DELETE FROM t; VACUUM", 2),
        ];
        for (sql, commits) in steps {
            assert_eq!(home.run(sql), commits, "{sql}");
            home.stored();
        }
        assert_eq!(home.stored().len(), 2, "an empty table");
    }
}

#[test]
fn a_commit_that_the_shard_refuses_changes_nothing() {
    let (home, _dir) = home(100_000_000);
    home.run("INSERT INTO t VALUES (1, 'one')");
    let before = home.stored();
    home.shard.close().unwrap();
    let error = home
        .connection
        .execute_batch("INSERT INTO t VALUES (2, 'two')");
    assert!(error.is_err());
    let refusal = home.image.lock().take_refusal();
    assert!(matches!(refusal, Some(Error::Store(_))), "{refusal:?}");
    let mut image = home.image.lock();
    for (number, page) in before {
        assert_eq!(image.base.known(number), Some(page));
    }
    assert!(image.changes.pages.is_empty() && image.changes.bytes == 0);
    drop(image);
    let rows: i64 = home
        .connection
        .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}
