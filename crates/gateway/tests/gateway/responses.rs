//! How responses are framed, and what of them an app cannot choose.

use bytes::Bytes;
use cellhouse_exchange::{Body, BodyError, Request, Response};
use http::{HeaderName, HeaderValue};

use crate::helper::*;

/// A response by the last part of the path.
async fn by_path(request: Request) -> Response {
    let path = request.url.rsplit('/').next().unwrap().to_owned();
    let mut response = match &*path {
        "bytes" => text("hello"),
        "known" => streamed(chunks(vec![Ok("he"), Ok(""), Ok("llo")]), Some(5)),
        "unknown" => streamed(chunks(vec![Ok("he"), Ok("llo")]), None),
        "short" => streamed(chunks(vec![Ok("he")]), Some(5)),
        "long" => streamed(chunks(vec![Ok("hello, "), Ok("world")]), Some(5)),
        "broken" => {
            let error = BodyError::Failed("an exception".to_owned());
            streamed(chunks(vec![Ok("he"), Err(error)]), None)
        }
        "none" => streamed(chunks(vec![]), Some(0)),
        _ => with_body(Body::Empty),
    };
    if let Ok(status) = path.parse() {
        response = text("a body that may not be sent");
        response.status = status;
    }
    response
}

fn request(method: &str, path: &str) -> String {
    format!("{method} /{path} HTTP/1.1\r\nHost: h\r\n\r\n")
}

#[tokio::test]
async fn bodies_are_framed_by_what_is_known_of_them() {
    let server = start(options(), by_path);
    let mut client = server.connect().await;
    for (path, length, body) in [
        ("bytes", Some("5"), "hello"),
        ("known", Some("5"), "hello"),
        ("unknown", None, "hello"),
        ("none", Some("0"), ""),
        ("empty", Some("0"), ""),
    ] {
        client.send(request("GET", path)).await;
        let answer = client.answer().await;
        assert_eq!(answer.header("content-length"), length, "{path}");
        let chunked = length.is_none().then_some("chunked");
        assert_eq!(answer.header("transfer-encoding"), chunked, "{path}");
        assert_eq!(answer.text(), body, "{path}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = start(options(), by_path);
    let mut client = server.connect().await;
    for (path, length) in [
        ("bytes", Some("5")),
        ("known", Some("5")),
        ("unknown", None),
        ("empty", None),
        ("204", None),
    ] {
        client.send(request("HEAD", path)).await;
        let answer = client.head().await;
        assert_eq!(answer.header("content-length"), length, "{path}");
        assert_eq!(answer.header("transfer-encoding"), None, "{path}");
        assert_eq!(client.unread(), 0);
    }
    client.send(request("GET", "bytes")).await;
    assert_eq!(client.answer().await.text(), "hello");
}

#[tokio::test]
async fn head_keeps_a_length_that_the_app_alone_knows() {
    let server = start(options(), async |_| {
        let mut response = with_body(Body::Empty);
        let length = HeaderValue::from_static("12345");
        response.headers.insert("content-length", length);
        response
    });
    let mut client = server.connect().await;
    client.send(request("HEAD", "")).await;
    let answer = client.head().await;
    assert_eq!(answer.header("content-length"), Some("12345"));
    client.send(request("GET", "")).await;
    let answer = client.answer().await;
    assert_eq!(answer.header("content-length"), Some("0"));
}

#[tokio::test]
async fn statuses_without_body_have_none() {
    let server = start(options(), by_path);
    let mut client = server.connect().await;
    for status in ["204", "304"] {
        client.send(request("GET", status)).await;
        let answer = client.head().await;
        assert!(answer.status.contains(status));
        assert_eq!(answer.header("content-length"), None);
        assert_eq!(answer.header("transfer-encoding"), None);
    }
    client.send(request("GET", "404")).await;
    assert_eq!(client.answer().await.text(), "a body that may not be sent");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_seen_to_break_off() {
    let server = start(options(), by_path);
    let short = server.exchange(request("GET", "short")).await;
    assert!(short.contains("content-length: 5\r\n") && short.ends_with("\r\n\r\nhe"));
    let long = server.exchange(request("GET", "long")).await;
    assert!(long.contains("content-length: 5\r\n"));
    let sent = long.split_once("\r\n\r\n").unwrap().1;
    assert!(sent.len() < 5, "{sent}");
    let broken = server.exchange(request("GET", "broken")).await;
    assert!(!broken.ends_with("0\r\n\r\n"), "{broken}");
}

#[tokio::test]
async fn impossible_statuses_are_an_error_of_the_app() {
    let server = start(options(), by_path);
    let mut client = server.connect().await;
    for status in [0, 100, 103, 199, 600, 999, 1000] {
        client.send(request("GET", &status.to_string())).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, "HTTP/1.1 500 Internal Server Error");
        let text =
            format!("The app answered with status {status}, which is not between 200 and 599.");
        assert_eq!(answer.text(), text);
    }
}

#[tokio::test]
async fn the_reason_phrase_may_be_chosen() {
    let server = start(options(), async |request: Request| {
        let mut response = text("");
        let path = request.url.rsplit('/').next().unwrap();
        let (status, reason) = path.split_once('-').unwrap();
        response.status = status.parse().unwrap();
        response.status_text = match reason {
            "none" => None,
            "bad" => Some("two\r\nlines: 1".to_owned()),
            reason => Some(reason.replace('+', " ")),
        };
        response
    });
    let mut client = server.connect().await;
    for (path, status) in [
        ("200-none", "HTTP/1.1 200 OK"),
        ("200-", "HTTP/1.1 200 OK"),
        ("200-Very+Well", "HTTP/1.1 200 Very Well"),
        ("404-bad", "HTTP/1.1 404 Not Found"),
        ("299-none", "HTTP/1.1 299 "),
        ("299-Odd", "HTTP/1.1 299 Odd"),
    ] {
        client.send(request("GET", path)).await;
        assert_eq!(client.answer().await.status, status);
    }
}

#[tokio::test]
async fn headers_of_the_connection_are_not_the_apps() {
    let server = start(options(), async |_| {
        let mut response = text("hello");
        for (name, value) in [
            ("transfer-encoding", "gzip, chunked"),
            ("content-length", "3"),
            ("connection", "close"),
            ("keep-alive", "timeout=1"),
            ("proxy-connection", "close"),
            ("upgrade", "h2c"),
            ("te", "trailers"),
            ("trailer", "x"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("server", "mine"),
            ("x-latin", "caf\u{e9}"),
        ] {
            let name = HeaderName::from_static(name);
            let value = HeaderValue::from_bytes(&latin1(value)).unwrap();
            response.headers.append(name, value);
        }
        response
    });
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.send(request("GET", "")).await;
        let head = {
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"\r\n\r\n") {
                bytes.extend(client.take(1).await);
            }
            bytes
        };
        assert_eq!(client.take(5).await, b"hello");
        assert!(head.windows(4).any(|window| window == b"caf\xe9"));
        let head = String::from_utf8_lossy(&head).into_owned();
        for unwanted in [
            "transfer-encoding",
            "connection",
            "keep-alive",
            "upgrade",
            "\nte:",
            "trailer",
        ] {
            assert!(!head.contains(unwanted), "{head}");
        }
        assert!(head.contains("content-length: 5\r\n"), "{head}");
        assert!(
            head.contains("set-cookie: a=1\r\nset-cookie: b=2\r\n"),
            "{head}"
        );
        assert!(head.contains("server: mine\r\n"), "{head}");
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|char| char as u8).collect()
}

#[tokio::test]
async fn a_date_of_the_apps_own_is_kept() {
    let server = start(options(), async |_| {
        let mut response = text("");
        let date = HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT");
        response.headers.insert("date", date);
        response
    });
    let mut client = server.connect().await;
    client.send(request("GET", "")).await;
    let date = client.answer().await;
    assert_eq!(date.header("date"), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
}

#[tokio::test]
async fn a_large_response_arrives_whole() {
    let all: Vec<u8> = (0..5_000_000u32)
        .map(|n| n.to_le_bytes()[(n % 3) as usize])
        .collect();
    let bytes = Bytes::from(all.clone());
    let server = start(options(), move |_| {
        let bytes = bytes.clone();
        async move { text(bytes) }
    });
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.send(request("GET", "")).await;
        assert!(client.answer().await.body == all);
    }
    client
        .send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nUpgrade: h2c\r\n\r\n")
        .await;
    assert!(client.answer().await.body == all);
}
