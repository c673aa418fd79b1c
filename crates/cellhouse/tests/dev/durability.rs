//! What was answered stays: exact counts under load, restarts, kill -9 between writes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::json;

use crate::support::{Client, Project, eventually, full};

const COUNTER: &str = r#"
export default {
    async fetch(request, env) {
        if (request.method === "POST") {
            await env.STATE.update("counters", { $inc: { total: 1 } });
            return new Response(null, { status: 204 });
        }
        return Response.json(await env.STATE.get("counters", "json"));
    },
} satisfies Ploy;
"#;

const KEYS: &str = r#"
export default {
    async fetch(request, env) {
        const key = new URL(request.url).pathname.slice(1);
        if (request.method === "PUT") {
            await env.STATE.put(key, await request.text());
            await env.STATE.update("counters", { $inc: { total: 1 } });
            return new Response(null, { status: 204 });
        }
        return Response.json([await env.STATE.get(key)]);
    },
} satisfies Ploy;
"#;

const STATE: &str = "state:\n  STATE: default\n";

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_increments_over_100_connections() {
    let project = Project::ploy(STATE, COUNTER);
    let app = project.dev().start().await;
    count_to_10_000(app.client(), 100).await;
    assert_eq!(app.get("/").await.json(), json!({ "total": 10_000 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_increments_at_once_over_http2() {
    let project = Project::ploy(STATE, COUNTER);
    let app = project.dev().start().await;
    count_to_10_000(&app.client().http2(), 10_000).await;
    assert_eq!(app.get("/").await.json(), json!({ "total": 10_000 }));
}

async fn count_to_10_000(client: &Client, at_once: usize) {
    iter(0..10_000)
        .map(|_| client.send("POST", "/", ""))
        .buffer_unordered(at_once)
        .for_each(async |reply| {
            reply.expect(204);
        })
        .await;
}

#[tokio::test]
async fn a_restart_keeps_state_and_forgets_the_cache() {
    let project = Project::ploy(
        "state:\n  STATE: default\ncache:\n  CACHE: default\n",
        r#"
        export default {
            async fetch(request, env) {
                if (request.method === "PUT") {
                    await env.STATE.put("key", "kept", { metadata: { also: "kept" } });
                    await env.CACHE.set("key", "forgotten");
                }
                const { value, metadata } = await env.STATE.getWithMetadata("key");
                return Response.json({ value, metadata, cached: await env.CACHE.get("key") });
            },
        } satisfies Ploy;
        "#,
    );
    let app = project.dev().start().await;
    let before = app.put("/", "").await.json();
    assert_eq!(before["cached"], "forgotten");

    assert_eq!(app.stop(libc::SIGTERM).await.code, Some(0));
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.json(),
        json!({ "value": "kept", "metadata": { "also": "kept" }, "cached": null })
    );
}

#[tokio::test]
async fn data_lies_in_the_project_and_git_does_not_see_it() {
    let project = Project::ploy(STATE, COUNTER);
    let app = project.dev().start().await;
    app.post("/").await.expect(204);
    let ignored = project.read(".cellhouse/.gitignore");
    assert!(ignored.lines().any(|line| line == "*"), "{ignored}");
}

#[tokio::test]
async fn the_store_may_lie_elsewhere() {
    let project = Project::ploy(STATE, COUNTER);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let path = elsewhere.path().to_str().expect("a plain path");
    for expected in 1..=2 {
        let app = project.dev().arguments(&["--store", path]).start().await;
        app.post("/").await.expect(204);
        assert_eq!(app.get("/").await.json(), json!({ "total": expected }));
        app.kill().await;
    }
    assert!(!project.has(".cellhouse"));
}

/// Eight clients write key after key and note what was answered. In the midst of it the server is
/// killed. Whatever was noted must be there afterwards. Five rounds on the same data.
#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_that_was_answered() {
    let project = Project::ploy(STATE, KEYS);
    let mut answered: Vec<String> = Vec::new();
    let mut asked = 0;
    for round in 0..5 {
        let app = project.dev().start().await;
        let notes = Notes::default();
        let writers: Vec<_> = (0..8)
            .map(|writer| tokio::spawn(write(app.client().clone(), notes.clone(), round, writer)))
            .collect();
        eventually("enough writes are answered", async || {
            notes.answered.lock().unwrap().len() >= 100 + 37 * round
        })
        .await;
        app.kill().await;
        notes.stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await.expect("the writer ends");
        }
        answered.append(&mut notes.answered.lock().unwrap());
        asked += notes.asked.load(Ordering::Relaxed);
        verify(&project, &answered, asked).await;
    }
}

#[derive(Clone, Default)]
struct Notes {
    answered: Arc<Mutex<Vec<String>>>,
    asked: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

async fn write(client: Client, notes: Notes, round: usize, writer: usize) {
    for number in 0.. {
        if notes.stop.load(Ordering::Relaxed) {
            return;
        }
        let key = format!("{round}-{writer}-{number}");
        let request = client
            .request("PUT", &format!("/{key}"))
            .body(full(format!("value of {key}")))
            .expect("a request");
        notes.asked.fetch_add(1, Ordering::Relaxed);
        match client.try_call(request).await {
            Ok(reply) => {
                reply.expect(204);
                notes.answered.lock().unwrap().push(key);
            }
            Err(_) => return,
        }
    }
}

async fn verify(project: &Project, answered: &[String], asked: usize) {
    let app = project.dev().start().await;
    for key in answered {
        assert_eq!(
            app.get(&format!("/{key}")).await.json(),
            json!([format!("value of {key}")]),
            "{key} was answered"
        );
    }
    let counters = app.get("/counters").await.json()[0].clone();
    let counters: serde_json::Value =
        serde_json::from_str(counters.as_str().expect("a string")).expect("JSON");
    let total = counters["total"].as_u64().expect("an exact number") as usize;
    assert!(
        (answered.len()..=asked).contains(&total),
        "{total} counted, {} answered, {asked} asked",
        answered.len()
    );
    app.kill().await;
}
