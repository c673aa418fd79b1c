//! The examples of State's common patterns.

use futures_util::future::join_all;
use serde_json::json;

use super::run;

#[tokio::test]
async fn storing_json() {
    let (_project, app) = run("state-json").await;
    app.get("/staff/123").await.expect(404);
    app.post("/hire").await.expect(201);
    assert_eq!(
        app.get("/staff/123").await.expect(200).json(),
        json!({ "name": "Alice", "role": "admin" })
    );
}

#[tokio::test]
async fn feature_flags() {
    let (_project, app) = run("state-feature-flags").await;
    assert!(app.get("/").await.text().contains("light mode"));
    app.post("/dark-mode/on").await.expect(200);
    assert!(app.get("/").await.text().contains("dark mode"));
    app.post("/dark-mode/off").await.expect(200);
    assert!(app.get("/").await.text().contains("light mode"));
}

#[tokio::test]
async fn persistent_counters() {
    let (project, app) = run("state-persistent-counters").await;
    assert_eq!(app.get("/stats").await.json(), json!({ "pageViews": 0 }));
    for _ in 0..3 {
        app.get("/hello").await.expect(200);
    }
    assert_eq!(app.get("/stats").await.json(), json!({ "pageViews": 3 }));

    app.kill().await;
    let app = project.dev().start().await;
    assert_eq!(app.get("/stats").await.json(), json!({ "pageViews": 3 }));
}

#[tokio::test]
async fn user_preferences() {
    let (_project, app) = run("state-user-preferences").await;
    assert_eq!(
        app.get("/alice").await.json(),
        json!({ "theme": "light", "language": "en" })
    );
    let chosen = json!({ "theme": "dark", "language": "de" });
    app.put("/alice", chosen.to_string()).await.expect(204);
    assert_eq!(app.get("/alice").await.json(), chosen);
    assert_eq!(app.get("/bob").await.json()["theme"], "light");
}

#[tokio::test]
async fn partial_updates() {
    let (_project, app) = run("state-partial-updates").await;
    app.put("/user", "").await.expect(201);
    app.post("/seen/by-writing-it-all-back").await.expect(200);
    let first = app.get("/user").await.json();
    assert_eq!(first["visits"], 1);

    join_all((0..20).map(|_| app.post("/seen/in-one-step"))).await;
    let second = app.get("/user").await.json();
    assert_eq!(second["name"], "Alice");
    assert_eq!(second["visits"], 1);
    assert!(second["lastSeen"].as_u64() >= first["lastSeen"].as_u64());
}

#[tokio::test]
async fn several_counters_in_one_step() {
    let (_project, app) = run("state-inc").await;
    assert_eq!(
        app.get("/").await.json(),
        json!({ "visits": 0, "score": 0 })
    );
    join_all((0..50).map(|_| app.post("/"))).await;
    assert_eq!(
        app.get("/").await.json(),
        json!({ "visits": 50, "score": 500 })
    );
}

#[tokio::test]
async fn job_list() {
    let (_project, app) = run("state-queue").await;
    let job = json!({ "id": "job_1", "task": "send-email" });
    for _ in 0..3 {
        app.post("/jobs").await.expect(201);
    }
    assert_eq!(
        app.get("/jobs").await.json(),
        json!({ "pending": [job, job, job] })
    );

    app.post("/jobs/drop").await.expect(200);
    assert_eq!(
        app.get("/jobs").await.json(),
        json!({ "pending": [job, job] })
    );

    app.post("/jobs/finish").await.expect(200);
    let jobs = app.get("/jobs").await.json();
    assert_eq!(jobs["pending"], json!([job]));
    assert_eq!(jobs["completed"][0]["id"], "job_1");
    assert!(jobs["completed"][0]["finishedAt"].is_u64(), "{jobs}");
}

#[tokio::test]
async fn two_stores() {
    let (_project, app) = run("state-multiple-bindings").await;
    app.put("/config", "dark").await.expect(204);
    app.put("/user", r#"{"name":"Abc"}"#).await.expect(204);
    assert_eq!(
        app.get("/").await.json(),
        json!({ "STATE": ["config"], "USER_STATE": ["user:abc"] })
    );
}
