//! Cache on a real redis-server: values live there, and its death costs values but no request.

use serde_json::json;

use crate::support::{App, Project, Redis, eventually};

async fn start(redis: &Redis) -> (Project, App) {
    let project = Project::example("cache");
    let app = project
        .dev()
        .arguments(&["--cache", &redis.url()])
        .start()
        .await;
    (project, app)
}

#[tokio::test]
async fn values_live_in_redis_with_their_ttl() {
    let redis = Redis::start().await;
    let (project, app) = start(&redis).await;
    assert_eq!(app.get("/greeting").await.json(), json!({ "value": null }));
    app.put("/greeting", "").await.expect(204);
    app.put("/username", "").await.expect(204);
    assert_eq!(
        app.get("/greeting").await.json(),
        json!({ "value": "hello" })
    );
    assert_eq!(redis.ask("DBSIZE").await, ":2");
    let expiring = redis.ask("EVAL \"local n=0 for _,k in ipairs(redis.call('KEYS','*')) do local t=redis.call('PTTL',k) if t>0 and t<=60000 then n=n+1 end end return n\" 0").await;
    assert_eq!(expiring, ":1");

    app.kill().await;
    let app = project
        .dev()
        .arguments(&["--cache", &redis.url()])
        .start()
        .await;
    assert_eq!(
        app.get("/username").await.json(),
        json!({ "value": "alice" })
    );
}

#[tokio::test]
async fn stores_are_kept_apart_in_one_redis() {
    let redis = Redis::start().await;
    let project = Project::example("cache-multiple-bindings");
    let app = project
        .dev()
        .arguments(&["--cache", &redis.url()])
        .start()
        .await;
    app.put("/user/7", "signed in").await.expect(204);
    assert_eq!(
        app.get("/user/7").await.json(),
        json!({ "CACHE": null, "SESSION_CACHE": "signed in" })
    );
}

#[tokio::test]
async fn the_death_of_redis_costs_values_and_no_request() {
    let redis = Redis::start().await;
    let (_project, app) = start(&redis).await;
    app.put("/greeting", "").await.expect(204);
    let port = redis.kill().await;
    for _ in 0..5 {
        assert_eq!(
            app.get("/greeting").await.expect(200).json(),
            json!({ "value": null })
        );
        app.put("/greeting", "").await.expect(204);
    }
    eventually("the outage is told", async || {
        !warnings(&app, port).is_empty()
    })
    .await;
    assert_eq!(warnings(&app, port).len(), 1, "{:?}", warnings(&app, port));

    let redis = Redis::start_on(port).await;
    eventually("the cache is back", async || {
        app.put("/greeting", "").await.expect(204);
        app.get("/greeting").await.json() == json!({ "value": "hello" })
    })
    .await;
    assert_eq!(redis.port(), port);
}

#[tokio::test]
async fn a_redis_that_is_not_there_does_not_stop_the_start() {
    let redis = Redis::start().await;
    let url = redis.url();
    redis.kill().await;
    let project = Project::example("cache");
    let app = project.dev().arguments(&["--cache", &url]).start().await;
    app.put("/greeting", "").await.expect(204);
    assert_eq!(app.get("/greeting").await.json(), json!({ "value": null }));
}

/// Every line of the terminal that names this redis.
fn warnings(app: &App, port: u16) -> Vec<String> {
    let mut lines: Vec<String> = app.stderr().lines().map(str::to_string).collect();
    lines.extend(app.events().after(0).iter().map(|event| event.to_string()));
    lines.retain(|line| line.contains(&port.to_string()));
    lines
}
