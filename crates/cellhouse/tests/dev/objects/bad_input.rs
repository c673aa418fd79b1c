//! What is wrong gets the error that Cloudflare gives, changes nothing, and the object goes on.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Project, WebSocket, eventually};

/// (code inside the object, the error). `storage`, `state` and `env` are there.
const INSIDE: &[(&str, &str)] = &[
    (
        "storage.put('f', () => 1)",
        "DataCloneError: () => 1 could not be cloned.",
    ),
    (
        "storage.put({ good: 1, bad: Symbol('s') })",
        "DataCloneError: Symbol(s) could not be cloned.",
    ),
    (
        "storage.setAlarm(NaN)",
        "TypeError: The value cannot be converted because it is not a valid Date.",
    ),
    (
        "storage.setAlarm(0)",
        "TypeError: setAlarm() cannot be called with an alarm time <= 0",
    ),
    (
        "storage.setAlarm(-5)",
        "TypeError: setAlarm() cannot be called with an alarm time <= 0",
    ),
    (
        "storage.get(Array.from({ length: 129 }, (_, i) => `k${i}`))",
        "RangeError: Maximum number of keys is 128.",
    ),
    (
        "storage.put(Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, i])))",
        "RangeError: Maximum number of key value pairs is 128. 129 pairs were provided.",
    ),
    (
        "storage.delete(Array.from({ length: 129 }, (_, i) => `k${i}`))",
        "RangeError: Maximum number of keys is 128.",
    ),
    (
        "storage.put('x'.repeat(2049), 1)",
        "RangeError: Keys cannot be larger than 2048 bytes. A key of size 2049 was provided.",
    ),
    (
        "storage.put('big', 'x'.repeat(3 << 20))",
        "Error: string or blob too big: SQLITE_TOOBIG",
    ),
    (
        "storage.sql.exec('SELEC 1')",
        "Error: near \"SELEC\": syntax error at offset 0: SQLITE_ERROR",
    ),
    (
        "storage.sql.exec('INSERT INTO nowhere VALUES (1)')",
        "Error: no such table: nowhere: SQLITE_ERROR",
    ),
    (
        "env.THINGS.get(env.OTHERS.idFromName('x'))",
        "TypeError: Durable Object ID is not valid for this namespace.",
    ),
];

/// (code in the Worker, the error). `stub` is that of the object.
const OUTSIDE: &[(&str, &str)] = &[
    (
        "stub.nothing()",
        "TypeError: The RPC receiver does not implement the method \"nothing\".",
    ),
    (
        "stub.seen()",
        "TypeError: The RPC receiver does not implement the method \"seen\".",
    ),
    (
        "stub.echo(Symbol('s'))",
        "DataCloneError: Symbol(s) could not be cloned.",
    ),
    (
        "env.THINGS.idFromString('zz')",
        "TypeError: Invalid Durable Object ID: must be 64 hex digits",
    ),
    (
        "env.THINGS.idFromString('0'.repeat(64))",
        "TypeError: Durable Object ID is not valid for this namespace.",
    ),
    (
        "env.THINGS.get('one')",
        "TypeError: Failed to execute 'get' on 'DurableObjectNamespace': parameter 1 is not of type 'DurableObjectId'.",
    ),
];

fn functions(cases: &[(&str, &str)], parameters: &str) -> String {
    let each = cases
        .iter()
        .map(|(code, _)| format!("async ({parameters}) => {code}"));
    each.collect::<Vec<_>>().join(",\n")
}

fn project() -> Project {
    let (inside, outside) = (
        functions(INSIDE, "storage, env"),
        functions(OUTSIDE, "stub, env"),
    );
    let source = format!(
        r#"
        const inside = [{inside}];
        const outside = [{outside}];
        const attempt = async (run) => {{
            try {{
                await run();
                return "nothing was wrong";
            }} catch (error) {{
                return `${{error}}`;
            }}
        }};

        export class Thing {{
            seen = 0;
            async fetch(request) {{
                if (request.headers.get("Upgrade") === "websocket") {{
                    const {{ 0: client, 1: server }} = new WebSocketPair();
                    server.addEventListener("message", ({{ data }}) => server.send(`${{data.length ?? data.size}}`));
                    return new Response(null, {{ status: 101, webSocket: client }});
                }}
                return Response.json({{ seen: this.seen, stored: Object.fromEntries(await this.state.storage.list()), alarm: await this.state.storage.getAlarm() }});
            }}
            async attempt(number) {{
                this.seen++;
                return attempt(() => inside[number](this.state.storage, this.env));
            }}
            echo(value) {{
                return value;
            }}
            alarm() {{}}
        }}
        export class Other {{}}

        export default {{
            async fetch(request, env) {{
                const [, where, number] = new URL(request.url).pathname.split("/");
                const stub = env.THINGS.getByName("one");
                if (where === "inside") return Response.json(await stub.attempt(Number(number)));
                if (where === "outside") return Response.json(await attempt(() => outside[number](stub, env)));
                if (where === "other") return Response.json(await attempt(() => env.OTHERS.getByName("one").fetch(request)));
                return stub.fetch(request);
            }},
        }};
        "#
    );
    Project::ploy(
        "durable_objects:\n  THINGS: Thing\n  OTHERS: Other\n",
        &source,
    )
}

#[tokio::test]
async fn each_mistake_gets_its_error_and_the_object_goes_on() {
    let project = project();
    let app = project.dev().start().await;
    let mut wrong = Vec::new();
    for (kind, cases) in [("inside", INSIDE), ("outside", OUTSIDE)] {
        for (number, (code, expected)) in cases.iter().enumerate() {
            let said = app.get(&format!("/{kind}/{number}")).await.expect(200);
            if said.json() != *expected {
                wrong.push(format!("{code}\n  {}\n  {expected}", said.json()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let state = app.get("/").await.json();
    let expected = json!({ "seen": INSIDE.len(), "stored": {}, "alarm": Value::Null });
    assert_eq!(state, expected);
    let other = app.get("/other").await.json();
    assert_eq!(other, "Error: Handler does not export a fetch() function.");
}

#[tokio::test]
async fn a_frame_of_40_megabytes_ends_its_socket_only() {
    let project = project();
    let app = project.dev().start().await;
    assert_eq!(app.get("/inside/0").await.json(), INSIDE[0].1);
    let mut socket = WebSocket::connect(app.client(), "/").await;
    socket.send(Message::text("x".repeat(1 << 20))).await;
    assert_eq!(socket.receive().await, Message::text("1048576"));
    // The server may end it before it has taken all of it.
    let code = socket.overload(40 << 20).await;
    assert!(matches!(code, None | Some(1009)), "{code:?}");
    let mut next = WebSocket::connect(app.client(), "/").await;
    next.send(Message::text("still there")).await;
    assert_eq!(next.receive().await, Message::text("11"));
    eventually("the object is the same", async || {
        app.get("/").await.json()["seen"] == 1
    })
    .await;
}
