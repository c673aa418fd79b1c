//! The threads that a bundle is made on, and the memory it leaves behind.
//!
//! Rolldown wants a tokio runtime of several threads and a rayon pool. A server that lives for
//! months bundles for milliseconds: so the threads are gone with the bundle, and what the
//! allocator holds back is returned.

use std::future::Future;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::diagnostic::{Diagnostic, Error};

/// Threads at most. More would make a big bundle faster and a small one no sooner there.
const THREADS: usize = 4;

/// Of the pool's threads one waits for the runtime; another has to take what rolldown leaves to
/// the pool.
const POOL_THREADS_AT_LEAST: usize = 2;

/// Deeply nested code is parsed by recursion. Address space, not memory.
const STACK_BYTES: usize = 16 << 20;

/// How long rolldown may wait with nothing under way before it counts as stuck.
const STALL: Duration = Duration::from_secs(1);

/// What gives back the memory that the process's allocator holds.
static RELEASE: OnceLock<fn()> = OnceLock::new();

/// Names what is to be called after each bundle, on a thread that ends then, when all that the
/// bundle needed is freed: for an allocator that keeps freed memory until it is told otherwise, as
/// mimalloc does until `mi_collect`. What glibc keeps is given back without it. The first call
/// counts; a process has one allocator.
pub fn release_memory_with(release: fn()) {
    let _first_one_counts = RELEASE.set(release);
}

/// Runs `work` on threads of its own.
pub(crate) async fn run<T, F, W>(work: W) -> Result<T, Error>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>>,
    W: FnOnce() -> F + Send + 'static,
{
    let (answer, result) = oneshot::channel();
    let thread = thread::Builder::new().name("bundle".to_owned());
    let started = thread.spawn(move || {
        let _nobody_waits = answer.send(within_pool(STALL, work));
        trim_heap();
        if let Some(release) = RELEASE.get() {
            release();
        }
    });
    if let Err(error) = started {
        return Err(failed(&format!("could not start a thread: {error}")));
    }
    match result.await {
        Ok(made) => made,
        Err(_) => Err(stopped()),
    }
}

/// What rolldown does in parallel it does in the pool that it finds itself in, and else in the
/// process's, which would never end. All threads have ended when this returns.
fn within_pool<T, F, W>(stall: Duration, work: W) -> Result<T, Error>
where
    T: Send,
    F: Future<Output = Result<T, Error>>,
    W: FnOnce() -> F + Send,
{
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(THREADS);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(POOL_THREADS_AT_LEAST))
        .thread_name(|number| format!("bundle-{number}"))
        .stack_size(STACK_BYTES);
    let made = pool.build_scoped(
        |thread| thread.run(),
        |pool| pool.install(|| within_runtime(threads, stall, work)),
    );
    made.unwrap_or_else(|error| Err(failed(&format!("could not start threads: {error}"))))
}

fn within_runtime<T, F, W>(threads: usize, stall: Duration, work: W) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
    W: FnOnce() -> F,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name("bundle")
        .thread_stack_size(STACK_BYTES)
        .enable_time()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return Err(failed(&format!("could not start threads: {error}"))),
    };
    runtime.block_on(async {
        tokio::select! {
            biased;
            made = work() => made,
            () = stalled(stall) => Err(stopped()),
        }
    })
}

/// Ends when the runtime has had nothing to do for a while. Rolldown waits for each module's task
/// to report, and a task that panicked never does.
async fn stalled(stall: Duration) {
    let metrics = tokio::runtime::Handle::current().metrics();
    let mut idle = 0;
    while idle < 2 {
        tokio::time::sleep(stall / 2).await;
        idle = if metrics.num_alive_tasks() == 0 {
            idle + 1
        } else {
            0
        };
    }
}

fn stopped() -> Error {
    failed("the bundler stopped without a result: this is a fault of cellhouse")
}

fn failed(message: &str) -> Error {
    Error {
        diagnostics: vec![Diagnostic::error(message)],
        files: Vec::new(),
    }
}

/// A bundle frees some ten megabytes in small pieces, which glibc would keep.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn trim_heap() {
    // SAFETY: malloc_trim takes no pointers and may be called at any time from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim_heap() {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn wait_for<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn work_may_be_parallel_in_both_ways() {
        let sum = wait_for(run(|| async {
            let one = tokio::spawn(async { 1 });
            let (two, three) = rayon::join(|| 2, || 3);
            let (sent, four) = oneshot::channel();
            rayon::spawn(move || sent.send(4).unwrap());
            Ok(one.await.unwrap() + two + three + four.await.unwrap())
        }));
        assert_eq!(sum.unwrap(), 10);
    }

    #[test]
    fn work_that_panics_is_an_error() {
        let made: Result<(), Error> = wait_for(run(|| async { panic!("on purpose") }));
        assert!(made.unwrap_err().to_string().contains("fault of cellhouse"));
    }

    #[test]
    fn work_that_waits_for_nothing_is_an_error() {
        let made: Result<(), Error> = within_pool(Duration::from_millis(20), || async {
            let (never, answer) = oneshot::channel::<()>();
            let _ = tokio::spawn(async { panic!("on purpose") }).await;
            answer.await.unwrap();
            drop(never);
            Ok(())
        });
        assert!(made.unwrap_err().to_string().contains("fault of cellhouse"));
    }

    #[test]
    fn work_that_waits_for_a_task_is_waited_for() {
        let made = within_pool(Duration::from_millis(20), || async {
            let task = tokio::spawn(tokio::time::sleep(Duration::from_millis(200)));
            task.await.unwrap();
            Ok(())
        });
        assert!(made.is_ok());
    }

    #[test]
    fn memory_is_released_at_the_end() {
        static RELEASED: AtomicBool = AtomicBool::new(false);
        release_memory_with(|| RELEASED.store(true, Ordering::SeqCst));
        wait_for(run(|| async { Ok(()) })).unwrap();
        while !RELEASED.load(Ordering::SeqCst) {
            thread::yield_now();
        }
    }
}
