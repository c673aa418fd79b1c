//! Ten thousand WebSockets of one object that sleeps: the instance is gone, the sockets stay and cost little, and each
//! finds what was kept with it. A process of its own, because the system counts memory by process.

mod support;

use std::time::Duration;

use cellhouse_runtime::Limits;
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{App, PATIENCE, Settings, Socket, Store, resident_bytes, start};

const SOCKETS: usize = 10_000;
/// Bytes of each of them, both ends and the attachment.
const BYTES_EACH: usize = 5 << 10;

const ROOM: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  // Big enough to be missed when the instance has gone, and for the allocator to give it back.
  ballast = new Uint8Array(70_000_000).fill(1);
  async fetch(request) {
    const name = new URL(request.url).pathname.split("/").at(-1);
    if (name === "look") return Response.json([this.made, this.state.getWebSockets().length]);
    const [client, server] = Object.values(new WebSocketPair());
    this.state.acceptWebSocket(server, [name, "all"]);
    server.serializeAttachment({ name, since: new Date(7), many: new Map([["n", 0n]]) });
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, text) {
    const kept = socket.deserializeAttachment();
    kept.many.set("n", kept.many.get("n") + 1n);
    socket.serializeAttachment(kept);
    const heard = `${kept.many.get("n")}`;
    socket.send(JSON.stringify([text, kept.name, kept.since.getTime(), heard, this.state.getTags(socket)[0]]));
    if (text === "everybody") for (const other of this.state.getWebSockets("all")) other.send("all");
  }
}
"#;

async fn made(app: &App) -> Value {
    let told: Value = serde_json::from_str(&app.text("/room/look").await).expect("JSON");
    assert_eq!(told[1], SOCKETS);
    told[0].clone()
}

/// Waits until the object has left memory: its ballast is gone.
async fn until_asleep(awake: usize) {
    let waiting = async {
        while resident_bytes() + (30 << 20) > awake {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let slept = tokio::time::timeout(PATIENCE, waiting).await;
    slept.expect("an object at rest leaves memory");
}

#[tokio::test]
async fn ten_thousand_sockets_of_an_object_that_sleeps() {
    let store = Store::with_rest(Duration::ZERO);
    let code = format!(
        "{ROOM} export default {{ fetch(request, env) {{ return env.THINGS.getByName('room').fetch(request); }} }};"
    );
    let settings = Settings {
        limits: Limits {
            cpu: Duration::from_secs(30),
            heap_bytes: 128 << 20,
        },
        ..store.settings(1)
    };
    let app = start(&code, settings).await.expect("the app starts");
    drop(app.socket("/room/first").await);
    let before = resident_bytes();
    let mut sockets = Vec::with_capacity(SOCKETS);
    for number in 0..SOCKETS {
        sockets.push(app.socket(&format!("/room/n{number}")).await);
    }
    let first = made(&app).await;
    let awake = resident_bytes();
    until_asleep(awake).await;
    let each = resident_bytes().saturating_sub(before) / SOCKETS;
    assert!(each <= BYTES_EACH, "{each} bytes each");

    for number in [0, 77, SOCKETS - 1] {
        let expected = json!(["hello", format!("n{number}"), 7, "1", format!("n{number}")]);
        assert_eq!(ask(&mut sockets[number], "hello").await, expected);
    }
    assert_ne!(made(&app).await, first, "it was made anew");
    assert_eq!(ask(&mut sockets[77], "everybody").await[3], "2");
    let heard = join_all(sockets.iter_mut().map(Socket::text)).await;
    assert!(heard.iter().all(|text| text == "all"));
}

async fn ask(socket: &mut Socket, text: &str) -> Value {
    serde_json::from_str(&socket.ask(text).await).expect("JSON")
}
