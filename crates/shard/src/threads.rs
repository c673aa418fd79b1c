//! The threads of a shard: `shard-write` runs the driver and SlateDB's writer task and nothing
//! else, so that nothing stands before a commit; `shard-compact` merges sorted files, so that a long
//! merge does not stand before what commits wait for when memory is short; `shard-work` runs the
//! rest of SlateDB. A few threads that come and go do the file operations of the object store. The
//! log has a thread of its own.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;

/// File operations at the same time, for each of the two. More would only queue at the
/// disk.
const FILE_THREADS: usize = 8;

/// A thread for file operations that has had nothing to do for so long ends, which gives back its
/// memory.
const FILE_THREAD_IDLE: Duration = Duration::from_secs(5);

/// How long ending waits for a file operation that is under way.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Threads {
    work: Option<Runtime>,
    compact: Option<Runtime>,
    write: Handle,
    stop: Arc<Notify>,
    writer: Option<JoinHandle<()>>,
}

impl Threads {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that starts runtimes"
    )]
    pub(crate) fn start() -> io::Result<Threads> {
        let one_thread = |name| {
            Builder::new_multi_thread()
                .worker_threads(1)
                .max_blocking_threads(FILE_THREADS)
                .thread_keep_alive(FILE_THREAD_IDLE)
                .thread_name(name)
                .enable_time()
                .build()
        };
        let work = one_thread("shard-work")?;
        let compact = one_thread("shard-compact")?;
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(1)
            .enable_time()
            .build()?;
        let write = runtime.handle().clone();
        let stop = Arc::new(Notify::new());
        let stopped = stop.clone();
        let writer = spawn("shard-write", move || {
            runtime.block_on(stopped.notified());
            runtime.shutdown_background();
        })?;
        Ok(Threads {
            work: Some(work),
            compact: Some(compact),
            write,
            stop,
            writer: Some(writer),
        })
    }

    /// Where everything but writing runs.
    pub(crate) fn work(&self) -> Handle {
        let work = self
            .work
            .as_ref()
            .expect("the runtime is there until the drop");
        work.handle().clone()
    }

    /// Where sorted files are merged.
    pub(crate) fn compact(&self) -> Handle {
        let compact = self.compact.as_ref();
        let compact = compact.expect("the runtime is there until the drop");
        compact.handle().clone()
    }

    /// Where writing runs.
    pub(crate) fn write(&self) -> Handle {
        self.write.clone()
    }
}

/// Starts a thread that is not a runtime's.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts threads"
)]
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(run)
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.notify_one();
        let joined = self.writer.take().map(JoinHandle::join);
        if let Some(Err(_)) = joined {
            tracing::error!("the thread that writes to the store panicked");
        }
        for runtime in [self.work.take(), self.compact.take()] {
            let Some(runtime) = runtime else { continue };
            // Not a plain drop: that would panic on a thread of another runtime.
            if Handle::try_current().is_ok() {
                runtime.shutdown_background();
            } else {
                runtime.shutdown_timeout(PATIENCE);
            }
        }
    }
}
