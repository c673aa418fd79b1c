//! New code: data stays, requests are answered, and no object runs old code after new.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{app, project};
use crate::support::{App, Client, Project, WebSocket};

/// Answers with the count that it made, and which version of the code did.
fn counter(version: u64) -> String {
    format!(
        r#"
        export class Thing {{
            async fetch(request) {{
                const count = ((await this.state.storage.get("count")) ?? 0) + 1;
                await this.state.storage.put("count", count);
                if (request.url.endsWith("/slow")) await scheduler.wait(700);
                return Response.json([count, {version}]);
            }}
        }}
        "#
    )
}

/// The whole app; it tells its version without asking an object.
fn source(version: u64) -> String {
    let tell = format!(
        "if (request.url.endsWith('/version')) return Response.json({version}); return await env"
    );
    app(&counter(version)).replace("return await env", &tell)
}

/// Makes the edit and waits until requests reach the new code. One edit may be told as two reloads, so
/// that is not asked of the events.
async fn edit(app: &App, project: &Project, version: u64, source: &str) {
    project.write("src/index.ts", source);
    crate::support::eventually("the new code runs", async || {
        app.get("/version").await.json() == version
    })
    .await;
}

async fn increment(client: &Client, path: &str) -> (u64, u64) {
    let reply = client.send("POST", path, "").await.expect(200).json();
    let number = |index: usize| reply[index].as_u64().expect("a number");
    (number(0), number(1))
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_the_code_follow_each_other() {
    let project = project(&counter(0));
    let app = project.dev().start().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for _ in 0..6 {
        let (client, stop) = (app.client().clone(), stop.clone());
        clients.spawn(async move {
            let mut answers = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                answers.push(increment(&client, "/counter").await);
            }
            answers
        });
    }
    for version in 1..=4 {
        edit(&app, &project, version, &source(version)).await;
        let (_, seen) = increment(app.client(), "/counter").await;
        assert_eq!(seen, version, "the next answer is that of the new code");
    }
    stop.store(true, Ordering::Relaxed);
    let mut answers: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
    answers.sort_unstable();
    let in_order = answers.is_sorted_by_key(|(_, version)| *version);
    assert!(in_order, "old code ran after new: {answers:?}");
    let twice = answers.windows(2).find(|pair| pair[0].0 == pair[1].0);
    assert_eq!(twice, None, "an increment was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_answered() {
    let project = project(&counter(0));
    let app = project.dev().start().await;
    increment(app.client(), "/counter").await;
    let client = app.client().clone();
    let slow = tokio::spawn(async move { increment(&client, "/counter/slow").await });
    // It is under way once its count is seen elsewhere.
    crate::support::eventually("the slow request counted", async || {
        increment(app.client(), "/counter").await.0 >= 3
    })
    .await;
    edit(&app, &project, 1, &source(1)).await;
    let (count, version) = slow.await.expect("it is answered");
    assert!(count >= 2);
    assert_eq!(version, 0, "by the code that it began with");
    assert_eq!(increment(app.client(), "/counter").await.1, 1);
}

/// What is measured is the time of the processor: a busy machine makes that no longer.
#[tokio::test(flavor = "multi_thread")]
async fn old_code_that_waits_uses_no_processor() {
    let class = counter(0).replace("wait(700)", "wait(6000)");
    let project = project(&class);
    let app = project.dev().start().await;
    let client = app.client().clone();
    let slow = tokio::spawn(async move { increment(&client, "/counter/slow").await });
    crate::support::eventually("the slow request counted", async || {
        increment(app.client(), "/counter").await.0 >= 2
    })
    .await;
    edit(&app, &project, 1, &source(1)).await;
    let before = app.cpu_time();
    slow.await.expect("it is answered");
    let used = app.cpu_time() - before;
    assert!(used < Duration::from_secs(1), "{used:?} while it waited");
}

/// The handler of the app began with the old code, and asks its object when that runs new code.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_handler_asks_new_objects() {
    let late = |version: u64| {
        source(version).replace(
            "return await env",
            "if (request.method === \"PUT\") { console.log(\"begun\"); await scheduler.wait(1500); } return await env",
        )
    };
    let project = project("export class Thing {}");
    project.write("src/index.ts", &late(0));
    let app = project.dev().start().await;
    increment(app.client(), "/counter").await;
    let mark = app.events().mark();
    let client = app.client().clone();
    let slow = tokio::spawn(async move { client.send("PUT", "/counter", "").await });
    let begun = app.events().find(mark, |event| event["message"] == "begun");
    assert!(begun.await.is_some());
    for version in 1..=2 {
        edit(&app, &project, version, &late(version)).await;
        assert_eq!(
            increment(app.client(), "/counter").await,
            (version + 1, version)
        );
    }
    let answer = slow.await.expect("it is answered").expect(200).json();
    assert_eq!(answer, serde_json::json!([4, 2]), "by the newest code");
    assert_eq!(increment(app.client(), "/counter").await, (5, 2));
}

/// `/sleep` gives its socket to the runtime, `/listen` keeps it.
fn room(version: u64) -> String {
    format!(
        r#"
        export class Thing {{
            async fetch(request) {{
                if (request.headers.get("Upgrade") !== "websocket") {{
                    return Response.json([await this.state.storage.get("heard"), {version}, this.state.getWebSockets().length]);
                }}
                const {{ 0: client, 1: server }} = new WebSocketPair();
                if (request.url.endsWith("/sleep")) this.state.acceptWebSocket(server);
                else server.addEventListener("message", ({{ data }}) => this.heard(server, data));
                return new Response(null, {{ status: 101, webSocket: client }});
            }}
            webSocketMessage(socket, text) {{
                return this.heard(socket, text);
            }}
            async heard(socket, text) {{
                await this.state.storage.put("heard", text);
                socket.send(`{version}: ${{text}}`);
            }}
        }}
        "#
    )
}

fn room_source(version: u64) -> String {
    let tell = format!(
        "if (request.url.endsWith('/version')) return Response.json({version}); return await env"
    );
    app(&room(version)).replace("return await env", &tell)
}

/// As Cloudflare does it: sockets end with the code that has them, clients connect anew.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_end_with_the_old_code_and_storage_stays() {
    let project = project("export class Thing {}");
    project.write("src/index.ts", &room_source(0));
    let app = project.dev().start().await;
    for path in ["/room/sleep", "/room/listen"] {
        let mut socket = WebSocket::connect(app.client(), path).await;
        socket.send(Message::text("hello")).await;
        assert_eq!(socket.receive().await, Message::text("0: hello"));
        edit(&app, &project, 1, &room_source(1)).await;
        let Message::Close(Some(frame)) = socket.receive().await else {
            panic!("{path}: it was not closed");
        };
        assert_eq!(frame.code, CloseCode::Away, "{path}");

        let look = app.get("/room/look").await.json();
        assert_eq!(look, serde_json::json!(["hello", 1, 0]), "{path}");
        let mut again = WebSocket::connect(app.client(), path).await;
        again.send(Message::text("again")).await;
        assert_eq!(again.receive().await, Message::text("1: again"));
        drop(again);
        edit(&app, &project, 0, &room_source(0)).await;
    }
}

/// `a` of old code asks `b` when that runs new code, which asks `a`: neither could ever go on.
#[tokio::test(flavor = "multi_thread")]
async fn objects_of_old_and_new_code_do_not_wait_for_each_other_for_ever() {
    let class = |version: u64| {
        format!(
            r#"
            export class Thing {{
                async fetch(request) {{
                    const ask = async (name) => (await this.env.THINGS.getByName(name).fetch("http://x/" + name)).json();
                    if (request.url.endsWith("/a/b")) {{
                        console.log("begun");
                        await scheduler.wait(1500);
                        return Response.json(["b says", await ask("b")]);
                    }}
                    if (request.url.endsWith("/b")) return Response.json([{version}, await ask("a")]);
                    return Response.json({version});
                }}
            }}
            "#
        )
    };
    let source = |version: u64| {
        let tell = format!(
            "if (request.url.endsWith('/version')) return Response.json({version}); return await env"
        );
        app(&class(version)).replace("return await env", &tell)
    };
    let project = project("export class Thing {}");
    project.write("src/index.ts", &source(0));
    let app = project.dev().start().await;
    let client = app.client().clone();
    let old = tokio::spawn(async move { client.send("GET", "/a/b", "").await });
    let begun = |event: &serde_json::Value| event["message"] == "begun";
    app.events().find(0, begun).await.expect("it has begun");
    edit(&app, &project, 1, &source(1)).await;
    let reply = old.await.expect("it is answered").expect(500);
    let text = reply.text();
    assert!(
        text.contains("reset because its code was updated"),
        "{text}"
    );
    assert_eq!(
        app.get("/b").await.expect(200).json(),
        serde_json::json!([1, 1])
    );
}
