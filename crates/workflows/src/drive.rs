//! The loop that runs what is due: it takes jobs, runs them beside each other, and sleeps until the next is
//! due or something has changed. It knows neither what a job is nor where it is stored.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use cellhouse_cell::Clock;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;

/// The longest sleep: somebody may set the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Runs jobs until `stop` is ready. `take` gives those that are due, and when the next one is, in milliseconds
/// since 1970. `changed` makes it look again. Dropping the future drops the jobs that run.
pub(crate) async fn drive<J, R>(
    stop: impl Future<Output = ()>,
    clock: &dyn Clock,
    changed: &Notify,
    take: impl Fn() -> (Vec<J>, Option<i64>),
    go_on: impl Fn(J) -> R,
) where
    R: Future<Output = ()>,
{
    let mut stop = pin!(stop);
    let mut running = FuturesUnordered::new();
    loop {
        // Before looking: what changes from now on is not missed.
        let notified = changed.notified();
        let (jobs, next) = take();
        for job in jobs {
            running.push(go_on(job));
        }
        let wait = next.map_or(i64::MAX, |next| next.saturating_sub(millis(clock)));
        let sleep = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
        tokio::select! {
            biased;
            () = &mut stop => return,
            Some(()) = running.next(), if !running.is_empty() => {
                // Jobs that are always due must not keep the thread.
                tokio::task::yield_now().await;
            }
            () = notified => {}
            () = clock.sleep(sleep.min(LONGEST_SLEEP)) => {}
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn millis(clock: &dyn Clock) -> i64 {
    let since = clock.now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
