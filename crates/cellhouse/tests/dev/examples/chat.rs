//! `examples/chat`: WebSockets that end in Durable Objects which never call `accept()`.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::run;
use crate::support::{WebSocket, eventually};

#[tokio::test]
async fn everybody_in_the_room_gets_every_message() {
    let (_project, app) = run("chat").await;
    let mut members = Vec::new();
    for _ in 0..5 {
        members.push(WebSocket::connect(app.client(), "/rooms/lobby").await);
    }
    let mut elsewhere = WebSocket::connect(app.client(), "/rooms/cellar").await;
    for (number, text) in ["hello", "how are you?"].into_iter().enumerate() {
        members[number].send(Message::text(text)).await;
        for member in &mut members {
            assert_eq!(member.receive().await, Message::text(text));
        }
    }
    elsewhere.send(Message::text("nobody here")).await;
    assert_eq!(elsewhere.receive().await, Message::text("nobody here"));
}

#[tokio::test]
async fn the_others_go_on_when_one_leaves() {
    let (_project, app) = run("chat").await;
    let mut leaving = WebSocket::connect(app.client(), "/rooms/lobby").await;
    let mut lost = Some(WebSocket::connect(app.client(), "/rooms/lobby").await);
    let mut staying = WebSocket::connect(app.client(), "/rooms/lobby").await;
    leaving.send(Message::Close(None)).await;
    assert!(matches!(leaving.receive().await, Message::Close(_)));
    lost.take();
    staying.send(Message::text("still here")).await;
    assert_eq!(staying.receive().await, Message::text("still here"));
}

#[tokio::test]
async fn a_room_wants_a_web_socket() {
    let (_project, app) = run("chat").await;
    app.get("/rooms/lobby").await.expect(426);
    app.get("/").await.expect(404);
}

#[tokio::test]
async fn a_document_is_shared_and_stays() {
    let (project, app) = run("chat").await;
    let path = "/documents/notes";
    assert_eq!(app.get(path).await.json(), json!({}));
    let mut ada = WebSocket::connect(app.client(), path).await;
    let mut bob = WebSocket::connect(app.client(), path).await;
    let first = json!({ "content": "first" });
    ada.send(Message::text(first.to_string())).await;
    for reader in [&mut ada, &mut bob] {
        assert_eq!(reader.receive().await, Message::text(first.to_string()));
    }
    let second = json!({ "content": "second" });
    bob.send(Message::text(second.to_string())).await;
    assert_eq!(ada.receive().await, Message::text(second.to_string()));
    // An answer that shows the write leaves when it is durable.
    eventually("the write is there", async || {
        app.get(path).await.json() == second
    })
    .await;
    app.kill().await;
    let app = project.dev().start().await;
    assert_eq!(app.get(path).await.json(), second);
}
