//! What was answered stays: exact counts under load, restarts. `kill.rs` has kill -9 under load.

use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::json;

use crate::support::{Client, Project};

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
