//! Clients that leave while an object works for them, and what an object has encoded: over real connections.

use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::project;
use crate::support::{App, Client, PATIENCE, eventually, full, streamed};

const CLASS: &str = r#"
export class Thing {
    log = [];
    async fetch(request) {
        const { pathname } = new URL(request.url);
        const { log } = this;
        if (pathname.endsWith("/log")) return Response.json(log);
        log.push("begun");
        request.signal.addEventListener("abort", () => log.push(`${request.signal.reason}`));
        if (pathname.endsWith("/hang")) {
            this.state.waitUntil(scheduler.wait(300).then(() => log.push("waited")));
            await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
            return new Response("late");
        }
        if (pathname.endsWith("/endless")) {
            return new Response(new ReadableStream({
                pull: (controller) => controller.enqueue(new Uint8Array(1000)),
                cancel: () => log.push("cancelled"),
            }));
        }
        if (pathname.endsWith("/upload")) {
            try {
                for await (const _ of request.body) log.push("piece");
            } catch (error) {
                log.push(`${error}`);
            }
            return new Response("uploaded");
        }
        if (pathname.endsWith("/unpack")) {
            return new Response(request.body.pipeThrough(new DecompressionStream("gzip")));
        }
        const packed = new Response("packed ".repeat(500)).body.pipeThrough(new CompressionStream("gzip"));
        return new Response(packed, { encodeBody: "manual", headers: { "content-encoding": "gzip" } });
    }
}
"#;

const LEFT: &str = "AbortError: The client has disconnected";

async fn logged(app: &App, name: &str, line: &str) -> Value {
    let path = format!("/{name}/log");
    eventually(line, async || {
        let log = app.get(&path).await.json();
        let lines = log.as_array().expect("a list");
        lines.iter().any(|one| one == line)
    })
    .await;
    app.get(&path).await.json()
}

/// Asks, and leaves once the object has noted `line`.
async fn ask_and_leave(app: &App, client: &Client, name: &str, path: &str, line: &str) {
    let path = format!("/{name}/{path}");
    let request = client
        .request("GET", &path)
        .body(full(""))
        .expect("a request");
    let client = client.clone();
    let asking = tokio::spawn(async move {
        let response = client.open(request).await;
        // Keeps the answer, and reads no more than its beginning.
        let mut response = response.expect("an answer");
        let _first = response.body_mut().frame().await;
        std::future::pending::<()>().await;
    });
    logged(app, name, line).await;
    asking.abort();
}

#[tokio::test]
async fn an_object_sees_that_its_client_has_left() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    for (name, client) in [("one", app.client().clone()), ("two", app.client().http2())] {
        ask_and_leave(&app, &client, name, "hang", "begun").await;
        let log = logged(&app, name, "waited").await;
        assert_eq!(log, json!(["begun", LEFT, "waited"]));
        let endless = format!("{name}-endless");
        ask_and_leave(&app, &client, &endless, "endless", "begun").await;
        logged(&app, &endless, "cancelled").await;
        logged(&app, &endless, LEFT).await;
    }
}

#[tokio::test]
async fn an_object_sees_that_a_request_breaks_off() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let body = streamed(stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    }));
    let request = app.client().request("POST", "/one/upload").body(body);
    let request = request.expect("a request");
    let client = app.client().clone();
    let asking = tokio::spawn(async move { client.open(request).await.map(drop) });
    let piece = Bytes::from(vec![b'x'; 100_000]);
    sender.send(piece).await.expect("it is read");
    logged(&app, "one", "piece").await;
    asking.abort();
    logged(&app, "one", "Error: Network connection lost.").await;
}

#[tokio::test]
async fn what_an_object_has_encoded_arrives_as_it_is() {
    let project = project(CLASS);
    let app = project.dev().start().await;
    let reply = tokio::time::timeout(PATIENCE, app.get("/one/packed")).await;
    let reply = reply.expect("an answer").expect(200);
    assert_eq!(reply.header("content-encoding"), "gzip");
    let unpacked = app.client().send("POST", "/one/unpack", reply.body);
    assert_eq!(unpacked.await.expect(200).text(), "packed ".repeat(500));
}
