//! What SlateDB is told, and why. Everything that is not set here is SlateDB's default.

use std::time::Duration;

use slatedb::SstBlockSize;
use slatedb::config::{
    CompactionWorkerOptions, CompactorOptions, GarbageCollectorDirectoryOptions,
    GarbageCollectorOptions, Settings, SizeTieredCompactionSchedulerOptions,
};

use crate::ShardOptions;

/// Rows per read from a sorted file. A page is 4 KiB, so that is 7 pages: small enough for a random
/// read, and an index that is a seventh of one entry per page (10 GB of pages: 25 MB instead of
/// 170).
pub(crate) const BLOCK_SIZE: SstBlockSize = SstBlockSize::Block32Kib;

/// Sorted files become no larger than this: the index and filter of one are then about 200 KB, and
/// a compaction gives back the space of its inputs bit by bit.
const SST_BYTES: usize = 64 << 20;

/// How often the store's own state is read again: how soon the writer learns that a compaction made
/// room in L0. In the time of a poll and a compaction's polls (it is scheduled, claimed, done and
/// listed at four of them) L0 must not fill up, or commits stall. Shorter ones cost an idle process
/// more wake-ups.
const MANIFEST_POLL: Duration = Duration::from_millis(500);
const COMPACTION_POLL: Duration = Duration::from_millis(300);

/// Sorted files in L0. Above what a burst makes in two seconds; each has `memtable_bytes` at most.
/// `pace.rs` slows writing down before there are so many.
pub(crate) const L0_FILES: usize = 64;

/// How many sorted files are merged at a time: half of L0, so that one merge makes room for the next
/// second of a burst.
const MERGED_AT_ONCE: usize = 32;

/// Merges at a time: a long one of large runs, and one that makes room in L0 meanwhile. With one alone,
/// commits stalled for 3 to 4 s whenever all runs were merged (`soak`, each 5 GB).
const MERGES: usize = 2;

/// How often garbage is looked for, and how old it must be. The age guards files that are written
/// and not yet listed in a manifest; SlateDB also compares them with the newest listed one, so this
/// only has to be longer than a disk may hang when the clock was set back.
const GC_INTERVAL: Duration = Duration::from_secs(5);
const GC_MIN_AGE: Duration = Duration::from_secs(20);

/// Log files may go as soon as no manifest needs them: their numbers, unlike times, say for certain
/// which are old, and at full speed a second is 100 MB of log.
const LOG_GC_MIN_AGE: Duration = Duration::ZERO;

/// How often a request to the object store is tried again before its error is reported: about three
/// seconds. Flushing rows to sorted files goes on trying after that, unless the error is one that
/// stays.
const RETRIES: Option<u32> = Some(5);

/// How long a read may go on using files that a compaction replaced meanwhile; until then they, and
/// the log of that time, take up space. Reads of this crate are short: a long one (a backup) is made
/// of many, and one that finds a file gone is done again.
const READ_LIFETIME: Duration = Duration::from_secs(20);

pub(crate) fn settings(options: &ShardOptions) -> Settings {
    Settings {
        // The driver asks for a flush of each group; our log needs no asking.
        flush_interval: None,
        manifest_poll_interval: MANIFEST_POLL,
        // Rows are pages: a small sorted file has few, and its filter is worth it all the same.
        min_filter_keys: 64,
        l0_sst_size_bytes: options.memtable_bytes,
        l0_max_ssts: L0_FILES,
        l0_max_ssts_per_key: L0_FILES,
        // One at a time: files then get their names in the order in which the manifest lists them,
        // which garbage collection relies on, and a second one would not be faster on one disk.
        l0_flush_parallelism: 1,
        max_unflushed_bytes: options.unflushed_bytes.max(options.memtable_bytes * 2 + 1),
        // Counted in groups: it bounds what is read again after a crash. The size bounds it sooner
        // in all but the smallest commits.
        max_wal_flushes_before_l0_flush: 65_536,
        object_store_max_retries: RETRIES,
        // These two come with builders of their own.
        compactor_options: None,
        garbage_collector_options: None,
        ..Settings::default()
    }
}

pub(crate) fn compactor() -> CompactorOptions {
    CompactorOptions {
        poll_interval: COMPACTION_POLL,
        max_concurrent_compactions: MERGES,
        scheduler_options: scheduler().into(),
        commit_compacted_interval: COMPACTION_POLL,
        checkpoint_lifetime: READ_LIFETIME,
        object_store_max_retries: RETRIES,
        worker: Some(CompactionWorkerOptions {
            max_concurrent_compactions: MERGES,
            compactions_poll_interval: COMPACTION_POLL,
            max_sst_size: SST_BYTES,
            // What a compaction holds in memory: this much for each of its inputs.
            max_fetch_tasks: 1,
            bytes_to_fetch: 256 << 10,
            max_subcompactions: 1,
            min_filter_keys: 64,
            object_store_max_retries: RETRIES,
            ..CompactionWorkerOptions::default()
        }),
        ..CompactorOptions::default()
    }
}

/// SlateDB's default sizes, but never more than eight runs for long, so that a scan of a cell's
/// pages reads few files.
fn scheduler() -> SizeTieredCompactionSchedulerOptions {
    SizeTieredCompactionSchedulerOptions {
        max_compaction_sources: MERGED_AT_ONCE,
        sorted_run_consolidation_threshold: 8,
        ..Default::default()
    }
}

/// `own_log`: the log is ours and not SlateDB's, whose files are told apart by their age.
pub(crate) fn garbage(options: &ShardOptions, own_log: bool) -> GarbageCollectorOptions {
    let every = |interval, min_age| {
        Some(GarbageCollectorDirectoryOptions {
            interval: Some(interval),
            min_age,
            dry_run: false,
        })
    };
    GarbageCollectorOptions {
        manifest_options: every(GC_INTERVAL, GC_MIN_AGE),
        wal_options: match own_log {
            true => every(options.log_collection, LOG_GC_MIN_AGE),
            false => every(GC_INTERVAL, GC_MIN_AGE),
        },
        wal_fence_options: None,
        compacted_options: every(GC_INTERVAL, GC_MIN_AGE),
        compactions_options: every(GC_INTERVAL, GC_MIN_AGE),
        detach_options: None, // No clones.
        // A folder knows no conditional overwrite. The lock keeps a second process out instead.
        boundary_files_enabled: false,
        object_store_max_retries: RETRIES,
        ..GarbageCollectorOptions::default()
    }
}
