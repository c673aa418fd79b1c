//! HTTP/2 without TLS: streams side by side, and the same rules as in HTTP/1.

use std::time::Duration;

use bytes::Bytes;
use cellhouse_exchange::{Body, Request, Response};
use cellhouse_gateway::Options;
use futures_util::StreamExt;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Body as HttpBody;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::helper::*;

type Sent = http_body_util::combinators::UnsyncBoxBody<Bytes, std::convert::Infallible>;

fn empty() -> Sent {
    Empty::new().boxed_unsync()
}

fn full(bytes: impl Into<Bytes>) -> Sent {
    Full::new(bytes.into()).boxed_unsync()
}

async fn client(server: &Running) -> SendRequest<Sent> {
    let stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(65_535)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn request(method: &str, url: &str, body: Sent) -> http::Request<Sent> {
    http::Request::builder()
        .method(method)
        .uri(url)
        .body(body)
        .unwrap()
}

fn get(path: &str) -> http::Request<Sent> {
    request("GET", &format!("http://test{path}"), empty())
}

async fn body_of(response: http::Response<hyper::body::Incoming>) -> String {
    let bytes = soon(response.into_body().collect()).await.unwrap();
    String::from_utf8(bytes.to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn the_app_sees_what_it_sees_of_http1() {
    let server = start(options(), async |request: Request| {
        let shown = format!(
            "{} {} {} {:?} {:?}\n",
            request.method,
            request.url,
            request.client.protocol,
            request.headers["host"],
            request.headers["cf-connecting-ip"],
        );
        let body = collect(request.body).await.unwrap();
        text(shown + std::str::from_utf8(&body).unwrap())
    });
    let mut client = client(&server).await;
    let sent = request("POST", "http://Shop.example:81/a%20b?c", full("body"));
    let response = soon(client.send_request(sent)).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("date"));
    assert!(!response.headers().contains_key("server"));
    assert_eq!(
        body_of(response).await,
        "POST http://shop.example:81/a%20b?c HTTP/2 \"Shop.example:81\" \"127.0.0.1\"\nbody"
    );
}

#[tokio::test]
async fn streams_do_not_wait_for_each_other() {
    let server = start(options(), async |request: Request| {
        if request.url.ends_with("/never") {
            std::future::pending::<()>().await;
        }
        text(request.url)
    });
    let mut client = client(&server).await;
    let never = tokio::spawn(client.send_request(get("/never")));
    for number in 0..50 {
        let response = soon(client.send_request(get(&format!("/{number}")))).await;
        assert_eq!(
            body_of(response.unwrap()).await,
            format!("http://test/{number}")
        );
    }
    assert!(!never.is_finished());
    let many = (0..100).map(|number| client.send_request(get(&format!("/{number}"))));
    for response in soon(futures_util::future::join_all(many)).await {
        assert_eq!(response.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn responses_are_framed_as_in_http1() {
    let server = start(options(), async |request: Request| {
        let mut response = match request.url.rsplit('/').next().unwrap() {
            "stream" => streamed(chunks(vec![Ok("he"), Ok("llo")]), None),
            "known" => streamed(chunks(vec![Ok("he"), Ok("llo")]), Some(5)),
            "short" => streamed(chunks(vec![Ok("he")]), Some(5)),
            _ => text("hello"),
        };
        for (name, value) in [
            ("connection", "close"),
            ("transfer-encoding", "chunked"),
            ("keep-alive", "x"),
        ] {
            response.headers.insert(name, value.parse().unwrap());
        }
        response.status_text = Some("Very Well".to_owned());
        response
    });
    let mut client = client(&server).await;
    for (method, path, length, body) in [
        ("GET", "/bytes", Some("5"), "hello"),
        ("GET", "/known", Some("5"), "hello"),
        ("GET", "/stream", None, "hello"),
        ("HEAD", "/bytes", Some("5"), ""),
        ("HEAD", "/known", Some("5"), ""),
        ("HEAD", "/stream", None, ""),
    ] {
        let sent = request(method, &format!("http://test{path}"), empty());
        let response = soon(client.send_request(sent)).await.unwrap();
        let found = response.headers().get("content-length").cloned();
        let found = found.as_ref().map(|value| value.to_str().unwrap());
        assert_eq!(found, length, "{method} {path}");
        assert_eq!(body_of(response).await, body, "{method} {path}");
    }
    let short = soon(client.send_request(get("/short"))).await.unwrap();
    assert!(soon(short.into_body().collect()).await.is_err());
}

#[tokio::test]
async fn both_directions_stream() {
    let server = start(options(), async |request: Request| match request.body {
        Body::Stream { stream, length } => streamed(stream, length),
        _ => text("not a stream"),
    });
    let mut client = client(&server).await;
    let (mut sender, body) = Channel::<Bytes, std::convert::Infallible>::new(1);
    let sent = request("POST", "http://test/", body.boxed_unsync());
    let mut response = soon(client.send_request(sent)).await.unwrap();
    for word in ["one", "two"] {
        sender.send_data(word.into()).await.unwrap();
        let frame = soon(response.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), word);
    }
    drop(sender);
    assert_eq!(body_of(response).await, "");
}

#[tokio::test]
async fn refusals_are_those_of_http1() {
    let server = start(
        Options {
            max_body_bytes: 10,
            max_headers: 5,
            ..options()
        },
        async |request: Request| {
            let body = collect(request.body).await;
            text(format!("{body:?}"))
        },
    );
    let mut client = client(&server).await;
    let with = |name: &'static str, value: &str| {
        let mut request = get("/");
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let mut many = get("/");
    for number in 0..5 {
        let name: http::HeaderName = format!("x-{number}").parse().unwrap();
        many.headers_mut().insert(name, "1".parse().unwrap());
    }
    let (mut sender, unknown) = Channel::<Bytes, std::convert::Infallible>::new(1);
    tokio::spawn(async move { sender.send_data(vec![0; 11].into()).await });
    let table = [
        (get(&format!("/{}", "x".repeat(16 << 10))), 414),
        (request("POST", "http://test/", full("01234567890")), 413),
        (request("POST", "http://test/", unknown.boxed_unsync()), 413),
        (with("host", "other"), 400),
        (many, 431),
        (with("x-large", &"x".repeat(200_000)), 431),
        (get("/fine"), 200),
    ];
    for (request, status) in table {
        let response = soon(client.send_request(request)).await.unwrap();
        assert_eq!(response.status(), status);
    }
}

#[tokio::test]
async fn a_websocket_of_the_app_finds_nobody() {
    let server = start(options(), async |_| {
        let mut response = with_body(Body::Empty);
        response.status = 101;
        response.web_socket = Some(cellhouse_exchange::WebSocketEnd::pair().0);
        response
    });
    let mut client = client(&server).await;
    let response = soon(client.send_request(get("/"))).await.unwrap();
    assert_eq!(response.status(), 500);
    let text = body_of(response).await;
    assert!(text.contains("does not ask for a WebSocket"), "{text}");
}

#[tokio::test]
async fn a_stream_that_is_reset_takes_its_request_with_it() {
    let (began, dropped) = (Counter::default(), Counter::default());
    let counters = (began.clone(), dropped.clone());
    let server = start(options(), move |_| {
        counters.0.add();
        let guard = counters.1.on_drop();
        async move {
            let _guard = guard;
            std::future::pending::<Response>().await
        }
    });
    let mut client = client(&server).await;
    let first = tokio::spawn(client.send_request(get("/1")));
    let _second = tokio::spawn(client.send_request(get("/2")));
    began.reaches(2).await;
    first.abort();
    dropped.reaches(1).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(dropped.get(), 1);
    // The connection goes, and with it what is left.
    drop(client);
    _second.abort();
    dropped.reaches(2).await;
}

#[tokio::test]
async fn a_connection_that_breaks_takes_all_its_requests_with_it() {
    let (given, dropped, make) = endless();
    let server = start(options(), move |request: Request| {
        let stream = make();
        async move {
            if request.url.ends_with("/wait") {
                let _stream = stream;
                std::future::pending::<()>().await;
                unreachable!();
            }
            streamed(stream, None)
        }
    });
    let stream = std::net::TcpStream::connect(server.address).unwrap();
    let wire = stream.try_clone().unwrap();
    stream.set_nonblocking(true).unwrap();
    let stream = tokio::net::TcpStream::from_std(stream).unwrap();
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let _waiting = tokio::spawn(client.send_request(get("/wait")));
    let response = soon(client.send_request(get("/stream"))).await.unwrap();
    given.reaches(1).await;
    assert_eq!(dropped.get(), 0);
    wire.shutdown(std::net::Shutdown::Both).unwrap();
    dropped.reaches(2).await;
    drop(response);
}

#[tokio::test]
async fn a_response_is_made_no_faster_than_the_client_reads() {
    let (given, dropped, make) = endless();
    let server = start(options(), move |_| {
        let stream = make();
        async move { streamed(stream, None) }
    });
    let mut client = client(&server).await;
    let mut response = soon(client.send_request(get("/"))).await.unwrap();
    let ahead = given.settles().await;
    assert!(ahead <= 8, "{ahead} chunks of 64 KiB were made for nobody");
    let mut read = 0;
    while read < 1 << 20 {
        let frame = soon(response.frame()).await.unwrap().unwrap();
        read += frame.into_data().unwrap().len();
    }
    assert!(given.get() > ahead);
    drop(response);
    dropped.reaches(1).await;
}

/// A body that an app does not read leaves the others room.
#[tokio::test]
async fn an_unread_body_does_not_stop_other_streams() {
    let server = start(options(), async |request: Request| {
        if request.url.ends_with("/unread") {
            std::future::pending::<()>().await;
        }
        text(collect(request.body).await.unwrap().len().to_string())
    });
    let mut client = client(&server).await;
    let large = || full(vec![b'x'; 5 << 20]);
    let unread = request("POST", "http://test/unread", large());
    let _unread = tokio::spawn(client.send_request(unread));
    tokio::time::sleep(Duration::from_millis(50)).await;
    let read = request("POST", "http://test/read", large());
    let response = soon(client.send_request(read)).await.unwrap();
    assert_eq!(body_of(response).await, (5 << 20).to_string());
}

/// A megabyte whose end is noticed.
struct Large(
    Vec<u8>,
    #[expect(dead_code, reason = "it counts when it is dropped")] OnDrop,
);

impl AsRef<[u8]> for Large {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[tokio::test]
async fn a_stream_whose_client_takes_nothing_is_cut_off() {
    let (_given, dropped, make) = endless();
    let counter = dropped.clone();
    let server = start(
        Options {
            write_timeout: Duration::from_millis(200),
            ..options()
        },
        move |request: Request| {
            let large = || Bytes::from_owner(Large(vec![b'x'; 1 << 20], counter.on_drop()));
            let response = match request.url.rsplit('/').next() {
                Some("large") => text(large()),
                Some("chunk") => {
                    let chunk = futures_util::stream::iter([Ok(large())]);
                    streamed(Box::pin(chunk), None)
                }
                _ => streamed(make(), None),
            };
            async move { response }
        },
    );
    let mut client = client(&server).await;
    let stream = soon(client.send_request(get("/stream"))).await.unwrap();
    let large = soon(client.send_request(get("/large"))).await.unwrap();
    let chunk = soon(client.send_request(get("/chunk"))).await.unwrap();
    // All three: what is read before its end comes to go on.
    dropped.reaches(3).await;
    for response in [stream, large, chunk] {
        let mut body = response.into_body();
        let error = loop {
            if let Err(error) = soon(body.frame()).await.unwrap() {
                break error;
            }
        };
        assert!(!body.is_end_stream(), "{error}");
    }
    // The connection itself is fine.
    let again = soon(client.send_request(get("/large"))).await.unwrap();
    assert_eq!(body_of(again).await.len(), 1 << 20);
}

#[tokio::test]
async fn a_body_that_does_not_come_times_out() {
    let server = start(
        Options {
            body_timeout: Duration::from_millis(150),
            ..options()
        },
        async |request: Request| match request.body {
            Body::Stream { mut stream, .. } => {
                while stream.next().await.is_some() {}
                text("came to an end")
            }
            _ => text("no stream"),
        },
    );
    let mut client = client(&server).await;
    let (sender, body) = Channel::<Bytes, std::convert::Infallible>::new(1);
    let sent = request("POST", "http://test/", body.boxed_unsync());
    let response = soon(client.send_request(sent)).await.unwrap();
    assert_eq!(response.status(), 408);
    drop(sender);
}

#[tokio::test]
async fn an_idle_connection_is_told_goodbye() {
    let server = start(
        Options {
            idle_timeout: Duration::from_millis(150),
            header_timeout: Duration::from_millis(150),
            ..options()
        },
        async |_| text("hello"),
    );
    for requests in 0..2 {
        let stream = tokio::net::TcpStream::connect(server.address)
            .await
            .unwrap();
        let (mut client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        for _ in 0..requests {
            let response = soon(client.send_request(get("/"))).await.unwrap();
            assert_eq!(body_of(response).await, "hello");
        }
        soon(connection).await.unwrap().unwrap();
        assert!(client.is_closed());
    }
}
