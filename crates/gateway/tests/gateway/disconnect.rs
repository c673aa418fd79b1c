//! Clients that go away take their requests with them, whatever the request is doing.

use std::future::pending;
use std::time::Duration;

use cellhouse_exchange::{Body, BodyError, Request, Response};
use futures_util::StreamExt;

use crate::helper::*;

/// A handler that never answers, and tells when it began and when it was dropped.
fn sleeper() -> (Running, Counter, Counter) {
    let (began, dropped) = (Counter::default(), Counter::default());
    let counters = (began.clone(), dropped.clone());
    let server = start(options(), move |request: Request| {
        counters.0.add();
        let guard = counters.1.on_drop();
        async move {
            let _guard = guard;
            let _request = request;
            pending::<Response>().await
        }
    });
    (server, began, dropped)
}

#[tokio::test]
async fn while_the_app_works() {
    let (server, began, dropped) = sleeper();
    let mut client = server.connect().await;
    client.send(get("/")).await;
    began.reaches(1).await;
    assert_eq!(dropped.get(), 0);
    drop(client);
    dropped.reaches(1).await;
}

#[tokio::test]
async fn by_a_reset() {
    let (server, began, dropped) = sleeper();
    let mut client = server.connect().await;
    client.send(get("/")).await;
    began.reaches(1).await;
    client.stream.set_zero_linger().unwrap();
    drop(client);
    dropped.reaches(1).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn with_another_request_waiting() {
    let (server, began, dropped) = sleeper();
    let mut client = server.connect().await;
    client.send([get("/1"), get("/2")].concat()).await;
    began.reaches(1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((began.get(), dropped.get()), (1, 0));
    drop(client);
    dropped.reaches(1).await;
    assert_eq!(began.get(), 1);
}

const BEGIN: &str = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nbegin";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn in_the_middle_of_a_body_that_nobody_reads() {
    let (server, began, dropped) = sleeper();
    let mut client = server.connect().await;
    client.send(BEGIN).await;
    client.send([b'x'; 50_000]).await;
    began.reaches(1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(dropped.get(), 0);
    drop(client);
    dropped.reaches(1).await;
}

#[tokio::test]
async fn in_the_middle_of_a_body_that_is_read() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let dropped = Counter::default();
    let counter = dropped.clone();
    let server = start(options(), move |request: Request| {
        let sender = sender.clone();
        let guard = counter.on_drop();
        tokio::spawn(async move {
            let Body::Stream { mut stream, .. } = request.body else {
                return;
            };
            while let Some(chunk) = stream.next().await {
                sender.send(chunk).unwrap();
            }
        });
        async move {
            let _guard = guard;
            pending::<Response>().await
        }
    });
    let mut client = server.connect().await;
    client.send(BEGIN).await;
    assert!(soon(receiver.recv()).await.unwrap().is_ok());
    drop(client);
    let error = soon(receiver.recv()).await.unwrap().unwrap_err();
    assert!(matches!(error, BodyError::Disconnected), "{error}");
    dropped.reaches(1).await;
}

#[tokio::test]
async fn before_a_small_body_is_complete() {
    let (server, began, _dropped) = sleeper();
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n123")
        .await;
    drop(client);
    let mut client = server.connect().await;
    client.send(get("/")).await;
    began.reaches(1).await;
    assert_eq!(began.get(), 1);
}

#[tokio::test]
async fn while_the_response_streams() {
    let dropped = Counter::default();
    let counter = dropped.clone();
    let server = start(options(), move |_| {
        let guard = counter.on_drop();
        let first = futures_util::stream::iter([Ok("first".into())]);
        let stream = first
            .chain(futures_util::stream::pending())
            .map(move |chunk| {
                let _guard = &guard;
                chunk
            });
        async move { streamed(Box::pin(stream), None) }
    });
    let mut client = server.connect().await;
    client.send(get("/")).await;
    client.head().await;
    assert_eq!(client.chunk().await.unwrap(), b"first");
    assert_eq!(dropped.get(), 0);
    drop(client);
    dropped.reaches(1).await;
}

#[tokio::test]
async fn while_the_response_is_waiting_for_them() {
    let (given, dropped, make) = endless();
    let server = start(options(), move |_| {
        let stream = make();
        async move { streamed(stream, None) }
    });
    let mut client = server.connect().await;
    client.send(get("/")).await;
    given.settles().await;
    assert_eq!(dropped.get(), 0);
    drop(client);
    dropped.reaches(1).await;
}

/// Others on the same server notice nothing.
#[tokio::test]
async fn one_of_many() {
    let (server, began, dropped) = sleeper();
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect().await;
        client.send(get("/")).await;
        clients.push(client);
    }
    began.reaches(20).await;
    drop(clients.split_off(10));
    dropped.reaches(10).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(dropped.get(), 10);
}
