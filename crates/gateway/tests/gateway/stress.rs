//! Everything at once, on several threads, with clients that do not behave.

use std::time::Duration;

use cellhouse_exchange::{Body, Request, Response};
use cellhouse_gateway::Summary;
use futures_util::StreamExt;
use tokio::sync::{mpsc, oneshot};

use crate::helper::*;

/// Answers on another thread, as isolates do.
fn isolate(
    live: Counter,
    ended: Counter,
) -> mpsc::UnboundedSender<(Request, oneshot::Sender<Response>)> {
    let (sender, mut requests) = mpsc::unbounded_channel::<(Request, oneshot::Sender<Response>)>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            while let Some((request, mut answer)) = requests.recv().await {
                live.add();
                let guard = ended.on_drop();
                tokio::spawn(async move {
                    let _guard = guard;
                    tokio::select! {
                        () = answer.closed() => {}
                        response = respond(request) => {
                            let _gone = answer.send(response);
                        }
                    }
                });
            }
        });
    });
    sender
}

async fn respond(request: Request) -> Response {
    match request.url.rsplit('/').next().unwrap() {
        "echo" => match request.body {
            Body::Stream { stream, length } => streamed(stream, length),
            body => with_body(body),
        },
        "count" => text(match request.body {
            Body::Stream { mut stream, .. } => {
                let mut total = 0;
                while let Some(Ok(chunk)) = stream.next().await {
                    total += chunk.len();
                }
                total.to_string()
            }
            body => body.length().unwrap().to_string(),
        }),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(20)).await;
            text("slow")
        }
        _ => text("fast"),
    }
}

fn post(path: &str, size: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n{}",
        "x".repeat(size)
    )
}

/// What one client does: some of it ends early.
async fn misbehave(server: &Running, seed: usize) {
    let mut client = server.connect().await;
    for step in 0..10 {
        match (seed * 7 + step * 5) % 12 {
            0 | 1 => {
                client
                    .send([get("/fast"), get("/slow"), get("/fast")].concat())
                    .await;
                for expected in ["fast", "slow", "fast"] {
                    assert_eq!(client.answer().await.text(), expected);
                }
            }
            2 | 3 => {
                client.send(post("/count", 1000 * seed)).await;
                assert_eq!(client.answer().await.text(), (1000 * seed).to_string());
            }
            4 | 5 => {
                client.send(post("/echo", 3000 * seed)).await;
                assert_eq!(client.answer().await.body.len(), 3000 * seed);
            }
            6 => {
                client.send(get("/slow")).await;
                client = server.connect().await;
            }
            7 => {
                let half = post("/count", 100_000);
                client.send(&half[..50_000]).await;
                client = server.connect().await;
            }
            8 => {
                client.send(post("/echo", 300_000)).await;
                client.take(1000).await;
                client.stream.set_zero_linger().unwrap();
                client = server.connect().await;
            }
            9 => {
                client.send(get("/slow")).await;
                client.send("GET / HTTP/1.1\r\nHo").await;
                client = server.connect().await;
            }
            _ => {
                client.send(get("/fast")).await;
                assert_eq!(client.answer().await.text(), "fast");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn nothing_is_left_of_clients_that_misbehave() {
    let (live, ended) = (Counter::default(), Counter::default());
    let isolate = isolate(live.clone(), ended.clone());
    let answered = Counter::default();
    let counter = answered.clone();
    let mut server = start(options(), move |request| {
        let (sender, receiver) = oneshot::channel();
        isolate.send((request, sender)).ok().unwrap();
        let guard = counter.on_drop();
        async move {
            let _guard = guard;
            receiver.await.unwrap()
        }
    });
    let clients = (1..40).map(|seed| misbehave(&server, seed));
    futures_util::future::join_all(clients).await;
    until(|| live.get() == ended.get() && live.get() == answered.get()).await;
    server.begin_shutdown();
    let summary = server.summary().await;
    assert_eq!(summary, Summary::default());
}
