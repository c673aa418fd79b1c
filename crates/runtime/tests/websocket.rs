//! WebSockets of an app: pairs within an isolate, and ends that the gateway joins to clients.

mod support;

use std::time::Duration;

use bytes::Bytes;
use cellhouse_exchange::{Frame, MAX_QUEUED_BYTES};
use cellhouse_runtime::{FailureKind, Limits};
use support::{App, PATIENCE, Settings, get, handler, module, start};

/// A server for sockets. What it hears it says again, with orders in between.
const ECHO: &str = r#"
const sockets = [];
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/sockets") return Response.json(sockets.map((s) => s.readyState));
    const [client, server] = Object.values(new WebSocketPair());
    sockets.push(server);
    if (searchParams.has("type")) server.binaryType = searchParams.get("type");
    if (!searchParams.has("forget")) server.accept();
    server.addEventListener("message", async ({ data }) => {
      if (data === "bye") return server.close(4001, "as you wish");
      if (data === "leave") return server.close();
      if (data === "throw") throw new Error("in a listener");
      if (data === "bytes") return server.send(Uint8Array.of(9, 1, 2, 3).subarray(1));
      if (data === "blob") {
        server.send(new Blob(["from ", "a blob"]));
        return server.send("after the blob");
      }
      if (typeof data === "string") return server.send("echo:" + data);
      const kind = data.constructor.name;
      const bytes = data instanceof Blob ? await data.arrayBuffer() : data;
      server.send(kind + ":" + new Uint8Array(bytes).join());
    });
    server.addEventListener("close", ({ code, reason, wasClean }) => {
      console.log(`closed ${code} ${reason || "-"} ${wasClean}`);
    });
    if (pathname === "/greet") server.send("welcome");
    return new Response(null, { status: 101, webSocket: client, headers: { "x-ws": "yes" } });
  },
};
"#;

async fn echo() -> App {
    module(ECHO).await
}

#[tokio::test]
async fn a_pair_talks_within_the_isolate() {
    let app = handler(
        r#"
        const log = [];
        const pair = new WebSocketPair();
        const [a, b] = pair;
        const done = new Promise((resolve) => {
          a.addEventListener("close", ({ code, reason, wasClean }) => resolve(log.push(["a", code, reason, wasClean])));
        });
        b.addEventListener("message", ({ data }) => log.push(["b", data]));
        b.onclose = ({ code, reason, wasClean }) => log.push(["b", code, reason, wasClean, b.readyState]);
        a.accept();
        a.send("before");
        a.send("accept");
        b.accept();
        a.send({ toString: () => "an object" });
        a.close(4000, "over");
        const states = [a.readyState, b.readyState];
        await done;
        return Response.json({ log, states, after: [a.readyState, b.readyState], same: a === pair[0] });
        "#,
    )
    .await;
    assert_eq!(
        app.text("/").await,
        r#"{"log":[["b","before"],["b","accept"],["b","an object"],["b",4000,"over",true,3],["a",4000,"over",true]],"states":[2,1],"after":[3,3],"same":true}"#
    );
}

#[tokio::test]
async fn what_may_be_called_when() {
    let app = handler(
        r#"
        const attempt = (call) => {
          try {
            return `${call()}`;
          } catch (error) {
            return `${error.name}: ${error.message}`;
          }
        };
        const fresh = () => new WebSocketPair()[0];
        const open = () => { const socket = fresh(); socket.accept(); return socket; };
        const closed = () => { const socket = open(); socket.close(1000); return socket; };
        const [client] = new WebSocketPair();
        const response = new Response(null, { status: 101, webSocket: client });
        const long = "x".repeat(123);
        return Response.json([
          attempt(() => fresh().send("early")),
          attempt(() => fresh().close()),
          attempt(() => { const socket = open(); socket.accept(); return "twice"; }),
          attempt(() => open().send()),
          attempt(() => closed().send("late")),
          attempt(() => closed().close()),
          attempt(() => closed().close(5)),
          ...[999, 1004, 1005, 1006, 1015, 5000, null].map((code) => attempt(() => open().close(code))),
          attempt(() => open().close(undefined, "r")),
          attempt(() => open().close(3000, long)),
          attempt(() => open().close(3000, long + "x")),
          attempt(() => open().send(Symbol("s"))),
          attempt(() => response.webSocket === client),
          attempt(() => response.clone()),
          attempt(() => new Response(null, { status: 200, webSocket: client })),
          attempt(() => [client.url, client.protocol, client.extensions, client.binaryType, client.readyState]),
          attempt(() => [WebSocket.OPEN, client.CLOSING, WebSocket.READY_STATE_CLOSED]),
          attempt(() => { const s = open(); s.serializeAttachment({ a: [1] }); return JSON.stringify(s.deserializeAttachment()); }),
          attempt(() => fresh().deserializeAttachment()),
        ]);
        "#,
    )
    .await;
    let not_accepted = "TypeError: You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.";
    let got: Vec<String> = serde_json::from_str(&app.text("/").await).unwrap();
    let bad = |code: u16| format!("InvalidAccessError: Invalid WebSocket close code: {code}.");
    let expected = [
        not_accepted.to_owned(),
        not_accepted.to_owned(),
        "twice".to_owned(),
        "TypeError: Failed to execute 'send' on 'WebSocket': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView or string'.".to_owned(),
        "TypeError: Can't call WebSocket send() after close().".to_owned(),
        "undefined".to_owned(),
        "undefined".to_owned(),
        bad(999),
        bad(1004),
        bad(1005),
        bad(1006),
        bad(1015),
        bad(5000),
        bad(0),
        "InvalidAccessError: If you specify a WebSocket close reason, you must also specify a code.".to_owned(),
        "undefined".to_owned(),
        "SyntaxError: WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.".to_owned(),
    ];
    assert_eq!(got[..expected.len()], expected);
    let rest: Vec<&str> = got[expected.len()..].iter().map(String::as_str).collect();
    assert!(rest[0].starts_with("TypeError"), "{rest:?}");
    assert_eq!(
        rest[1..],
        [
            "true",
            "TypeError: Cannot clone a response to a WebSocket handshake.",
            "RangeError: Responses with a WebSocket must have status code 101.",
            ",,,blob,1",
            "1,2,3",
            r#"{"a":[1]}"#,
            "null",
        ]
    );
}

#[tokio::test]
async fn a_client_and_the_app_talk() {
    let app = echo().await;
    let response = app.fetch(get("/")).await.unwrap();
    assert_eq!(response.headers["x-ws"], "yes");
    let mut socket = app.socket("/").await;
    assert_eq!(socket.ask("one").await, "echo:one");
    for number in 0..100 {
        socket.say(&number.to_string());
    }
    for number in 0..100 {
        assert_eq!(socket.text().await, format!("echo:{number}"));
    }
    let bytes = Bytes::from_static(&[0, 7, 255]);
    socket.sender.send(Frame::Binary(bytes.clone())).unwrap();
    assert_eq!(socket.text().await, "Blob:0,7,255");
    socket.say("bytes");
    let expected = Frame::Binary(Bytes::from_static(&[1, 2, 3]));
    assert_eq!(socket.next().await, Some(expected));

    let mut socket = app.socket("/?type=arraybuffer").await;
    socket.sender.send(Frame::Binary(bytes)).unwrap();
    assert_eq!(socket.text().await, "ArrayBuffer:0,7,255");
}

#[tokio::test]
async fn a_blob_keeps_its_place() {
    let app = echo().await;
    let mut socket = app.socket("/").await;
    socket.say("blob");
    let expected = Frame::Binary(Bytes::from_static(b"from a blob"));
    assert_eq!(socket.next().await, Some(expected));
    assert_eq!(socket.text().await, "after the blob");
}

#[tokio::test]
async fn what_was_sent_before_the_response_arrives() {
    let app = echo().await;
    assert_eq!(app.socket("/greet").await.text().await, "welcome");
}

#[tokio::test]
async fn a_forgotten_accept_is_made_up_for() {
    let app = echo().await;
    let mut socket = app.socket("/?forget").await;
    assert_eq!(socket.ask("hello").await, "echo:hello");
}

#[tokio::test]
async fn the_client_closes() {
    let app = echo().await;
    for (code, reason, line) in [
        (Some(4005), "enough", "closed 4005 enough true"),
        (Some(1000), "", "closed 1000 - true"),
        (None, "", "closed 1005 - true"),
    ] {
        let mut socket = app.socket("/").await;
        socket.close(code, reason);
        assert_eq!(socket.closed().await, (code, reason.to_owned()));
        assert_eq!(socket.next().await, None);
        app.log.wait_for(line).await;
    }
    assert_eq!(app.text("/sockets").await, "[3,3,3]");
}

#[tokio::test]
async fn the_app_closes() {
    let app = echo().await;
    let mut socket = app.socket("/").await;
    socket.say("bye");
    assert_eq!(
        socket.closed().await,
        (Some(4001), "as you wish".to_owned())
    );
    assert_eq!(app.text("/sockets").await, "[2]");
    socket.close(Some(4001), "as you wish");
    assert_eq!(socket.next().await, None);
    app.log.wait_for("closed 4001 as you wish true").await;

    let mut socket = app.socket("/").await;
    socket.say("leave");
    assert_eq!(socket.closed().await, (None, String::new()));
}

#[tokio::test]
async fn a_client_that_vanishes_is_an_abnormal_closure() {
    let app = echo().await;
    drop(app.socket("/").await);
    let line = "closed 1006 WebSocket disconnected without sending Close frame. false";
    app.log.wait_for(line).await;
}

#[tokio::test]
async fn an_exception_in_a_listener_is_reported_and_the_socket_stays() {
    let app = echo().await;
    let mut socket = app.socket("/").await;
    socket.say("throw");
    assert_eq!(socket.ask("still there?").await, "echo:still there?");
    // The listener is an async function: its exception is a rejected promise.
    app.log.wait_for_failure("Error: in a listener").await;
}

#[tokio::test]
async fn what_a_response_cannot_carry() {
    for (setup, message) in [
        (
            "a.accept(); socket = a;",
            "Can't return WebSocket in a Response after calling accept().",
        ),
        (
            "await 0; kept ??= a; socket = kept;",
            "Can't return WebSocket that was already used in a response.",
        ),
        (
            "socket = {};",
            "Incorrect type for the 'webSocket' of a response: it is not a 'WebSocket'.",
        ),
    ] {
        let app = module(&format!(
            "let kept; export default {{ async fetch() {{
               const [a, b] = new WebSocketPair(); let socket; {setup}
               return new Response(null, {{ status: 101, webSocket: socket }});
             }} }};"
        ))
        .await;
        if message.contains("already") {
            app.fetch(get("/")).await.unwrap();
        }
        let failure = app.failure("/").await;
        assert_eq!(failure.message, format!("TypeError: {message}"));
    }
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_closed_with_1011() {
    // Copying 64 MiB may take long on a machine that is short of memory.
    let settings = Settings {
        limits: Limits {
            cpu: Duration::from_secs(30),
            ..support::LIMITS
        },
        ..Settings::default()
    };
    let code = r#"export default { fetch() {
        const [client, server] = new WebSocketPair();
        server.accept();
        server.addEventListener("message", () => {
          const chunk = new Uint8Array(1 << 20);
          let sent = 0;
          try {
            for (;;) { server.send(chunk); sent++; }
          } catch (error) {
            console.log(`${sent} ${error}`);
          }
          server.addEventListener("close", ({ code }) => console.log(`closed ${code}`));
        });
        return new Response(null, { status: 101, webSocket: client });
        } };"#;
    let app = start(code, settings).await.expect("the app starts");
    let mut socket = app.socket("/").await;
    socket.say("flood");
    app.log
        .wait_for("63 Error: WebSocket send(): the peer reads too slowly, more than 64 MiB wait for it. The WebSocket was closed with code 1011.")
        .await;
    assert!(socket.sender.queued_bytes() < MAX_QUEUED_BYTES);
    for _ in 0..63 {
        assert!(
            matches!(socket.next().await, Some(Frame::Binary(bytes)) if bytes.len() == 1 << 20)
        );
    }
    assert_eq!(socket.closed().await.0, Some(1011));
    socket.close(Some(1011), "");
    app.log.wait_for("closed 1011").await;
}

#[tokio::test]
async fn a_drained_app_says_goodbye() {
    let app = echo().await;
    let mut polite = app.socket("/").await;
    let mut silent = app.socket("/").await;
    assert_eq!(polite.ask("a").await, "echo:a");
    let worker = app.worker.clone();
    let drained = tokio::spawn(async move { worker.drain(PATIENCE).await });
    assert_eq!(polite.closed().await, (Some(1001), "going away".to_owned()));
    polite.close(Some(1001), "going away");
    assert_eq!(silent.closed().await.0, Some(1001));
    assert_eq!(drained.await.unwrap(), 0);
    app.log.wait_for("closed 1001 going away true").await;
    assert_eq!(polite.next().await, None);
    assert_eq!(silent.next().await, None);
}

#[tokio::test]
async fn dropping_the_app_says_goodbye_too() {
    let app = echo().await;
    let mut socket = app.socket("/").await;
    assert_eq!(socket.ask("a").await, "echo:a");
    drop(app);
    assert_eq!(socket.closed().await.0, Some(1001));
}

#[tokio::test]
async fn a_limit_closes_the_sockets_with_1011() {
    let app = module(&ECHO.replace(
        "if (data === \"bye\")",
        "while (data === \"spin\");\nif (data === \"bye\")",
    ))
    .await;
    let mut socket = app.socket("/").await;
    socket.say("spin");
    let closed = socket.closed().await;
    assert_eq!(
        closed,
        (Some(1011), "Worker exceeded CPU time limit.".to_owned())
    );
    assert_eq!(app.socket("/").await.ask("again").await, "echo:again");
}

#[tokio::test]
async fn a_request_may_wait_for_a_message() {
    let app = module(
        r#"
        let server;
        export default {
          async fetch(request) {
            if (new URL(request.url).pathname === "/wait") {
              return new Response(await new Promise((resolve) => { server.onmessage = ({ data }) => resolve(data); }));
            }
            const pair = new WebSocketPair();
            server = pair[1];
            server.accept();
            return new Response(null, { status: 101, webSocket: pair[0] });
          },
        };
        "#,
    )
    .await;
    let socket = app.socket("/").await;
    let waiting = async { app.text("/wait").await };
    let talking = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        socket.say("at last");
    };
    assert_eq!(tokio::join!(waiting, talking).0, "at last");

    // Without a socket that could bring the message, it never comes.
    let app = handler("const [a, b] = new WebSocketPair(); b.accept(); await new Promise((r) => { b.onmessage = r; });").await;
    assert_eq!(app.failure_kind("/").await, FailureKind::Hung);
}
