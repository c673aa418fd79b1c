//! `partyserver`: a chat room, with sockets that keep their object in memory and with such that do not.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::installed;
use crate::support::{App, WebSocket, eventually};

/// `HIBERNATE` stands for the choice.
const CHAT: &str = r#"
import { Server, getServerByName, routePartykitRequest } from "partyserver";

export class Chat extends Server {
    static options = { hibernate: HIBERNATE };
    messages = [];

    async onStart() {
        this.messages = (await this.ctx.storage.get("messages")) ?? [];
    }

    getConnectionTags(connection) {
        return [connection.id === "ada" ? "admin" : "member"];
    }

    onConnect(connection, { request }) {
        connection.setState({ joined: new URL(request.url).searchParams.get("as") });
        connection.send(JSON.stringify({ welcome: connection.id, room: this.name, messages: this.messages }));
        this.broadcast(JSON.stringify({ joined: connection.id }), [connection.id]);
    }

    async onMessage(connection, text) {
        if (text === "boom") throw new Error("a handler of the room threw");
        this.messages.push(text);
        await this.ctx.storage.put("messages", this.messages);
        const from = connection.state.joined;
        if (text.startsWith("admin:")) {
            for (const admin of this.getConnections("admin")) admin.send(JSON.stringify({ from, text }));
        } else {
            this.broadcast(JSON.stringify({ from, text }));
        }
    }

    onError(connection, error) {
        connection.send(JSON.stringify({ error: error.message }));
    }

    onClose(connection, code, reason) {
        this.broadcast(JSON.stringify({ left: connection.id, code, reason }), [connection.id]);
    }

    onRequest() {
        const ids = [...this.getConnections()].map((connection) => connection.id).sort();
        return Response.json({ ids, messages: this.messages });
    }

    size() {
        return this.messages.length;
    }
}

export default {
    async fetch(request, env) {
        if (request.url.endsWith("/size")) {
            const room = await getServerByName(env.CHAT, "lobby");
            return Response.json(await room.size());
        }
        return (await routePartykitRequest(request, env)) ?? new Response("Not found", { status: 404 });
    },
};
"#;

async fn join(app: &App, name: &str) -> (WebSocket, Value) {
    let path = format!("/parties/chat/lobby?_pk={name}&as={name}-x");
    let mut socket = WebSocket::connect(app.client(), &path).await;
    let welcome = hear(&mut socket).await;
    (socket, welcome)
}

async fn hear(socket: &mut WebSocket) -> Value {
    let message = socket.receive().await;
    serde_json::from_str(message.to_text().expect("a text")).expect("JSON")
}

async fn say(socket: &mut WebSocket, text: &str) {
    socket.send(Message::text(text)).await;
}

async fn chat(hibernate: bool) {
    let source = CHAT.replace("HIBERNATE", &hibernate.to_string());
    let project = installed("durable_objects:\n  CHAT: Chat\n", &source);
    let app = project.dev().start().await;
    let (mut ada, welcome) = join(&app, "ada").await;
    assert_eq!(
        welcome,
        json!({ "welcome": "ada", "room": "lobby", "messages": [] })
    );
    let (mut bob, _) = join(&app, "bob").await;
    assert_eq!(hear(&mut ada).await, json!({ "joined": "bob" }));

    say(&mut bob, "hello").await;
    for member in [&mut ada, &mut bob] {
        assert_eq!(
            hear(member).await,
            json!({ "from": "bob-x", "text": "hello" })
        );
    }
    say(&mut bob, "admin: help").await;
    let expected = json!({ "from": "bob-x", "text": "admin: help" });
    assert_eq!(hear(&mut ada).await, expected, "by its tag");
    let state = app.get("/parties/chat/lobby").await.expect(200).json();
    assert_eq!(
        state,
        json!({ "ids": ["ada", "bob"], "messages": ["hello", "admin: help"] })
    );
    assert_eq!(app.get("/size").await.json(), 2, "over RPC");

    bob.close(4001, "had enough").await;
    let left = json!({ "left": "bob", "code": 4001, "reason": "had enough" });
    assert_eq!(hear(&mut ada).await, left);
    eventually("only ada is there", async || {
        app.get("/parties/chat/lobby").await.json()["ids"] == json!(["ada"])
    })
    .await;
    app.get("/elsewhere").await.expect(404);

    app.kill().await;
    let app = project.dev().start().await;
    let (_, welcome) = join(&app, "cleo").await;
    assert_eq!(welcome["messages"], json!(["hello", "admin: help"]));
}

#[tokio::test]
async fn a_party_in_memory() {
    chat(false).await;
}

#[tokio::test]
async fn a_party_that_hibernates() {
    chat(true).await;
}
