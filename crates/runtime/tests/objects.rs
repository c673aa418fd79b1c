//! Durable Objects that leave memory: what goes, what stays, and who keeps one there.

#[path = "objects/bookmarks.rs"]
mod bookmarks;
#[path = "objects/facets.rs"]
mod facets;
mod support;

use std::time::Duration;

use cellhouse_runtime::FailureKind;
use serde_json::{Value, json};
use support::{App, PATIENCE, Socket, Store};

/// An object at rest leaves at once.
const NO_REST: Duration = Duration::ZERO;
/// An object at rest stays for as long as a test runs.
const LONG_REST: Duration = Duration::from_secs(3600);

/// `made` tells instances apart, `seen` counts in memory, `stored` in storage.
const COUNTER: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  seen = 0;
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/gone")) return Response.json(this.made);
    this.seen++;
    const stored = ((await this.state.storage.get("stored")) ?? 0) + 1;
    await this.state.storage.put("stored", stored);
    if (pathname.endsWith("/later")) {
      this.state.waitUntil(scheduler.wait(50).then(() => this.state.storage.put("later", this.made)));
    }
    return Response.json([this.made, this.seen, stored, await this.state.storage.get("later")]);
  }
}
"#;

async fn ask(app: &App, path: &str) -> Value {
    serde_json::from_str(&app.text(path).await).expect("JSON")
}

/// Waits until no object lives in any isolate.
async fn all_have_left(store: &Store) {
    let waiting = async {
        while store.host.resident() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let left = tokio::time::timeout(PATIENCE, waiting).await;
    left.expect("objects at rest leave");
}

#[tokio::test]
async fn an_object_that_has_left_finds_what_it_stored() {
    let store = Store::with_rest(NO_REST);
    let app = store.app(COUNTER, 1).await;
    for stored in 1..=5 {
        // Each time a new instance.
        assert_eq!(ask(&app, "/one").await, json!([stored, 1, stored, null]));
        all_have_left(&store).await;
    }
}

/// Calls an object, for a value that needs an encoding or for one that needs none.
const CALLED: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  instance() { return [this.made]; }
  number() { return this.made; }
}
export default {
  async fetch(request, env) {
    const thing = env.THINGS.getByName("one");
    const { pathname } = new URL(request.url);
    return Response.json(pathname === "/instance" ? (await thing.instance())[0] : await thing.number());
  },
};
"#;

#[tokio::test]
async fn an_object_that_was_called_leaves_when_its_caller_needs_nothing_more() {
    let store = Store::with_rest(NO_REST);
    let app = store.whole_app(CALLED, 1).await;
    for (made, path) in (1..).zip(["/instance", "/number", "/instance", "/number"]) {
        assert_eq!(ask(&app, path).await, json!(made));
        all_have_left(&store).await;
    }
}

#[tokio::test]
async fn an_object_that_rests_shortly_stays() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(COUNTER, 1).await;
    for number in 1..=5 {
        let answer = ask(&app, "/one").await;
        assert_eq!(answer, json!([1, number, number, null]));
    }
    assert_eq!(store.host.resident(), 1);
}

#[tokio::test]
async fn what_it_waits_for_keeps_an_object() {
    let store = Store::with_rest(NO_REST);
    let app = store.app(COUNTER, 1).await;
    ask(&app, "/one/later").await;
    all_have_left(&store).await;
    let answer = ask(&app, "/one").await;
    assert_eq!(answer[3], 1, "the first instance wrote it before it left");
}

/// While objects leave all the time, each event finds one instance, and nothing is counted twice.
#[tokio::test]
async fn events_meet_objects_that_leave() {
    let store = Store::with_rest(NO_REST);
    let app = store.app(COUNTER, 3).await;
    let mut counts = Vec::new();
    for _ in 0..40 {
        let asked = ["/one", "/two", "/one", "/one", "/two"].map(|path| ask(&app, path));
        counts.extend(futures_util::future::join_all(asked).await);
    }
    let mut counts: Vec<_> = counts.iter().map(|answer| answer[2].as_u64()).collect();
    counts.sort_unstable();
    let mut expected: Vec<_> = (1..=80).chain(1..=120).map(Some).collect();
    expected.sort_unstable();
    assert_eq!(counts, expected);
}

/// Says which instance answers, and what is kept with the socket.
const SOCKETS: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  constructor(state) {
    this.state = state;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/names")) {
      const names = this.state.getWebSockets().map((socket) => socket.deserializeAttachment().name);
      return Response.json([this.made, names.sort()]);
    }
    const [client, server] = Object.values(new WebSocketPair());
    const name = pathname.split("/").at(-1);
    this.state.acceptWebSocket(server, [name]);
    server.serializeAttachment({ name, heard: new Set() });
    return new Response(null, { status: 101, webSocket: client });
  }
  async webSocketMessage(socket, text) {
    const { name, heard } = socket.deserializeAttachment();
    heard.add(text);
    socket.serializeAttachment({ name, heard });
    const told = JSON.stringify({ made: this.made, name, heard: [...heard], tags: this.state.getTags(socket) });
    socket.send(told);
  }
  async webSocketClose(socket, code, reason) {
    console.log(`closed ${socket.deserializeAttachment().name} ${code} ${reason} ${this.made > 1}`);
  }
}
"#;

async fn say(socket: &mut Socket, text: &str) -> Value {
    serde_json::from_str(&socket.ask(text).await).expect("JSON")
}

/// Waits until another instance than `made` answers.
async fn until_made_anew(app: &App, made: &Value) -> Value {
    let waiting = async {
        loop {
            let told = ask(app, "/room/names").await;
            if told[0] != *made {
                return told[1].clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let anew = tokio::time::timeout(PATIENCE, waiting).await;
    anew.expect("it leaves memory between two requests")
}

#[tokio::test]
async fn a_socket_outlives_the_instance_with_all_that_is_kept_with_it() {
    let store = Store::with_rest(NO_REST);
    let app = store.app(SOCKETS, 1).await;
    let mut ada = app.socket("/room/ada").await;
    let mut bob = app.socket("/room/bob").await;
    let first = say(&mut ada, "one").await;
    assert_eq!(
        (&first["name"], &first["heard"]),
        (&json!("ada"), &json!(["one"]))
    );
    let names = until_made_anew(&app, &first["made"]).await;
    assert_eq!(names, json!(["ada", "bob"]));
    let second = say(&mut ada, "two").await;
    assert_ne!(first["made"], second["made"]);
    assert_eq!(second["heard"], json!(["one", "two"]));
    assert_eq!(second["tags"], json!(["ada"]));
    assert_eq!(say(&mut bob, "one").await["heard"], json!(["one"]));
    bob.close(Some(4001), "enough");
    assert_eq!(bob.closed().await, (Some(4001), "enough".to_owned()));
    app.log.wait_for("closed bob 4001 enough true").await;
    let names = ask(&app, "/room/names").await[1].clone();
    assert_eq!(names, json!(["ada"]));
}

#[tokio::test]
async fn a_message_that_is_answered_by_itself_wakes_nobody() {
    let store = Store::with_rest(LONG_REST);
    let app = store.app(SOCKETS, 1).await;
    let mut ada = app.socket("/room/ada").await;
    assert_eq!(ada.ask("ping").await, "pong");
    let told = say(&mut ada, "hello").await;
    assert_eq!(told["heard"], json!(["hello"]), "it has not heard the ping");
}

/// Sockets that the object did not give away keep it in memory.
const ACCEPTED: &str = r#"
let made = 0;
export class Thing {
  made = ++made;
  heard = [];
  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", ({ data }) => {
      this.heard.push(data);
      server.send(JSON.stringify([this.made, this.heard]));
    });
    return new Response(null, { status: 101, webSocket: client });
  }
}
"#;

#[tokio::test]
async fn a_socket_that_code_listens_to_keeps_its_object() {
    let store = Store::with_rest(NO_REST);
    let app = store.app(ACCEPTED, 1).await;
    let mut socket = app.socket("/room").await;
    assert_eq!(say(&mut socket, "one").await, json!([1, ["one"]]));
    // Others come and go meanwhile.
    for _ in 0..20 {
        drop(app.socket("/other").await);
    }
    assert_eq!(say(&mut socket, "two").await, json!([1, ["one", "two"]]));
    socket.close(Some(1000), "");
    socket.closed().await;
    drop(socket);
    all_have_left(&store).await;
}

/// A session that is at rest must not look like something that is still under way.
#[tokio::test]
async fn after_a_call_code_that_waits_for_nothing_is_known_to_hang() {
    let store = Store::with_rest(LONG_REST);
    let code = r#"
        export class Thing { add(a, b) { return a + b; } }
        export default {
          async fetch(request, env) {
            if (request.url.endsWith("/hang")) await new Promise(() => {});
            return Response.json(await env.THINGS.getByName("one").add(1, 2));
          },
        };
    "#;
    let app = store.whole_app(code, 1).await;
    assert_eq!(ask(&app, "/").await, json!(3));
    let failing = tokio::time::timeout(PATIENCE, app.failure_kind("/hang"));
    assert_eq!(failing.await.expect("it is told"), FailureKind::Hung);
}

/// A query that is not read to its end would keep its table from being dropped.
#[tokio::test]
async fn a_cursor_that_nobody_has_any_more_is_closed() {
    let store = Store::with_rest(LONG_REST);
    let code = r#"
        function peek(sql) {
          return sql.exec("SELECT n FROM t").next().value.n;
        }
        export class Thing {
          async fetch() {
            const { sql } = this.state.storage;
            sql.exec("CREATE TABLE t (n INTEGER)");
            for (let n = 0; n < 300; n++) sql.exec("INSERT INTO t VALUES (?)", n);
            const first = peek(sql);
            await scheduler.wait(20);
            sql.exec("DROP TABLE t");
            return Response.json(first);
          }
        }
    "#;
    let app = store.app(code, 1).await;
    assert_eq!(ask(&app, "/one").await, json!(0));
}
