//! The threads of a shard: `shard-write` runs the driver and SlateDB's writer task and nothing
//! else, so that no compaction stands before a commit; `shard-work` runs the rest of SlateDB; a few
//! threads that come and go do the file operations of the object store. The log has one of its own.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;

/// File operations of compaction, reads and flushes at the same time. More would only queue at the
/// disk.
const FILE_THREADS: usize = 8;

/// A thread for file operations that has had nothing to do for so long ends, which gives back its
/// memory.
const FILE_THREAD_IDLE: Duration = Duration::from_secs(5);

/// How long ending waits for a file operation that is under way.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Threads {
    work: Option<Runtime>,
    write: Handle,
    stop: Arc<Notify>,
    writer: Option<JoinHandle<()>>,
}

impl Threads {
    pub(crate) fn start() -> io::Result<Threads> {
        let work = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(FILE_THREADS)
            .thread_keep_alive(FILE_THREAD_IDLE)
            .thread_name("shard-work")
            .enable_time()
            .build()?;
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(1)
            .enable_time()
            .build()?;
        let write = runtime.handle().clone();
        let stop = Arc::new(Notify::new());
        let stopped = stop.clone();
        let writer = std::thread::Builder::new()
            .name("shard-write".to_owned())
            .spawn(move || {
                runtime.block_on(stopped.notified());
                runtime.shutdown_background();
            })?;
        Ok(Threads {
            work: Some(work),
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

    /// Where writing runs.
    pub(crate) fn write(&self) -> Handle {
        self.write.clone()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.notify_one();
        let joined = self.writer.take().map(JoinHandle::join);
        if let Some(Err(_)) = joined {
            tracing::error!("the thread that writes to the store panicked");
        }
        if let Some(work) = self.work.take() {
            // Not a plain drop: that would panic on a thread of another runtime.
            if Handle::try_current().is_ok() {
                work.shutdown_background();
            } else {
                work.shutdown_timeout(PATIENCE);
            }
        }
    }
}
