//! npm packages in a Worker, as installed by npm, bundled and run: `hono` here, `partyserver` and
//! `y-partyserver` below.

mod clients;
mod documents;
mod party;
mod programs;
mod sdk;
mod workkit;
mod yjs;

use std::os::unix::fs::symlink;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Project, WebSocket};

const HONO: &str = r#"
import { Hono } from "hono";
import { cors } from "hono/cors";

const app = new Hono<{ Bindings: PloyEnv }>();

app.use("/api/*", cors());
app.get("/", (c) => c.text("hello from hono"));
app.get("/api/users/:id", (c) => c.json({ id: c.req.param("id"), fields: c.req.queries("field") }));
app.post("/api/count", async (c) => {
    const { by } = await c.req.json<{ by: number }>();
    await c.env.STATE.update("counters", { $inc: { total: by } });
    return c.json(await c.env.STATE.get("counters", "json"), 201);
});
app.get("/wrong", () => {
    throw new Error("a handler of hono threw");
});

export default app;
"#;

/// A project in which the packages of the tests are installed.
fn installed(bindings: &str, source: &str) -> Project {
    let project = Project::ploy(bindings, source);
    let modules = super::types::node_modules();
    symlink(modules, project.path().join("node_modules")).expect("a link");
    project
}

#[tokio::test]
async fn hono_runs_as_a_worker() {
    let project = installed("state:\n  STATE: default\n", HONO);
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).text(), "hello from hono");
    let user = app
        .get("/api/users/42?field=name&field=role")
        .await
        .expect(200);
    assert_eq!(
        user.json(),
        json!({ "id": "42", "fields": ["name", "role"] })
    );
    assert_eq!(user.header("access-control-allow-origin"), "*");

    let client = app.client();
    client
        .send("POST", "/api/count", r#"{"by":2}"#)
        .await
        .expect(201);
    let second = client
        .send("POST", "/api/count", r#"{"by":3}"#)
        .await
        .expect(201);
    assert_eq!(second.json(), json!({ "total": 5 }));
    app.get("/wrong").await.expect(500);
    app.get("/nowhere").await.expect(404);
}

const HONO_SOCKET: &str = r#"
import { Hono } from "hono";
import { upgradeWebSocket } from "hono/cloudflare-workers";

const app = new Hono();

app.get("/echo/:name", upgradeWebSocket((c) => ({
    onMessage(event, ws) {
        ws.send(`${c.req.param("name")}: ${event.data}`);
        if (event.data === "bye") ws.close(4000, "goodbye");
    },
})));

// The same inside a Durable Object.
export class Room {
    app = new Hono();
    sockets = new Set();

    constructor(state, env) {
        this.app.get("/room", upgradeWebSocket(() => ({
            onMessage: (event, ws) => {
                this.sockets.add(ws);
                for (const socket of this.sockets) socket.send(event.data);
            },
            onClose: (_event, ws) => this.sockets.delete(ws),
        })));
    }

    fetch(request) {
        return this.app.fetch(request);
    }
}

app.get("/room", (c) => c.env.ROOMS.getByName("one").fetch(c.req.raw));
app.get("*", (c) => c.text("no socket"));

export default app;
"#;

#[tokio::test]
async fn hono_upgrades_to_web_sockets() {
    let project = installed("durable_objects:\n  ROOMS: Room\n", HONO_SOCKET);
    let app = project.dev().start().await;
    let mut echo = WebSocket::connect(app.client(), "/echo/ada").await;
    echo.send(Message::text("hello")).await;
    assert_eq!(echo.receive().await, Message::text("ada: hello"));
    echo.send(Message::text("bye")).await;
    assert_eq!(echo.receive().await, Message::text("ada: bye"));
    let Message::Close(Some(frame)) = echo.receive().await else {
        panic!("it was not closed");
    };
    assert_eq!((u16::from(frame.code), &*frame.reason), (4000, "goodbye"));

    let mut ada = WebSocket::connect(app.client(), "/room").await;
    let mut bob = WebSocket::connect(app.client(), "/room").await;
    ada.send(Message::text("first")).await;
    assert_eq!(ada.receive().await, Message::text("first"));
    bob.send(Message::text("second")).await;
    for socket in [&mut ada, &mut bob] {
        assert_eq!(socket.receive().await, Message::text("second"));
    }
    assert_eq!(app.get("/echo/ada").await.text(), "no socket");
}

#[tokio::test]
async fn a_package_that_is_not_installed_is_named() {
    let project = Project::ploy("", HONO);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    assert!(exit.stderr.contains("hono"), "{exit:#?}");
    assert!(exit.stderr.contains("src/index.ts:2"), "{exit:#?}");
}
