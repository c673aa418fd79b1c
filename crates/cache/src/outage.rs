//! Outages of the Redis server: noticed once, told once, over once.
//!
//! Callers report trouble and go on; one task decides. While the server is lost, commands are not
//! even tried ([`Link::is_cut`]), so a dead server costs its apps nothing. Exactly one warning
//! starts an outage and one message ends it. This file knows nothing of Redis beyond "does it work
//! now".

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

#[cfg(test)]
mod tests;

/// How long a lost connection may take to come back before that is called an outage, if no command
/// failed meanwhile: servers and load balancers close idle connections all the time.
const GRACE: Duration = Duration::from_secs(1);
/// Between two questions whether the server works: at first, and after [`PATIENCE`].
const PROBE_EVERY: Duration = Duration::from_millis(100);
const PROBE_LATER: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(2);
/// A connection that claims to be open but does not work for this long is made anew.
const STUCK_AFTER: Duration = Duration::from_secs(5);
/// The server must work this long before it is called back; doubled, up to the longest, each time
/// that a new outage follows within [`FLAPPING`], so that an unsteady server does not fill the log.
const SHORTEST_QUIET: Duration = Duration::from_millis(500);
const LONGEST_QUIET: Duration = Duration::from_secs(60);
const FLAPPING: Duration = Duration::from_secs(30);

/// What went wrong, with the reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A connection broke or could not be made; no command has suffered yet.
    Suspected(String),
    /// A command got no answer.
    Lost(String),
    /// A command was answered with an error.
    Refused(String),
}

impl Trouble {
    fn is_lost(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// The server, as far as outages go.
pub(crate) trait Server: Send + Sync + 'static {
    /// Whether every connection does its work, found out within the time limit of a command.
    fn works(&self) -> impl Future<Output = bool> + Send;
    /// Makes those connections anew that claim to be open and do not work.
    fn reconnect_stuck(&self);
}

/// What the users of the server and the watching task share.
pub(crate) struct Link {
    label: String,
    cut: AtomicBool,
    troubles: mpsc::Sender<Trouble>,
}

impl Link {
    /// `label` names the server in messages.
    pub(crate) fn new(label: String) -> (Arc<Self>, mpsc::Receiver<Trouble>) {
        // A few are enough: what counts is that there is trouble, not how much.
        let (troubles, receiver) = mpsc::channel(16);
        (
            Arc::new(Self {
                label,
                cut: AtomicBool::new(false),
                troubles,
            }),
            receiver,
        )
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Whether the server is lost, so that a command would only waste time.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Never waits.
    pub(crate) fn report(&self, trouble: Trouble) {
        let _full_means_known = self.troubles.try_send(trouble);
    }

    fn set_cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::Relaxed);
    }
}

/// Watches over the server until this task is aborted.
pub(crate) async fn watch(
    link: Arc<Link>,
    mut troubles: mpsc::Receiver<Trouble>,
    server: impl Server,
) {
    let mut quiet = SHORTEST_QUIET;
    let mut last_end: Option<Instant> = None;
    while let Some(first) = troubles.recv().await {
        let Some(trouble) = confirm(first, &mut troubles, &server).await else {
            continue;
        };
        let flapping = last_end.is_some_and(|end| end.elapsed() < FLAPPING);
        quiet = if flapping {
            (quiet * 2).min(LONGEST_QUIET)
        } else {
            SHORTEST_QUIET
        };
        announce(&link.label, &trouble);
        outlast(&link, trouble, &mut troubles, &server, quiet).await;
        info!("cache: {} is back", link.label);
        last_end = Some(Instant::now());
    }
}

fn announce(label: &str, trouble: &Trouble) {
    match trouble {
        Trouble::Suspected(reason) | Trouble::Lost(reason) => {
            warn!(
                "cache: {label} does not answer ({reason}); until it is back, get() returns null and set() keeps nothing"
            );
        }
        Trouble::Refused(reason) => {
            warn!(
                "cache: {label} refuses commands ({reason}); what it refuses reads as null or is not kept"
            );
        }
    }
}

/// A suspicion is dropped if the server works again within [`GRACE`] and no command fails until
/// then.
async fn confirm(
    first: Trouble,
    troubles: &mut mpsc::Receiver<Trouble>,
    server: &impl Server,
) -> Option<Trouble> {
    let mut latest = first;
    let since = Instant::now();
    while matches!(latest, Trouble::Suspected(_)) && since.elapsed() < GRACE {
        match timeout(PROBE_EVERY, troubles.recv()).await {
            Ok(Some(trouble)) => latest = trouble,
            Ok(None) => return None,
            Err(_) if server.works().await => return None,
            Err(_) => {}
        }
    }
    Some(latest)
}

/// Returns when the server has worked for as long as `quiet`.
async fn outlast(
    link: &Link,
    mut trouble: Trouble,
    troubles: &mut mpsc::Receiver<Trouble>,
    server: &impl Server,
    quiet: Duration,
) {
    loop {
        link.set_cut(trouble.is_lost());
        until_it_works(link, troubles, server).await;
        link.set_cut(false);
        match timeout(quiet, troubles.recv()).await {
            Ok(Some(again)) => trouble = again,
            Ok(None) | Err(_) => return,
        }
    }
}

async fn until_it_works(link: &Link, troubles: &mut mpsc::Receiver<Trouble>, server: &impl Server) {
    let since = Instant::now();
    let mut stuck_since = since;
    while !server.works().await {
        if stuck_since.elapsed() >= STUCK_AFTER {
            server.reconnect_stuck();
            stuck_since = Instant::now();
        }
        sleep(if since.elapsed() < PATIENCE {
            PROBE_EVERY
        } else {
            PROBE_LATER
        })
        .await;
        while let Ok(trouble) = troubles.try_recv() {
            link.set_cut(link.is_cut() || trouble.is_lost());
        }
    }
    // Said while it did not work.
    while troubles.try_recv().is_ok() {}
}
