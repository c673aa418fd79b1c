//! The watching task in virtual time, against a server that works or not as the test says.

use tokio::time::advance;

use super::*;
use logs::Logs;

#[path = "../../tests/support/logs.rs"]
mod logs;

#[derive(Clone, Default)]
struct Fake(Arc<FakeState>);

#[derive(Default)]
struct FakeState {
    broken: AtomicBool,
    reconnects: std::sync::atomic::AtomicUsize,
}

impl Fake {
    fn breaks(&self) {
        self.0.broken.store(true, Ordering::SeqCst);
    }

    fn is_mended(&self) {
        self.0.broken.store(false, Ordering::SeqCst);
    }
}

impl Server for Fake {
    async fn works(&self) -> bool {
        !self.0.broken.load(Ordering::SeqCst)
    }

    fn reconnect_stuck(&self) {
        self.0.reconnects.fetch_add(1, Ordering::SeqCst);
    }
}

struct Watched {
    link: Arc<Link>,
    server: Fake,
    logs: Logs,
    _subscriber: tracing::subscriber::DefaultGuard,
}

/// Call in a test with paused time.
fn watched() -> Watched {
    let (link, troubles) = Link::new("redis://a".to_owned());
    let server = Fake::default();
    let logs = Logs::default();
    let _subscriber = tracing::subscriber::set_default(logs.clone());
    tokio::spawn(watch(Arc::clone(&link), troubles, server.clone()));
    Watched {
        link,
        server,
        logs,
        _subscriber,
    }
}

impl Watched {
    fn lose(&self) {
        self.link.report(Trouble::Lost("gone".to_owned()));
    }

    fn lines(&self) -> Vec<String> {
        self.logs.with("redis://a")
    }
}

/// Lets the watching task run through this much time, in steps finer than any of its own.
async fn pass(millis: u64) {
    for _ in 0..millis / 10 {
        advance(Duration::from_millis(10)).await;
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }
}

const LOST: &str = "WARN cache: redis://a does not answer (gone); until it is back, get() returns null and set() keeps nothing";
const BACK: &str = "INFO cache: redis://a is back";

#[tokio::test(start_paused = true)]
async fn one_outage_is_one_warning_and_one_message_at_its_end() {
    let watched = watched();
    watched.server.breaks();
    for _ in 0..1000 {
        watched.lose();
    }
    pass(10).await;
    assert!(
        watched.link.is_cut(),
        "commands are not tried while the server is lost"
    );
    assert_eq!(watched.lines(), [LOST]);
    for _ in 0..100 {
        watched.lose();
        pass(100).await;
    }
    assert_eq!(
        watched.lines(),
        [LOST],
        "no second warning in the same outage"
    );
    watched.server.is_mended();
    pass(PROBE_LATER.as_millis() as u64 + 20).await;
    assert!(!watched.link.is_cut(), "used again as soon as it works");
    assert_eq!(
        watched.lines(),
        [LOST],
        "not called back before it was quiet"
    );
    pass(1000).await;
    assert_eq!(watched.lines(), [LOST, BACK]);
}

#[tokio::test(start_paused = true)]
async fn trouble_right_after_the_return_belongs_to_the_same_outage() {
    let watched = watched();
    watched.lose();
    pass(200).await;
    watched.lose();
    pass(400).await;
    assert_eq!(watched.lines(), [LOST]);
    pass(600).await;
    assert_eq!(watched.lines(), [LOST, BACK]);
}

#[tokio::test(start_paused = true)]
async fn each_outage_has_its_own_pair() {
    let watched = watched();
    for _ in 0..3 {
        watched.lose();
        pass(10_000).await;
        pass(FLAPPING.as_millis() as u64).await;
    }
    assert_eq!(watched.lines(), [LOST, BACK, LOST, BACK, LOST, BACK]);
}

#[tokio::test(start_paused = true)]
async fn an_unsteady_server_is_called_back_less_and_less() {
    let watched = watched();
    for _ in 0..600 {
        watched.lose();
        pass(1000).await;
    }
    let lines = watched.lines().len();
    assert!(
        (2..=6).contains(&lines),
        "ten minutes of a failure per second made {lines} messages"
    );
}

#[tokio::test(start_paused = true)]
async fn a_broken_idle_connection_that_comes_back_is_no_outage() {
    let watched = watched();
    watched.server.breaks();
    watched.link.report(Trouble::Suspected("gone".to_owned()));
    pass(500).await;
    assert!(!watched.link.is_cut());
    watched.server.is_mended();
    pass(5000).await;
    assert_eq!(watched.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_suspicion_that_lasts_is_an_outage() {
    let watched = watched();
    watched.server.breaks();
    watched.link.report(Trouble::Suspected("gone".to_owned()));
    pass(GRACE.as_millis() as u64 + 200).await;
    assert_eq!(watched.lines(), [LOST]);
    assert!(watched.link.is_cut());
}

#[tokio::test(start_paused = true)]
async fn a_failed_command_needs_no_second_opinion() {
    let watched = watched();
    watched.server.breaks();
    watched.link.report(Trouble::Suspected("hm".to_owned()));
    pass(150).await;
    watched.lose();
    pass(120).await;
    assert_eq!(watched.lines(), [LOST]);
}

#[tokio::test(start_paused = true)]
async fn refusals_do_not_stop_other_commands() {
    let watched = watched();
    watched.server.breaks();
    watched.link.report(Trouble::Refused("OOM".to_owned()));
    pass(5000).await;
    assert!(!watched.link.is_cut());
    assert_eq!(
        watched.lines(),
        [
            "WARN cache: redis://a refuses commands (OOM); what it refuses reads as null or is not kept"
        ]
    );
    watched.lose();
    pass(1000).await;
    assert!(watched.link.is_cut(), "lost on top of that");
}

#[tokio::test(start_paused = true)]
async fn connections_that_hang_are_made_anew() {
    let watched = watched();
    watched.server.breaks();
    watched.lose();
    pass(STUCK_AFTER.as_millis() as u64 - 500).await;
    assert_eq!(watched.server.0.reconnects.load(Ordering::SeqCst), 0);
    pass(1000).await;
    assert_eq!(watched.server.0.reconnects.load(Ordering::SeqCst), 1);
    pass(STUCK_AFTER.as_millis() as u64).await;
    assert_eq!(watched.server.0.reconnects.load(Ordering::SeqCst), 2);
}
