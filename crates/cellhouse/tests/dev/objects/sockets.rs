//! Sockets that an object may leave memory with: messages, tags, attachments, the end.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::project;
use crate::support::{WebSocket, eventually};

const CLASS: &str = r#"
export class Thing {
    async fetch(request) {
        if (request.headers.get("Upgrade") !== "websocket") {
            const ended = (await this.state.storage.get("ended")) ?? [];
            return Response.json({ open: this.state.getWebSockets().length, ended });
        }
        const { 0: client, 1: server } = new WebSocketPair();
        const name = request.url.split("/").at(-1);
        this.state.acceptWebSocket(server, [name, "all"]);
        server.serializeAttachment({ name, since: new Date(0), received: 0n });
        return new Response(null, { status: 101, webSocket: client });
    }

    webSocketMessage(socket, message) {
        const { name, since, received } = socket.deserializeAttachment();
        socket.serializeAttachment({ name, since, received: received + 1n });
        const [to, text] = typeof message === "string" ? message.split(":") : ["all", `${message.byteLength} bytes`];
        const from = `${this.state.getTags(socket)}`;
        for (const other of this.state.getWebSockets(to)) {
            other.send(JSON.stringify([from, name, `${received}`, since.getTime(), text]));
        }
    }

    async webSocketClose(socket, code, reason, wasClean) {
        const { name } = socket.deserializeAttachment();
        const ended = (await this.state.storage.get("ended")) ?? [];
        await this.state.storage.put("ended", [...ended, { name, code, reason, wasClean }]);
    }
}
"#;

fn text(message: Message) -> Value {
    serde_json::from_str(message.to_text().expect("a text")).expect("JSON")
}

#[tokio::test]
async fn tags_attachments_and_messages() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    let mut ada = WebSocket::connect(app.client(), "/room/ada").await;
    let mut bob = WebSocket::connect(app.client(), "/room/bob").await;
    ada.send(Message::text("bob:hello")).await;
    assert_eq!(
        text(bob.receive().await),
        json!(["ada,all", "ada", "0", 0, "hello"])
    );
    ada.send(Message::text("all:everybody")).await;
    for socket in [&mut ada, &mut bob] {
        let expected = json!(["ada,all", "ada", "1", 0, "everybody"]);
        assert_eq!(text(socket.receive().await), expected);
    }
    bob.send(Message::binary(vec![7; 1000])).await;
    for socket in [&mut ada, &mut bob] {
        let expected = json!(["bob,all", "bob", "0", 0, "1000 bytes"]);
        assert_eq!(text(socket.receive().await), expected);
    }
    assert_eq!(app.get("/room/look").await.json()["open"], 2);
}

#[tokio::test]
async fn the_end_of_a_socket_is_told() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    let mut ada = WebSocket::connect(app.client(), "/room/ada").await;
    let bob = WebSocket::connect(app.client(), "/room/bob").await;
    ada.close(4001, "enough").await;
    let ended = async || app.get("/room/look").await.json()["ended"].clone();
    let by_ada = json!({ "name": "ada", "code": 4001, "reason": "enough", "wasClean": true });
    eventually("ada has left", async || ended().await == json!([by_ada])).await;
    // bob is gone without a word.
    drop(bob);
    eventually("bob is missed", async || {
        let ended = ended().await;
        ended[1]["name"] == "bob" && ended[1]["code"] == 1006
    })
    .await;
    assert_eq!(app.get("/room/look").await.json()["open"], 0);
}

/// As state.do has it: nobody calls `accept()`, and nobody looks whether a member is still there.
const ROOM: &str = r#"
export class Thing {
    private sessions: WebSocket[] = []

    async fetch(request: Request) {
        const pair = new WebSocketPair()
        const [client, server] = Object.values(pair)

        this.sessions.push(server)

        server.addEventListener('message', async (event) => {
            // Broadcast to all connected clients
            const message = event.data
            for (const session of this.sessions) {
                session.send(message)
            }
        })

        return new Response(null, { status: 101, webSocket: client })
    }
}
"#;

#[tokio::test]
async fn a_room_goes_on_when_members_have_left() {
    let project = project(ROOM);
    let app = project.dev().start().await;
    let mut leaves = WebSocket::connect(app.client(), "/room").await;
    let lost = WebSocket::connect(app.client(), "/room").await;
    let mut stays = WebSocket::connect(app.client(), "/room").await;
    leaves.send(Message::text("one")).await;
    for socket in [&mut leaves, &mut stays] {
        assert_eq!(socket.receive().await, Message::text("one"));
    }
    leaves.close(1000, "").await;
    drop(lost);
    for text in ["two", "three"] {
        stays.send(Message::text(text)).await;
        assert_eq!(stays.receive().await, Message::text(text));
    }
}

/// As in workerd: dropped, not thrown.
#[tokio::test]
async fn what_is_sent_to_a_sleeper_that_has_left_is_dropped() {
    let late = CLASS.replace(
        "async webSocketClose(socket, code, reason, wasClean) {",
        "async webSocketClose(socket, code, reason, wasClean) { socket.send(\"late\"); console.log(`state ${socket.readyState}`);",
    );
    let project = project(&late);
    let app = project.dev().start().await;
    let mut ada = WebSocket::connect(app.client(), "/room/ada").await;
    ada.send(Message::Close(None)).await;
    assert!(matches!(ada.receive().await, Message::Close(_)));
    let closing = |event: &Value| event["message"] == "state 2";
    app.events()
        .find(0, closing)
        .await
        .expect("nothing is thrown");
}
