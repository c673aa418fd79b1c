//! Nothing leaves an app that could still be lost: responses, bodies, WebSocket messages and requests
//! to other servers wait for the disk, and never leave if the disk fails.

mod support;

use std::time::Duration;

use cellhouse_runtime::FailureKind;
use futures_util::StreamExt;
use support::{App, PATIENCE, Valve, get, origin};
use tokio::net::TcpListener;

/// How long something is watched that must not happen.
const WATCHED: Duration = Duration::from_millis(60);

/// An app with a State binding on a disk that the test opens and closes.
async fn app(code: &str) -> (App, Valve) {
    let valve = Valve::default();
    let app = valve
        .app(&format!(
            "export default {{ async fetch(request, env, ctx) {{\n{code}\n}} }};"
        ))
        .await;
    (app, valve)
}

/// The future does not end while it is watched.
macro_rules! waits {
    ($future:expr) => {
        let waited = tokio::time::timeout(WATCHED, &mut $future).await;
        assert!(waited.is_err(), "it left before it was durable: {waited:?}");
    };
}

#[tokio::test]
async fn a_response_waits_for_the_write_before_it() {
    let (app, valve) =
        app("await env.STATE.put('a', request.url); return new Response('written');").await;
    assert_eq!(app.text("/").await, "written");
    valve.close();
    let mut waiting = Box::pin(app.text("/again"));
    waits!(waiting);
    valve.open();
    assert_eq!(waiting.await, "written");
}

#[tokio::test]
async fn a_cached_response_is_seen_when_what_it_tells_of_is_durable() {
    let (app, valve) = app("const url = 'http://cache.test/';
        if (new URL(request.url).pathname === '/put') {
            await env.STATE.put('a', 'new');
            const headers = { 'cache-control': 'max-age=60' };
            await caches.default.put(url, new Response('a is new', { headers }));
        }
        return await caches.default.match(url) ?? new Response('nothing');")
    .await;
    valve.close();
    let mut putting = Box::pin(app.text("/put"));
    waits!(putting);
    let mut matching = Box::pin(app.text("/"));
    waits!(matching);
    valve.open();
    assert_eq!(matching.await, "nothing");
    assert_eq!(putting.await, "a is new");
    assert_eq!(app.text("/").await, "a is new");
}

#[tokio::test]
async fn a_response_waits_for_a_write_that_it_only_saw() {
    let (app, valve) = app(
        "if (new URL(request.url).pathname === '/put') await env.STATE.put('a', 'new'); return new Response(await env.STATE.get('a'));",
    )
    .await;
    valve.close();
    let mut putting = Box::pin(app.text("/put"));
    waits!(putting);
    let mut reading = Box::pin(app.text("/"));
    waits!(reading);
    valve.open();
    assert_eq!(reading.await, "new");
    assert_eq!(putting.await, "new");
}

#[tokio::test]
async fn a_response_before_the_write_does_not_wait() {
    let (app, valve) = app("ctx.waitUntil(scheduler.wait(1).then(() => env.STATE.put('a', 'b')).then(() => console.log('put'))); return new Response('first');").await;
    valve.close();
    assert_eq!(app.text("/").await, "first");
    app.log.wait_for("put").await;
    valve.open();
}

#[tokio::test]
async fn chunks_of_a_body_wait() {
    let (app, valve) = app(r#"
        const body = new ReadableStream({ async pull(controller) {
          const count = (this.count = (this.count ?? 0) + 1);
          if (count === 2) {
            await scheduler.wait(30);
            await env.STATE.put("a", "b");
          }
          if (count === 3) return controller.close();
          controller.enqueue(new TextEncoder().encode(`chunk ${count};`));
        } }, { highWaterMark: 0 });
        return new Response(body);
        "#)
    .await;
    valve.close();
    let response = app.fetch(get("/")).await.unwrap();
    let cellhouse_exchange::Body::Stream { mut stream, .. } = response.body else {
        panic!("the body is a stream");
    };
    assert_eq!(stream.next().await.unwrap().unwrap(), "chunk 1;");
    let mut second = stream.next();
    waits!(second);
    valve.open();
    assert_eq!(second.await.unwrap().unwrap(), "chunk 2;");
    assert!(stream.next().await.is_none());
}

/// A WebSocket that writes when told to, and answers everything.
const SOCKET: &str = r#"
const [client, server] = new WebSocketPair();
server.accept();
server.addEventListener("message", async ({ data }) => {
  if (data === "close") return server.close(4000, "after all");
  if (data === "put") await env.STATE.put("a", "b");
  server.send("did " + data);
});
server.addEventListener("close", ({ code }) => console.log(`closed ${code}`));
return new Response(null, { status: 101, webSocket: client });
"#;

#[tokio::test]
async fn websocket_messages_wait_and_keep_their_order() {
    let (app, valve) = app(SOCKET).await;
    let mut socket = app.socket("/").await;
    assert_eq!(socket.ask("nothing").await, "did nothing");
    valve.close();
    for text in ["put", "one", "two", "close"] {
        socket.say(text);
    }
    let mut next = Box::pin(socket.receiver.receive());
    waits!(next);
    drop(next);
    valve.open();
    for text in ["did put", "did one", "did two"] {
        assert_eq!(socket.text().await, text);
    }
    assert_eq!(socket.closed().await, (Some(4000), "after all".to_owned()));
}

#[tokio::test]
async fn requests_to_other_servers_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    for call in [
        "fetch(url)",
        "fetch(url, { headers: { Upgrade: 'websocket' } })",
        "new WebSocket(url)",
    ] {
        let (app, valve) = app(&format!(
            "const url = 'http://{address}/'; await env.STATE.put('a', 'b'); await {call}; return new Response('never');"
        ))
        .await;
        valve.close();
        // The app stays: a WebSocket that connects ends with its isolate.
        let worker = app.worker.clone();
        let waiting = tokio::spawn(async move { worker.fetch(get("/")).await });
        let mut connection = Box::pin(listener.accept());
        waits!(connection);
        valve.open();
        let connected = tokio::time::timeout(PATIENCE, connection).await;
        connected.expect("it connects").unwrap();
        waiting.abort();
    }
}

#[tokio::test]
async fn what_is_lost_is_never_told() {
    let (app, valve) = app(SOCKET).await;
    let mut socket = app.socket("/").await;
    valve.close();
    socket.say("put");
    socket.say("more");
    let mut next = Box::pin(socket.receiver.receive());
    waits!(next);
    drop(next);
    valve.fail();
    let reason = "a write could not be made durable".to_owned();
    assert_eq!(socket.closed().await, (Some(1011), reason));
    socket.close(Some(1011), "");
    app.log.wait_for("closed 1011").await;

    let address = origin().await;
    let code = format!("await env.STATE.put('a', 'b'); await fetch('http://{address}/');");
    let (app, valve) = self::app(&code).await;
    valve.fail();
    let failure = app.failure("/").await;
    assert!(
        failure.message.contains("the disk is broken"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_failed_write_is_a_failure_of_storage() {
    let (app, valve) = app("await env.STATE.put('a', 'b'); return new Response('untrue');").await;
    valve.fail();
    assert_eq!(app.failure_kind("/").await, FailureKind::Storage);
}

#[tokio::test]
async fn what_an_error_tells_waits_too() {
    let (app, valve) = app("await env.STATE.put('a', 'b'); throw new Error('it is b');").await;
    valve.close();
    let mut failing = Box::pin(app.failure("/"));
    waits!(failing);
    valve.open();
    assert_eq!(failing.await.message, "Error: it is b");
}

/// An app that is replaced while its answers wait for the disk still gives them.
#[tokio::test]
async fn answers_that_wait_survive_the_end_of_their_isolate() {
    let code = "if (request.url.endsWith('throw')) { await env.STATE.put('a', 'b'); throw new Error('after all'); }
        await env.STATE.put('a', 'b'); return new Response('written');";
    let (app, valve) = app(code).await;
    valve.close();
    let mut writing = Box::pin(app.text("/"));
    waits!(writing);
    let mut throwing = Box::pin(app.failure("/throw"));
    waits!(throwing);
    let worker = app.worker.clone();
    let mut draining = Box::pin(worker.drain(PATIENCE));
    waits!(draining);
    waits!(writing);
    valve.open();
    assert_eq!(writing.await, "written");
    assert_eq!(throwing.await.message, "Error: after all");
    assert_eq!(draining.await, 0);
}

/// What failed may be there afterwards or not, as after any error of unknown outcome; what was answered is,
/// and no isolate remembers what is not.
#[tokio::test]
async fn after_a_failure_the_app_goes_on_from_what_is_durable() {
    let (app, valve) = app("const path = new URL(request.url).pathname;
        if (path !== '/') {
          globalThis.remembered = path.slice(1);
          await env.STATE.put('a', path.slice(1));
        }
        return Response.json([await env.STATE.get('a'), globalThis.remembered ?? 'nothing']);")
    .await;
    assert_eq!(app.text("/kept").await, r#"["kept","kept"]"#);
    valve.fail();
    let failure = app.failure("/lost").await;
    assert!(
        failure.message.contains("the disk is broken"),
        "{failure:?}"
    );
    valve.open();
    let answer = app.text("/").await;
    let expected = [r#"["kept","nothing"]"#, r#"["lost","nothing"]"#];
    assert!(expected.contains(&answer.as_str()), "{answer}");
    assert_eq!(app.text("/").await, answer);
    assert_eq!(app.text("/next").await, r#"["next","next"]"#);
}
