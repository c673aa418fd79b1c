//! The local log: SlateDB's write-ahead log as appended records in files of fixed size, one
//! `fdatasync` for all that waits.
//!
//! SlateDB hands in one batch at a time; each becomes a record (`record.rs`) of a segment
//! (`segment.rs`), written and synced by the log's own thread (`flusher.rs`) while SlateDB goes on.
//! `recover.rs` reads it all back, `fence.rs` keeps an earlier owner out, `pool.rs` takes segments up
//! again that SlateDB does not need any more.

mod fence;
mod flusher;
mod pool;
mod record;
mod recover;
mod scan;
mod segment;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use slatedb::wal::{WalError, WalFileRange, WalGc, WriterInit, WriterInitResult, WriterManifest};

use crate::Error;
use crate::disk::Disk;
use crate::format::StoreId;
use crate::outcome::Outcome;
use crate::place::Place;
use fence::Fence;
use pool::Pool;
pub(crate) use pool::Work;
use recover::{Known, recover};
use segment::Folder;
use writer::LogWriter;

/// A log that SlateDB is yet to open. Clones are the same log: SlateDB gets one to write and one to
/// collect garbage.
#[derive(Clone)]
pub(crate) struct LocalLog {
    inner: Arc<Inner>,
}

struct Inner {
    folder: Folder,
    outcome: Outcome,
    work: Work,
    /// Keeps the store's lock until the log's thread has ended.
    place: Place,
    /// Set when the log is open.
    pool: OnceLock<Arc<Pool>>,
    /// Why opening failed, in our own words: SlateDB keeps only the text.
    refused: OnceLock<Error>,
}

/// How the log is set up.
pub(crate) struct LogOptions {
    pub(crate) path: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) store: StoreId,
    pub(crate) segment_bytes: u64,
    pub(crate) work: Work,
}

impl LocalLog {
    pub(crate) fn new(options: LogOptions, outcome: Outcome, place: Place) -> LocalLog {
        let least = 2 * record::BLOCK as u64;
        LocalLog {
            inner: Arc::new(Inner {
                folder: Folder {
                    path: options.path,
                    disk: options.disk,
                    store: options.store,
                    segment_bytes: options.segment_bytes.max(least),
                },
                outcome,
                work: options.work,
                place,
                pool: OnceLock::new(),
                refused: OnceLock::new(),
            }),
        }
    }

    /// Why opening failed, when it was for a reason of the log.
    pub(crate) fn refused(&self) -> Option<Error> {
        self.inner.refused.get().cloned()
    }
}

impl Inner {
    fn open(&self, known: Known, epoch: u64, time: i64) -> Result<WriterInitResult, Error> {
        let folder = &self.folder;
        folder
            .disk
            .create_dir(&folder.path)
            .map_err(Error::io("create the folder", &folder.path))?;
        let fence = Fence::raise(folder, epoch, self.outcome.store.clone())?;
        let fence = Arc::new(fence);
        let recovered = recover(folder, known)?;
        recovered.settle()?;
        let replay = recovered.replay(known.replayed, time);
        let pool = Pool::start(
            folder.clone(),
            fence.clone(),
            recovered,
            self.outcome.counters.clone(),
            self.work.clone(),
        )?;
        let pool = Arc::new(pool);
        let _ = self.pool.set(pool.clone());
        let writer = LogWriter::start(pool, fence, self.outcome.clone(), self.place.clone())?;
        Ok(WriterInitResult {
            replay_iterator: Box::new(replay),
            wal_writer: Box::new(writer),
        })
    }
}

#[async_trait]
impl WriterInit for LocalLog {
    async fn fence_and_init(
        &self,
        manifest: &mut WriterManifest,
    ) -> Result<WriterInitResult, WalError> {
        let replayed = manifest.replay_after_wal_id();
        let known = Known {
            replayed,
            // What the manifest calls the next id is the one after the last durable one.
            flushed: manifest.manifest().next_wal_sst_id().saturating_sub(1),
        };
        // SlateDB wants times that do not go back, from sorted files to rows that are newer. Nothing
        // here depends on the times of rows, so that the log does not keep them.
        let time = manifest.manifest().last_l0_clock_tick().max(0);
        self.inner
            .work
            .clock
            .at_least(time.max(newest_file(manifest)));
        let opened = self.inner.open(known, manifest.epoch(), time);
        opened.map_err(|error| {
            let _ = self.inner.refused.set(error.clone());
            data_error(error)
        })
    }
}

#[async_trait]
impl WalGc for LocalLog {
    async fn collect(
        &self,
        referenced_ranges: Vec<WalFileRange>,
        min_age: Duration,
        dry_run: bool,
    ) -> Result<(), WalError> {
        let Some(pool) = self.inner.pool.get() else {
            return Ok(());
        };
        pool.collect(&referenced_ranges, min_age, dry_run)
            .map_err(|e| WalError::Unavailable(Arc::new(e)))
    }
}

/// When the newest sorted file was named, in milliseconds since 1970. SlateDB refuses a file whose
/// name is older than that.
fn newest_file(manifest: &WriterManifest) -> i64 {
    let manifest = manifest.manifest();
    let files = manifest
        .all_sst_views()
        .flat_map(|view| [view.id, view.sst.id.value()]);
    let merged = [
        manifest.last_compacted_l0_sst_view_id(),
        manifest.last_compacted_l0_sst_id(),
    ];
    let names = files.chain(merged.into_iter().flatten());
    let newest = names.map(|name| name.timestamp_ms()).max();
    newest.map_or(0, |time| i64::try_from(time).unwrap_or(0))
}

fn data_error(error: Error) -> WalError {
    WalError::DataError(Arc::new(error))
}
