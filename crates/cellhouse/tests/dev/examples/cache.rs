//! The examples of Cache.

use std::time::Duration;

use serde_json::json;

use super::run;
use crate::support::eventually;

#[tokio::test]
async fn get_and_set() {
    let (_project, app) = run("cache").await;
    assert_eq!(app.get("/greeting").await.json(), json!({ "value": null }));
    assert_eq!(app.get("/my-key").await.json(), json!({ "value": null }));
    app.put("/greeting", "").await.expect(204);
    assert_eq!(
        app.get("/greeting").await.json(),
        json!({ "value": "hello" })
    );
    app.put("/username", "").await.expect(204);
    assert_eq!(
        app.get("/username").await.json(),
        json!({ "value": "alice" })
    );

    let made = app.post("/session").await.expect(200).json();
    assert_eq!(app.get("/session").await.json(), made);
}

#[tokio::test]
async fn an_expensive_computation_is_done_once() {
    let (_project, app) = run("cache-expensive-computation").await;
    let first = app.get("/2026-q3").await.expect(200);
    assert_eq!(first.header("x-report"), "new");
    let second = app.get("/2026-q3").await.expect(200);
    assert_eq!(second.header("x-report"), "from the cache");
    assert_eq!(first.json(), second.json());

    let other = app.get("/2026-q4").await.expect(200);
    assert_ne!(first.json()["edition"], other.json()["edition"]);
}

/// Counts the mark's life on the client's clock: the answer that set it came before this clock
/// starts, so a second request that is welcome after less than `ttl` would show a mark cut short.
#[tokio::test]
async fn the_rate_limit_holds_for_a_second() {
    let (_project, app) = run("cache-rate-limit").await;
    let before = tokio::time::Instant::now();
    assert_eq!(app.get("/").await.expect(200).text(), "welcome\n");

    let refused = app.get("/").await;
    assert!(
        refused.status == 429 || before.elapsed() >= Duration::from_secs(1),
        "{refused:?}"
    );
    eventually("the mark is gone", async || {
        app.get("/").await.status == 200
    })
    .await;
    assert!(
        before.elapsed() >= Duration::from_secs(1),
        "{:?}",
        before.elapsed()
    );
}

#[tokio::test]
async fn codes_that_expire() {
    let (_project, app) = run("cache-one-time-token").await;
    app.put("/alice", "000000").await.expect(403);
    let code = app.post("/alice").await.expect(200).json()["code"].clone();
    let code = code.as_str().expect("a code").to_string();
    assert_eq!(
        app.put("/alice", code.clone()).await.expect(200).json(),
        json!({ "valid": true })
    );
    assert_eq!(
        app.put("/bob", code).await.expect(403).json(),
        json!({ "valid": false })
    );
    app.put("/alice", "not the code").await.expect(403);
}

#[tokio::test]
async fn two_caches() {
    let (_project, app) = run("cache-multiple-bindings").await;
    app.put("/config", "dark").await.expect(204);
    app.put("/user/7", "signed in").await.expect(204);
    assert_eq!(
        app.get("/config").await.json(),
        json!({ "CACHE": "dark", "SESSION_CACHE": null })
    );
    assert_eq!(
        app.get("/user/7").await.json(),
        json!({ "CACHE": null, "SESSION_CACHE": "signed in" })
    );
}
