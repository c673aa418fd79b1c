//! `examples/reminders`: alarms of Durable Objects, also across a restart.

use serde_json::{Value, json};

use super::run;
use crate::support::{App, eventually};

async fn remind(app: &App, name: &str, message: &str, delay_ms: u64) {
    let body = json!({ "message": message, "delayMs": delay_ms });
    let path = format!("/reminders/{name}");
    let reply = app.put(&path, body.to_string()).await;
    assert_eq!(reply.expect(200).text(), "Reminder set");
}

async fn sent(app: &App, name: &str) -> Value {
    app.get(&format!("/reminders/{name}")).await.json()["sent"].clone()
}

#[tokio::test]
async fn a_reminder_is_sent_once() {
    let (_project, app) = run("reminders").await;
    let mark = app.events().mark();
    remind(&app, "tea", "the tea is ready", 50).await;
    eventually("it is sent", async || {
        sent(&app, "tea").await == json!(["the tea is ready"])
    })
    .await;
    let due = app.get("/reminders/tea").await.json()["due"].clone();
    assert_eq!(due, Value::Null, "and does not come again");
    let console = app.events().find(mark, |event| {
        event["event"] == "console"
            && event["message"]
                .as_str()
                .is_some_and(|text| text.contains("reminder: the tea is ready"))
    });
    assert!(console.await.is_some());
}

#[tokio::test]
async fn a_reminder_waits_for_the_server() {
    let (project, app) = run("reminders").await;
    remind(&app, "soon", "while it was down", 300).await;
    remind(&app, "later", "much later", 3_600_000).await;
    let due = app.get("/reminders/later").await.json()["due"].clone();
    app.kill().await;
    let app = project.dev().start().await;
    eventually("it is sent after the start", async || {
        sent(&app, "soon").await == json!(["while it was down"])
    })
    .await;
    let later = app.get("/reminders/later").await.json();
    assert_eq!(later, json!({ "due": due, "sent": [] }));
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let (_project, app) = run("reminders").await;
    let login = async |user: &str, mut body: Value| {
        body["userId"] = json!(user);
        let path = format!("/users/{user}/login");
        let reply = app.client().send("POST", &path, body.to_string()).await;
        assert_eq!(reply.expect(200).text(), "Logged in");
    };
    login(
        "ada",
        json!({ "data": { "theme": "dark" }, "lastsMs": 100 }),
    )
    .await;
    login("bob", json!({ "data": 1 })).await;
    eventually("ada is forgotten", async || {
        app.get("/users/ada/session").await.json() == json!({})
    })
    .await;
    let bob = app.get("/users/bob/session").await.json();
    assert_eq!(bob, json!({ "userId": "bob", "data": 1 }), "an hour");
    app.get("/users/bob/elsewhere").await.expect(404);
}
