//! `examples/wrangler-kv`: a Worker that was written for Cloudflare.

use serde_json::json;

use super::run;
use crate::support::eventually;

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
