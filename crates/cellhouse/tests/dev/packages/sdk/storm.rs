//! A storm of `send`s with kill -9 in the middle: every event that was told to be stored is handled at least
//! once, and those of one subject in their order.
//!
//! `CELLHOUSE_STORM` sets how many events there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::{App, PATIENCE, Project, full};

const SUBJECTS: usize = 20;
/// Events that one request sends at once.
const BATCH: usize = 50;
const KILLS: usize = 2;

/// How many events of each subject are stored for sure.
type Stored = Arc<[AtomicUsize; SUBJECTS]>;

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_a_storm_is_handled_in_the_order_of_its_subject() {
    let variable = std::env::var("CELLHOUSE_STORM");
    let count: usize = variable.map_or(6_000, |text| text.parse().expect("a number"));
    let each = count / SUBJECTS;
    let project = Project::ploy("", include_str!("storm.ts"));
    let stored = Stored::default();
    for kill in 1..=KILLS {
        let app = Arc::new(project.dev().start().await);
        let subjects = send(&app, &stored, each);
        until(&stored, each * SUBJECTS * kill / (KILLS + 1)).await;
        app.signal(libc::SIGKILL);
        subjects.join_all().await;
        let app = Arc::into_inner(app).expect("nobody else has it");
        app.ended().await;
        println!("killed when {} were stored", sum(&stored));
    }
    let app = Arc::new(project.dev().start().await);
    let started = Instant::now();
    send(&app, &stored, each).join_all().await;
    assert_eq!(sum(&stored), each * SUBJECTS);
    println!("sent after {:?}", started.elapsed());
    until_handled(&app).await;
    println!("handled after {:?}", started.elapsed());
    check(&app, each).await;
}

fn sum(stored: &Stored) -> usize {
    stored.iter().map(|one| one.load(Ordering::SeqCst)).sum()
}

async fn until(stored: &Stored, count: usize) {
    while sum(stored) < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Sends the events of each subject from the last one that is stored on, until the app is gone. A request
/// without an answer is sent again to the next one.
fn send(app: &Arc<App>, stored: &Stored, each: usize) -> JoinSet<()> {
    let mut subjects = JoinSet::new();
    for subject in 0..SUBJECTS {
        let (app, stored) = (app.clone(), stored.clone());
        subjects.spawn(async move {
            let mut next = stored[subject].load(Ordering::SeqCst);
            while next < each {
                let to = (next + BATCH).min(each);
                let client = app.client();
                let request = client.request("POST", &format!("/?id={subject}"));
                let request = request
                    .body(full(format!("[{next},{to}]")))
                    .expect("a request");
                let Ok(reply) = client.try_call(request).await else {
                    return;
                };
                reply.expect(200);
                next = to;
                stored[subject].store(next, Ordering::SeqCst);
            }
        });
    }
    subjects
}

/// Waits for as long as there is progress.
async fn until_handled(app: &App) {
    let (mut least, mut since) = (u64::MAX, Instant::now());
    loop {
        let pending = app.get("/pending").await.expect(200).json();
        let pending = pending.as_u64().expect("a number");
        if pending == 0 {
            return;
        }
        if pending < least {
            (least, since) = (pending, Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "{pending} events stay");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn check(app: &App, each: usize) {
    let mut again = 0;
    for subject in 0..SUBJECTS {
        let line = app.get(&format!("/?id={subject}")).await.expect(200).json();
        let numbers: Vec<usize> = serde_json::from_value(line).expect("numbers");
        again += numbers.len().saturating_sub(each);
        in_order(subject, &numbers, each);
    }
    println!("{again} events were handled more than once");
}

/// After a crash a part of the numbers may come again, from one of them on.
fn in_order(subject: usize, numbers: &[usize], each: usize) {
    let mut next = 0;
    for number in numbers {
        assert!(
            *number <= next,
            "subject {subject}: {number} came before {next}"
        );
        next = number + 1;
    }
    assert_eq!(next, each, "subject {subject}");
}
