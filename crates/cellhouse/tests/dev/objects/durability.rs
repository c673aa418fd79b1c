//! Increments of one object: exact, and those that were answered are there after kill -9.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::project;
use crate::support::{App, Client, Project, full};

const COUNTER: &str = r#"
export class Thing {
    async fetch(request) {
        const count = (await this.state.storage.get("count")) ?? 0;
        if (request.method === "GET") return Response.json(count);
        await this.state.storage.put("count", count + 1);
        return Response.json(count + 1);
    }
}
"#;

/// Clients that each have a connection of their own.
const CLIENTS: usize = 8;
const KILLS: u64 = 4;

async fn counter() -> (Project, App) {
    let project = project(COUNTER);
    let app = project.dev().start().await;
    (project, app)
}

async fn count(app: &App) -> u64 {
    let reply = app.get("/counter").await.expect(200);
    reply.json().as_u64().expect("a number")
}

fn connection(app: &App) -> Client {
    Client::new(&format!("http://{}", app.client().address()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_increments_at_once_are_exact() {
    let (_project, app) = counter().await;
    let mut requests = JoinSet::new();
    for _ in 0..10 {
        let client = connection(&app);
        for _ in 0..100 {
            let client = client.clone();
            requests.spawn(async move {
                let reply = client.send("POST", "/counter", "").await.expect(200);
                reply.json().as_u64().expect("a number")
            });
        }
    }
    let mut answers = requests.join_all().await;
    answers.sort_unstable();
    assert!(answers.into_iter().eq(1..=1000), "each number once");
    assert_eq!(count(&app).await, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_kill_9() {
    let (project, mut app) = counter().await;
    let (mut answered, mut sent) = (0, 0);
    for round in 1..=KILLS {
        let load = Arc::new(Load::default());
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(increment(connection(&app), load.clone(), 40 * round));
        }
        load.enough.notified().await;
        app.kill().await;
        clients.join_all().await;
        answered += load.answered.load(Ordering::SeqCst);
        sent += load.sent.load(Ordering::SeqCst);
        app = project.dev().start().await;
        let count = count(&app).await;
        assert!(
            (answered..=sent).contains(&count),
            "{answered} were answered, {sent} were sent, {count} are there"
        );
        // From here on what is there is known.
        (answered, sent) = (count, count);
    }
}

#[derive(Default)]
struct Load {
    sent: AtomicU64,
    answered: AtomicU64,
    /// So many answers came as were wanted.
    enough: Notify,
}

/// One request after the other until one is not answered.
async fn increment(client: Client, load: Arc<Load>, wanted: u64) {
    loop {
        load.sent.fetch_add(1, Ordering::SeqCst);
        let request = client.request("POST", "/counter").body(full(""));
        let Ok(reply) = client.try_call(request.expect("a request")).await else {
            return;
        };
        reply.expect(200);
        if load.answered.fetch_add(1, Ordering::SeqCst) + 1 == wanted {
            load.enough.notify_one();
        }
    }
}
