//! SlateDB on its threads: building it for a store, and closing it.

use std::sync::Arc;

use object_store::path::Path;
use slatedb::config::{CloseOptions, FlushType};
use slatedb::{CompactorBuilder, Db, ErrorKind, GarbageCollectorBuilder};
use tokio::runtime::Handle;

use crate::block_cache::BlockCache;
use crate::format::{self, StoreId};
use crate::log::{LocalLog, LogOptions, Work};
use crate::monotone::Monotone;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::threads::Threads;
use crate::ticket::block_on;
use crate::{Error, ShardOptions, settings};

/// Where SlateDB's files are in the store.
const FOLDER: &str = "db";

/// An open database. Dropping it without [`Engine::close`] is like a crash: nothing that is durable
/// is lost.
pub(crate) struct Engine {
    pub(crate) db: Db,
    pub(crate) id: StoreId,
    store: Arc<str>,
    own_log: bool,
    threads: Threads,
}

/// What is known when the log has been read and before the first commit.
pub(crate) struct Started {
    pub(crate) engine: Engine,
    /// Number of the last commit in the store.
    pub(crate) last: u64,
}

impl Engine {
    pub(crate) fn open(
        place: &Place,
        options: &ShardOptions,
        outcome: &Outcome,
    ) -> Result<Started, Error> {
        let threads = Threads::start().map_err(|e| Error::Engine {
            store: place.name.to_string(),
            action: "start its threads",
            reason: e.to_string(),
        })?;
        let work = threads.work();
        let _context = work.enter();
        let folder = Path::from(FOLDER);
        let id = block_on(format::open(place, options, &folder))?;
        let clock = Arc::new(Monotone::new(options.clock.clone()));
        let log = local_log(place, options, outcome, id, work.clone(), &clock);
        let seed = seed(place, options)?;
        let db = build(place, options, &threads, clock, seed, log.clone());
        let db = block_on(db).map_err(|e| {
            let of_log = log.and_then(|log| log.refused());
            of_log.unwrap_or_else(|| Error::engine(&place.name, "be opened")(e))
        })?;
        let last = db.status().durable_seq;
        Ok(Started {
            engine: Engine {
                db,
                id,
                store: place.name.clone(),
                own_log: place.log.is_some(),
                threads,
            },
            last,
        })
    }

    /// Whether the log is ours and reports by itself.
    pub(crate) fn own_log(&self) -> bool {
        self.own_log
    }

    pub(crate) fn work(&self) -> Handle {
        self.threads.work()
    }

    pub(crate) fn write(&self) -> Handle {
        self.threads.write()
    }

    /// Runs a read to its end on this thread.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let work = self.work();
        let _context = work.enter();
        block_on(future)
    }

    /// Ends all of SlateDB's work. What is in the log stays there: the next opening reads it again,
    /// which is faster than writing a small sorted file now.
    pub(crate) fn close(&self) -> Result<(), Error> {
        let options = CloseOptions {
            flush_type: Some(FlushType::Wal),
        };
        match self.block_on(self.db.close_with_options(options)) {
            Err(e) if !matches!(e.kind(), ErrorKind::Closed(_)) => {
                Err(Error::engine(&self.store, "be closed")(e))
            }
            _ => Ok(()),
        }
    }
}

fn local_log(
    place: &Place,
    options: &ShardOptions,
    outcome: &Outcome,
    store: StoreId,
    handle: Handle,
    clock: &Arc<Monotone>,
) -> Option<LocalLog> {
    let path = place.log.clone()?;
    let options = LogOptions {
        path,
        disk: options.disk.clone(),
        store,
        segment_bytes: options.segment_bytes,
        work: Work {
            clock: clock.clone(),
            handle,
        },
    };
    Some(LocalLog::new(options, outcome.clone(), place.clone()))
}

/// What SlateDB makes its random numbers from: the names of its files.
fn seed(place: &Place, options: &ShardOptions) -> Result<u64, Error> {
    let mut seed = [0; 8];
    let filled = options.entropy.fill(&mut seed);
    filled.map_err(|e| Error::Engine {
        store: place.name.to_string(),
        action: "be opened",
        reason: e.to_string(),
    })?;
    Ok(u64::from_be_bytes(seed))
}

async fn build(
    place: &Place,
    options: &ShardOptions,
    threads: &Threads,
    clock: Arc<Monotone>,
    seed: u64,
    log: Option<LocalLog>,
) -> Result<Db, slatedb::Error> {
    let mut collector = GarbageCollectorBuilder::new(FOLDER, place.objects.clone())
        .with_options(settings::garbage(options, log.is_some()));
    let compactor = CompactorBuilder::new(FOLDER, place.objects.clone())
        .with_options(settings::compactor())
        .with_sst_block_size(settings::BLOCK_SIZE)
        .with_runtime(threads.compact());
    let mut builder = Db::builder(FOLDER, place.objects.clone());
    if let Some(log) = log {
        collector = collector.with_wal_gc(Arc::new(log.clone()));
        builder = builder.with_wal_writer(Box::new(log));
    }
    builder
        .with_system_clock(clock)
        .with_seed(seed)
        .with_settings(settings::settings(options))
        .with_sst_block_size(settings::BLOCK_SIZE)
        .with_db_cache(Arc::new(BlockCache::new(options.block_cache_bytes)), 0)
        .with_write_runtime(threads.write())
        .with_compactor_builder(compactor)
        .with_gc_builder(collector)
        .build()
        .await
}

/// Tells the shard when SlateDB stops by itself: fenced, or a background task that failed.
pub(crate) async fn watch(db: Db, outcome: Outcome) {
    let mut status = db.subscribe();
    drop(db);
    let ended = status
        .wait_for(|status| {
            outcome.pace.set(status.current_manifest.l0().len());
            status.close_reason.is_some()
        })
        .await;
    let reason = match ended {
        Ok(status) => status.close_reason,
        Err(_) => return,
    };
    match reason {
        None | Some(slatedb::CloseReason::Clean) => {}
        Some(slatedb::CloseReason::Fenced) => outcome.refuse(Error::Fenced {
            store: outcome.store.to_string(),
        }),
        Some(other) => outcome.failed(format!("the storage engine stopped: {other:?}")),
    }
}
