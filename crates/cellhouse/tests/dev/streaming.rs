//! Bodies flow: piece by piece in both directions, with back-pressure, and a client that goes
//! away is noticed.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::mpsc;

use crate::support::{App, Client, PATIENCE, Project, eventually, full, streamed};

const STREAMS: &str = r#"
let produced = 0;
let hanging = false;
let aborted = false;

export default {
    async fetch(request: Request): Promise<Response> {
        switch (new URL(request.url).pathname) {
            case "/echo":
                return new Response(request.body);
            case "/shout":
                return new Response(
                    request.body!.pipeThrough(new TextDecoderStream())
                        .pipeThrough(new TransformStream({
                            transform: (piece: string, out: TransformStreamDefaultController<string>) => out.enqueue(piece.toUpperCase()),
                        }))
                        .pipeThrough(new TextEncoderStream()),
                );
            case "/endless":
                return new Response(new ReadableStream({
                    pull(controller) {
                        produced += 65536;
                        controller.enqueue(new Uint8Array(65536));
                    },
                }));
            case "/hang":
                request.signal.addEventListener("abort", () => { aborted = true; });
                hanging = true;
                await scheduler.wait(50_000);
                return new Response("late");
            default:
                return Response.json({ produced, hanging, aborted });
        }
    },
};
"#;

/// One isolate, so that what the module remembers is the whole truth.
async fn start() -> (Project, App) {
    let project = Project::ploy("", STREAMS);
    let app = project.dev().arguments(&["--isolates", "1"]).start().await;
    (project, app)
}

async fn next_piece(body: &mut Incoming) -> Bytes {
    let frame = tokio::time::timeout(PATIENCE, body.frame())
        .await
        .expect("no piece came")
        .expect("the body ended early")
        .expect("the body broke off");
    frame.into_data().expect("a piece of data")
}

/// Sends one piece, and the next only after the first came back: a server that collects either
/// body would never answer.
async fn ping_pong(client: &Client, path: &str, says: impl Fn(&str) -> String) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let body = streamed(stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    }));
    let request = client.request("POST", path).body(body).expect("a request");
    sender
        .send(Bytes::from("ready"))
        .await
        .expect("the body is read");
    let response = tokio::time::timeout(PATIENCE, client.open(request))
        .await
        .expect("no answer")
        .expect("an answer");
    let mut body = response.into_body();
    assert_eq!(next_piece(&mut body).await, says("ready"));
    for word in ["steady", "go"] {
        sender
            .send(Bytes::from(word))
            .await
            .expect("the body is read");
        assert_eq!(next_piece(&mut body).await, says(word));
    }
    drop(sender);
    let rest = body.collect().await.expect("a proper end").to_bytes();
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn both_directions_flow_at_once() {
    let (_project, app) = start().await;
    for client in [app.client().clone(), app.client().http2()] {
        ping_pong(&client, "/echo", str::to_string).await;
        ping_pong(&client, "/shout", str::to_uppercase).await;
    }
}

#[tokio::test]
async fn fifty_megabytes_come_back_unchanged() {
    let (_project, app) = start().await;
    let pieces: Vec<Bytes> = (0..800_u32)
        .map(|i| {
            Bytes::from(
                (0..65_536_u32)
                    .map(|j| (i * 7 + j) as u8)
                    .collect::<Vec<u8>>(),
            )
        })
        .collect();
    let sent = pieces.concat();
    let request = app
        .client()
        .request("POST", "/echo")
        .body(streamed(stream::iter(pieces)))
        .expect("a request");
    let reply = app.client().call(request).await.expect(200);
    assert!(
        reply.body == sent,
        "{} of {} bytes",
        reply.body.len(),
        sent.len()
    );
}

async fn produced(app: &App) -> u64 {
    app.get("/").await.json()["produced"]
        .as_u64()
        .expect("a number")
}

#[tokio::test]
async fn a_slow_reader_slows_the_producer() {
    let (_project, app) = start().await;
    let request = app
        .client()
        .request("GET", "/endless")
        .body(full(""))
        .expect("a request");
    let mut body = app
        .client()
        .open(request)
        .await
        .expect("an answer")
        .into_body();
    next_piece(&mut body).await;
    let mut before = 0;
    eventually("the producer pauses", async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = produced(&app).await;
        std::mem::replace(&mut before, now) == now
    })
    .await;
    assert!(
        before < 32 << 20,
        "{before} bytes were made for a reader that waits"
    );

    for _ in 0..1000 {
        next_piece(&mut body).await;
    }
    assert!(produced(&app).await > before);
}

#[tokio::test]
async fn a_client_that_goes_away_aborts_its_request() {
    let (_project, app) = start().await;
    let request = app
        .client()
        .request("GET", "/hang")
        .body(full(""))
        .expect("a request");
    let client = app.client().clone();
    let waiting = tokio::spawn(async move { client.open(request).await.map(|_| ()) });
    eventually("the handler waits", async || {
        app.get("/").await.json()["hanging"] == json!(true)
    })
    .await;
    assert_eq!(app.get("/").await.json()["aborted"], json!(false));
    waiting.abort();
    eventually("the signal is aborted", async || {
        app.get("/").await.json()["aborted"] == json!(true)
    })
    .await;
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_stop_the_connection() {
    let (_project, app) = start().await;
    for _ in 0..3 {
        let reply = app.client().send("PUT", "/", vec![b'x'; 1 << 20]).await;
        assert_eq!(reply.status, 200);
    }
}
