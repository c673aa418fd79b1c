//! Facets of objects in the whole binary: over kill -9 and new code, beside their object in the commands, and with
//! sockets that sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use super::app;
use crate::support::{App, Client, Project, WebSocket, eventually, full};

const CLASSES: &str = r#"
import { DurableObject } from "cloudflare:workers";
export class Part extends DurableObject {
    async add(name) {
        const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
        await this.ctx.storage.put("count", count);
        return name === undefined ? [count] : [count, ...await this.part(name).add()];
    }
    async look(name) {
        const count = (await this.ctx.storage.get("count")) ?? 0;
        return name === undefined ? [count] : [count, ...await this.part(name).look()];
    }
    part(name) {
        return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Part }));
    }
    fetch(request) {
        const { 0: client, 1: server } = new WebSocketPair();
        this.ctx.acceptWebSocket(server);
        return new Response(null, { status: 101, webSocket: client });
    }
    async webSocketMessage(socket, text) {
        socket.send(`${text} ${await this.add()}`);
    }
    end() {
        this.ctx.abort("the part ends");
    }
}
export class Thing extends DurableObject {
    async fetch(request) {
        const [, , action, name] = new URL(request.url).pathname.split("/");
        const part = this.ctx.facets.get("part", () => ({ class: this.ctx.exports.Part, id: "p" }));
        switch (action) {
            case "add": return Response.json(await part.add(name));
            case "look": return Response.json(await part.look(name));
            case "socket": return await part.fetch(request);
            case "delete": return Response.json([this.ctx.facets.delete("part"), await this.ctx.storage.get("count")]);
            case "delete-all": return Response.json([await this.ctx.storage.deleteAll()]);
            case "end": return Response.json(await part.end());
        }
        const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
        await this.ctx.storage.put("count", count);
        return Response.json(count);
    }
}
"#;

/// Clients that each have a connection of their own.
const CLIENTS: u64 = 4;

fn project() -> Project {
    Project::ploy("durable_objects:\n  THINGS: Thing\n", &app(CLASSES))
}

async fn get(app: &App, path: &str) -> Value {
    app.get(path).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_facets_have_answered_survives_kill_9() {
    let project = project();
    let mut app = project.dev().start().await;
    let mut before = vec![0, 0];
    for _ in 0..3 {
        let answered = Arc::new(AtomicU64::new(0));
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let client = Client::new(&format!("http://{}", app.client().address()));
            clients.spawn(add(client, answered.clone()));
        }
        let enough = async || answered.load(Ordering::SeqCst) >= 30;
        eventually("some are answered", enough).await;
        app.kill().await;
        clients.join_all().await;
        let least = answered.load(Ordering::SeqCst);
        app = project.dev().start().await;
        let counts = get(&app, "/a/look/below").await;
        let counts: Vec<u64> = serde_json::from_value(counts).expect("two numbers");
        for (before, count) in before.iter().zip(&counts) {
            let there = before + least..=before + least + CLIENTS;
            assert!(there.contains(count), "{before} and {least}: {counts:?}");
        }
        before = counts;
    }
}

/// One request after the other until one is not answered.
async fn add(client: Client, answered: Arc<AtomicU64>) {
    loop {
        let request = client.request("GET", "/a/add/below").body(full(""));
        let Ok(reply) = client.try_call(request.expect("a request")).await else {
            return;
        };
        reply.expect(200);
        answered.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_answered_survives_kill_9() {
    let project = project();
    let mut app = project.dev().start().await;
    for (path, left) in [("/a/delete", 1), ("/a/delete-all", 0)] {
        get(&app, "/a").await;
        get(&app, "/a/add/below").await;
        get(&app, path).await;
        app.kill().await;
        app = project.dev().start().await;
        assert_eq!(get(&app, "/a/look/below").await, json!([0, 0]), "{path}");
        assert_eq!(get(&app, "/a").await, left + 1, "{path}");
        get(&app, "/a/delete-all").await;
    }
}

#[tokio::test]
async fn new_code_finds_what_they_stored() {
    let project = project();
    let app = project.dev().start().await;
    get(&app, "/a/add/below").await;
    project.write(
        "src/index.ts",
        &super::app(&CLASSES.replace("?? 0) + 1", "?? 0) + 10")),
    );
    let asked = AtomicU64::new(0);
    // Each of an object of its own.
    let next = || format!("/new-{}", asked.fetch_add(1, Ordering::SeqCst));
    eventually("the new code runs", async || get(&app, &next()).await == 10).await;
    assert_eq!(get(&app, "/a/add/below").await, json!([11, 11]));
}

#[tokio::test]
async fn an_object_is_deleted_with_its_facets() {
    let project = project();
    let app = project.dev().start().await;
    get(&app, "/a/add/below").await;
    let command = |arguments: &[&str]| project.command(&["objects"]).arguments(arguments);
    let listed = command(&["list", "Thing", "--json"]).run().await;
    assert_eq!(
        listed.stdout.lines().count(),
        1,
        "its facets are none: {listed:#?}"
    );
    let mut socket = WebSocket::connect(app.client(), "/a/socket").await;
    let deleted = command(&["delete", "Thing", "a", "--yes"]).run().await;
    assert_eq!(deleted.code, Some(0), "{deleted:#?}");
    assert!(
        matches!(socket.receive().await, Message::Close(Some(frame)) if u16::from(frame.code) == 1001)
    );
    assert_eq!(get(&app, "/a/look/below").await, json!([0, 0]));
}

#[tokio::test]
async fn sockets_of_a_facet() {
    let project = project();
    let app = project.dev().start().await;
    let mut socket = WebSocket::connect(app.client(), "/a/socket").await;
    socket.send(Message::text("one")).await;
    assert_eq!(socket.receive().await, Message::text("one 1"));
    assert_eq!(get(&app, "/a/add").await, json!([2]));
    socket.send(Message::text("two")).await;
    assert_eq!(socket.receive().await, Message::text("two 3"));
    assert_eq!(app.get("/a/end").await.status, 500);
    assert!(
        matches!(socket.receive().await, Message::Close(Some(frame)) if u16::from(frame.code) == 1011)
    );
    assert_eq!(get(&app, "/a/add").await, json!([4]));
}
