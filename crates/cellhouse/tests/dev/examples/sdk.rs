//! `examples/sdk-*`: what the documents do with `sdk.do`, with nothing installed.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::run;
use crate::support::{App, Project, eventually};

async fn send(app: &App, path: &str, body: &str) -> Value {
    let client = app.client();
    client
        .send("POST", path, body.to_owned())
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn plain_classes_are_objects() {
    let (project, app) = run("sdk-objects").await;
    assert_eq!(app.post("/counters/visits").await.expect(200).json(), 1);
    assert_eq!(app.post("/counters/visits").await.expect(200).json(), 2);
    app.kill().await;
    let app = project.dev().start().await;
    assert_eq!(app.get("/counters/visits").await.expect(200).json(), 2);
    assert_eq!(app.get("/counters").await.json(), json!(["visits"]));
    assert_eq!(app.delete("/counters/visits").await.json(), true);
    assert_eq!(app.get("/counters").await.json(), json!([]));
    send(&app, "/reminders/tea", "tea is ready").await;
    eventually("the reminder rings", async || {
        app.get("/reminders/tea").await.json() == json!({ "message": "tea is ready", "rang": true })
    })
    .await;
    send(&app, "/scores/ada", "10").await;
    assert_eq!(
        send(&app, "/scores/bob", "20").await,
        json!([{ "userId": "bob", "score": 20 }, { "userId": "ada", "score": 10 }])
    );
}

#[tokio::test]
async fn documents_are_stored_found_and_related() {
    let (_project, app) = run("sdk-database").await;
    let ada = json!({ "name": "Ada", "$id": "ada", "$type": "Person" });
    for (id, name) in [("ada", "Ada"), ("bob", "Bob")] {
        let body = json!({ "name": name }).to_string();
        app.put(&format!("/people/{id}"), body).await.expect(200);
    }
    assert_eq!(app.get("/people/ada").await.expect(200).json(), ada);
    assert_eq!(app.get("/people?q=ADA").await.json(), json!([ada]));
    assert_eq!(
        app.get("/people").await.json().as_array().map(Vec::len),
        Some(2)
    );
    app.put("/friends/ada+bob", "").await.expect(204);
    assert_eq!(app.get("/friends/ada").await.json()[0]["name"], "Bob");
    assert_eq!(app.get("/cached/ada").await.expect(200).json(), ada);
    app.delete("/people/ada").await.expect(204);
    app.get("/people/ada").await.expect(404);
    assert_eq!(app.get("/cached/ada").await.expect(200).json(), ada);
}

#[tokio::test]
async fn orders_tell_of_themselves() {
    let (_project, app) = run("sdk-events").await;
    app.put("/orders/o1", "25").await.expect(200);
    eventually("the order is confirmed", async || {
        app.get("/journal").await.json() == json!(["order o1 of 25 confirmed"])
    })
    .await;
    assert_eq!(app.get("/orders/o1").await.json(), "confirmed");
    app.post("/orders/o1/ship").await.expect(202);
    eventually("nobody ships it", async || {
        let dead = app.get("/dead").await.expect(200).json();
        dead[0]["error"] == "nobody ships order o1" && dead[0]["attempts"] == 3
    })
    .await;
}

#[tokio::test]
async fn a_conversation_remembers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"}") && stream.read_buf(&mut request).await.unwrap_or(0) > 0 {
            }
            let asked = String::from_utf8_lossy(&request).matches("hello").count();
            let answer = json!({ "choices": [{ "message": { "content": format!("hello {asked} times") } }] });
            let text = answer.to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                text.len()
            );
            drop(stream.write_all((head + &text).as_bytes()).await);
        }
    });
    let project = Project::example("sdk-ai");
    let config = project.read("wrangler.toml");
    project.write(
        "wrangler.toml",
        &config.replace("http://localhost:11434/v1", &url),
    );
    let app = project.dev().start().await;
    let say =
        async |text: &'static str| app.client().send("POST", "/conversations/ada", text).await;
    assert_eq!(say("hello").await.expect(200).text(), "hello 2 times");
    assert_eq!(say("bye").await.expect(200).text(), "hello 2 times");
    let messages = app.get("/conversations/ada").await.json();
    assert_eq!(
        messages,
        json!(["hello", "hello 2 times", "bye", "hello 2 times"])
    );
}

#[tokio::test]
async fn patterns_are_values_and_state_has_events() {
    let (_project, app) = run("sdk-patterns").await;
    assert_eq!(
        app.get("/types").await.expect(200).json(),
        json!(["State", "Session", "Cache", "Counter"])
    );
    app.put("/state/theme", r#"{"dark":true}"#)
        .await
        .expect(204);
    assert_eq!(
        app.get("/state/theme").await.json(),
        json!({ "dark": true })
    );
    app.delete("/state/theme").await.expect(204);
    assert_eq!(app.get("/state/theme").await.json(), Value::Null);
    assert_eq!(
        app.post("/sessions/ada").await.expect(200).json(),
        json!({ "user": "ada" })
    );
    eventually("both events are heard", async || {
        let heard = app.get("/heard").await.json();
        let mut heard: Vec<String> = serde_json::from_value(heard).expect("texts");
        heard.sort();
        heard == ["Session.expired ada", "State.updated theme"]
    })
    .await;
    assert_eq!(app.get("/sessions/ada").await.json(), Value::Null);
}
