//! `examples/wrangler-kv`: a Worker that was written for Cloudflare.

use serde_json::json;

use super::run;
use crate::support::{eventually, full};

#[tokio::test]
async fn a_kv_namespace_from_wrangler_toml() {
    let (_project, app) = run("wrangler-kv").await;
    app.get("/welcome").await.expect(404);
    app.put("/welcome", "").await.expect(204);
    assert_eq!(
        app.get("/welcome").await.expect(200).text(),
        "Hello from edge caching!"
    );
}

#[tokio::test]
async fn work_after_the_answer_is_done() {
    let (_project, app) = run("wrangler-kv").await;
    app.post("/session").await.expect(202);
    eventually("the session is stored", async || {
        app.get("/session").await.json() == json!({ "session": "xyz123" })
    })
    .await;
}

#[tokio::test]
async fn the_cache_api_serves_what_was_made_once() {
    let (_project, app) = run("wrangler-cache").await;
    let made = app.get("/shoes").await.expect(200);
    assert_eq!(made.text(), "shoes: page number 1\n");
    assert_eq!(made.header("cf-cache-status"), "");
    eventually("it is stored", async || {
        app.get("/shoes?from=mail").await.header("cf-cache-status") == "HIT"
    })
    .await;
    let asked = async |name: &str, value: &str| {
        let request = app.client().request("GET", "/shoes");
        let request = request.header(name, value).body(full(""));
        app.client().call(request.expect("a request")).await
    };
    let hit = app.get("/shoes").await.expect(200);
    let number = hit
        .text()
        .trim()
        .rsplit(' ')
        .next()
        .expect("a number")
        .to_owned();
    let same = asked("if-none-match", &format!("\"{number}\""))
        .await
        .expect(304);
    assert_eq!(same.text(), "");
    let part = asked("range", "bytes=0-4").await.expect(206);
    assert_eq!(part.text(), "shoes");

    assert_eq!(
        app.delete("/shoes").await.json(),
        json!({ "deleted": true })
    );
    assert_eq!(
        app.delete("/shoes").await.json(),
        json!({ "deleted": false })
    );
    let again = app.get("/shoes").await.expect(200);
    assert_ne!(again.text(), hit.text());
    app.post("/shoes").await.expect(405);
}
