//! Limits of size, time and number.

use std::time::{Duration, Instant};

use cellhouse_exchange::{Body, BodyError, Request, Response};
use cellhouse_gateway::Options;
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use crate::helper::*;

const SHORT: Duration = Duration::from_millis(150);

fn small() -> Options {
    Options {
        max_body_bytes: 100_000,
        ..options()
    }
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_refused_unread() {
    let calls = Counter::default();
    let counter = calls.clone();
    let server = start(small(), move |_| {
        counter.add();
        async { text("taken") }
    });
    let mut client = server.connect().await;
    client
        .send(
            "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n",
        )
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 413 Payload Too Large");
    let text = "The request body is larger than the limit of 100000 bytes.";
    assert_eq!(answer.text(), text);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(client.rest().await, "");
    assert_eq!(calls.get(), 0);
}

#[tokio::test]
async fn a_client_that_goes_on_sending_still_gets_to_read_why() {
    let server = start(small(), async |_| text("taken"));
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20000000\r\n\r\n")
        .await;
    client.send(vec![b'x'; 20_000_000]).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 413 Payload Too Large");
}

fn chunked(size: usize) -> Vec<u8> {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{size:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(size));
    [head, &chunk].concat().into_bytes()
}

#[tokio::test]
async fn a_body_that_becomes_too_large_is_refused() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let server = start(small(), move |request: Request| {
        let sender = sender.clone();
        let (answer, answered) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let body = collect(request.body).await;
            let size = body.as_ref().map_or(0, Vec::len);
            sender.send(body).unwrap();
            answer.send(size)
        });
        async move {
            match answered.await.unwrap() {
                0 => std::future::pending().await,
                size => text(size.to_string()),
            }
        }
    });
    let mut client = server.connect().await;
    client.send(chunked(100_000)).await;
    assert_eq!(client.answer().await.text(), "100000");
    assert!(soon(receiver.recv()).await.unwrap().is_ok());
    client.send(chunked(100_001)).await;
    assert_eq!(
        client.answer().await.status,
        "HTTP/1.1 413 Payload Too Large"
    );
    let error = soon(receiver.recv()).await.unwrap().unwrap_err();
    assert!(matches!(error, BodyError::TooLarge { limit: 100_000 }));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_body_that_becomes_too_large_behind_a_response_fails() {
    let server = start(small(), async |request: Request| match request.body {
        Body::Stream { stream, length } => streamed(stream, length),
        _ => text("no stream"),
    });
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        .await;
    assert_eq!(client.head().await.status, "HTTP/1.1 200 OK");
    assert_eq!(client.chunk().await.unwrap(), b"a");
    client
        .send(format!("186a0\r\n{}\r\n", "x".repeat(100_000)))
        .await;
    let rest = client.rest().await;
    assert!(!rest.ends_with("0\r\n\r\n"));
}

#[tokio::test]
async fn urls_and_headers_have_limits() {
    let server = start(options(), async |request: Request| {
        text(request.headers.len().to_string())
    });
    let ask = |path: usize, headers: &str| {
        let path = "p".repeat(path - 1);
        format!("GET /{path} HTTP/1.1\r\nHost: h\r\n{headers}Connection: close\r\n\r\n")
    };
    let lines = |count: usize| "X: y\r\n".repeat(count);
    let bytes = |count: usize| format!("X: {}\r\n", "y".repeat(count));
    for (request, status) in [
        (ask(16 << 10, ""), "200 OK"),
        (ask((16 << 10) + 1, ""), "414 URI Too Long"),
        (ask(70_000, ""), "414 URI Too Long"),
        (ask(1, &lines(98)), "200 OK"),
        (ask(1, &lines(99)), "431 Request Header Fields Too Large"),
        (
            ask(1, &lines(20_000)),
            "431 Request Header Fields Too Large",
        ),
        (ask(1, &bytes(130_000)), "200 OK"),
        (
            ask(1, &bytes(131_072)),
            "431 Request Header Fields Too Large",
        ),
        (
            ask(1, &bytes(2_000_000)),
            "431 Request Header Fields Too Large",
        ),
    ] {
        let answer = server.exchange(&request).await;
        let expected = format!("HTTP/1.1 {status}\r\n");
        assert!(answer.starts_with(&expected), "{status}: {:.60}", answer);
    }
}

#[tokio::test]
async fn the_number_of_headers_can_be_set() {
    let server = start(
        Options {
            max_headers: 5,
            ..options()
        },
        async |_| text("fine"),
    );
    let ask = |count| {
        format!(
            "GET / HTTP/1.1\r\nHost: h\r\n{}\r\n",
            "X: y\r\n".repeat(count)
        )
    };
    let mut client = server.connect().await;
    client.send(ask(4)).await;
    assert_eq!(client.answer().await.text(), "fine");
    client.send(ask(5)).await;
    assert!(client.answer().await.status.contains(" 431 "));
}

/// What comes until the connection ends, and after how long.
async fn watched(server: &Running, pieces: &[&str]) -> (String, Duration) {
    let started = Instant::now();
    let mut client = server.connect().await;
    client.stream.set_nodelay(true).unwrap();
    for piece in pieces {
        client.send(piece).await;
    }
    (client.rest().await, started.elapsed())
}

#[tokio::test]
async fn slow_heads_are_not_waited_for() {
    let server = start(
        Options {
            header_timeout: SHORT,
            ..options()
        },
        async |_| text("hello"),
    );
    let (silent, took) = watched(&server, &[]).await;
    assert_eq!(silent, "");
    assert!(took >= SHORT);
    for partial in [
        "G",
        "PRI * HTTP/2.0\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: ",
    ] {
        let (answer, took) = watched(&server, &[partial]).await;
        let told = answer.starts_with("HTTP/1.1 408 Request Timeout\r\n");
        assert!(told || partial.starts_with("PRI"), "{partial:?}: {answer}");
        assert!(took >= SHORT);
    }
    // A byte now and then does not help.
    let mut client = server.connect().await;
    let started = Instant::now();
    client.send("GET / HTTP/1.1\r\nHost: h\r\nX: ").await;
    while client.stream.write_all(b"x").await.is_ok() {
        tokio::time::sleep(SHORT / 5).await;
        assert!(started.elapsed() < SHORT * 50);
    }
}

#[tokio::test]
async fn the_second_head_has_the_same_time_limit_from_its_first_byte() {
    let server = start(
        Options {
            header_timeout: SHORT,
            ..options()
        },
        async |_| text("hello"),
    );
    let mut client = server.connect().await;
    client.send(get("/")).await;
    assert_eq!(client.answer().await.text(), "hello");
    tokio::time::sleep(SHORT * 2).await;
    client.send("GET / HT").await;
    let started = Instant::now();
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let length: usize = answer.split("content-length: ").nth(1).unwrap()[..2]
        .parse()
        .unwrap();
    assert_eq!(answer.split_once("\r\n\r\n").unwrap().1.len(), length);
    assert!(started.elapsed() >= SHORT - Duration::from_millis(20));
}

#[tokio::test]
async fn idle_connections_are_closed_and_busy_ones_are_not() {
    let server = start(
        Options {
            header_timeout: SHORT,
            idle_timeout: SHORT * 2,
            ..options()
        },
        async |_| {
            tokio::time::sleep(SHORT * 3).await;
            text("late")
        },
    );
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.send(get("/")).await;
        assert_eq!(client.answer().await.text(), "late");
        tokio::time::sleep(SHORT).await;
    }
    let started = Instant::now();
    assert_eq!(client.rest().await, "");
    assert!(started.elapsed() < SHORT * 20);
}

#[tokio::test]
async fn many_quick_requests_keep_a_connection_alive() {
    let server = start(
        Options {
            idle_timeout: SHORT,
            ..options()
        },
        async |_| text("hello"),
    );
    let mut client = server.connect().await;
    let started = Instant::now();
    while started.elapsed() < SHORT * 4 {
        client.send(get("/")).await;
        assert_eq!(client.answer().await.text(), "hello");
        tokio::time::sleep(SHORT / 5).await;
    }
}

fn slow_bodies() -> Options {
    Options {
        body_timeout: SHORT,
        ..options()
    }
}

#[tokio::test]
async fn a_small_body_that_does_not_come_is_answered_without_the_app() {
    let calls = Counter::default();
    let counter = calls.clone();
    let server = start(slow_bodies(), move |_| {
        counter.add();
        async { text("taken") }
    });
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n123")
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 408 Request Timeout");
    assert_eq!(
        answer.text(),
        "No data of the request body arrived for 150 ms."
    );
    assert_eq!(client.rest().await, "");
    assert_eq!(calls.get(), 0);
}

#[tokio::test]
async fn a_stream_that_stops_times_out_for_the_app_and_the_client() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let server = start(slow_bodies(), move |request: Request| {
        let sender = sender.clone();
        tokio::spawn(async move { sender.send(collect(request.body).await) });
        std::future::pending()
    });
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        .await;
    assert_eq!(client.answer().await.status, "HTTP/1.1 408 Request Timeout");
    let error = soon(receiver.recv()).await.unwrap().unwrap_err();
    assert!(matches!(error, BodyError::TimedOut), "{error}");
}

#[tokio::test]
async fn only_a_body_that_the_app_waits_for_times_out() {
    let server = start(slow_bodies(), async |request: Request| -> Response {
        let Body::Stream { mut stream, .. } = request.body else {
            return text("no stream");
        };
        let first = stream.next().await.unwrap().unwrap();
        tokio::time::sleep(SHORT * 4).await;
        let second = stream.next().await.unwrap().unwrap();
        text([first, second].concat())
    });
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        .await;
    tokio::time::sleep(SHORT * 3).await;
    client.send("1\r\nb\r\n0\r\n\r\n").await;
    assert_eq!(client.answer().await.text(), "ab");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let (given, dropped, make) = endless();
    let server = start(
        Options {
            write_timeout: SHORT * 2,
            ..options()
        },
        move |_| {
            let stream = make();
            async move { streamed(stream, None) }
        },
    );
    let mut client = server.connect().await;
    client.send(get("/")).await;
    // One that takes a little now and then is not.
    for _ in 0..8 {
        tokio::time::sleep(SHORT).await;
        client.take(2 << 20).await;
        assert_eq!(dropped.get(), 0);
    }
    dropped.reaches(1).await;
    assert!(given.get() > 0);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let server = start(
        Options {
            max_connections: 2,
            ..options()
        },
        async |_| text("hello"),
    );
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    for client in [&mut first, &mut second] {
        client.send(get("/")).await;
        assert_eq!(client.answer().await.text(), "hello");
    }
    let mut third = server.connect().await;
    third.send(get("/")).await;
    let early = tokio::time::timeout(SHORT, third.read_more()).await;
    assert!(early.is_err(), "a third connection was served");
    drop(first);
    assert_eq!(third.answer().await.text(), "hello");
}
