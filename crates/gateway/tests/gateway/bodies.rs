//! Request bodies: streaming, back-pressure in both directions, and what surrounds them.

use cellhouse_exchange::{Body, Request, Response};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use cellhouse_gateway::Options;

use crate::helper::*;

async fn echo(request: Request) -> Response {
    let length = request.body.length();
    match request.body {
        Body::Stream { stream, .. } => streamed(stream, length),
        body => with_body(body),
    }
}

/// Says what the app sees of the body: its kind, its announced length, its bytes.
async fn describe(request: Request) -> Response {
    let shown = format!("{:?} ", request.body);
    let body = collect(request.body).await;
    text(shown + &String::from_utf8_lossy(&body.unwrap_or_default()))
}

#[tokio::test]
async fn bodies_come_as_bytes_or_streams() {
    let server = start(options(), describe);
    let mut client = server.connect().await;
    let long = "x".repeat(70_000);
    let head = "POST / HTTP/1.1\r\nHost: h\r\n";
    for (request, expected) in [
        ("\r\n".to_owned(), "Empty ".to_owned()),
        ("Content-Length: 0\r\n\r\n".to_owned(), "Empty ".to_owned()),
        (
            "Content-Length: 2\r\n\r\nhi".to_owned(),
            "Bytes(2) hi".to_owned(),
        ),
        (
            "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;ext=1\r\ni\r\n0\r\n\r\n".to_owned(),
            "Stream(None) hi".to_owned(),
        ),
        (
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
            "Stream(None) ".to_owned(),
        ),
        (
            format!("Content-Length: 70000\r\n\r\n{long}"),
            format!("Stream(Some(70000)) {long}"),
        ),
    ] {
        client.send(format!("{head}{request}")).await;
        let answer = client.answer().await;
        assert!(answer.text() == expected, "{:.50}", answer.text());
    }
}

#[tokio::test]
async fn a_small_body_in_pieces_is_one() {
    let server = start(options(), describe);
    let mut client = server.connect().await;
    client.stream.set_nodelay(true).unwrap();
    for piece in [
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n",
        "a",
        "b",
        "c",
    ] {
        client.send(piece).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(client.answer().await.text(), "Bytes(3) abc");
}

#[tokio::test]
async fn trailers_are_ignored() {
    let server = start(options(), describe);
    let mut client = server.connect().await;
    client
        .send(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: Secret\r\n\r\n\
             2\r\nhi\r\n0\r\nSecret: x\r\n\r\n",
        )
        .await;
    assert_eq!(client.answer().await.text(), "Stream(None) hi");
    client.send(get("/")).await;
    assert_eq!(client.answer().await.text(), "Empty ");
}

#[tokio::test]
async fn request_and_response_stream_at_the_same_time() {
    let server = start(options(), echo);
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    assert_eq!(client.head().await.status, "HTTP/1.1 200 OK");
    for word in ["one", "two", "six"] {
        client.send(format!("3\r\n{word}\r\n")).await;
        assert_eq!(client.chunk().await.unwrap(), word.as_bytes());
    }
    client.send("0\r\n\r\n").await;
    assert_eq!(client.chunk().await, None);
    client.send(get("/again")).await;
    assert_eq!(client.answer().await.status, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_client_is_told_to_continue_once_the_app_reads() {
    let server = start(options(), async |request: Request| {
        if request.url.ends_with("/no") {
            return Response::text(401, "who are you?");
        }
        describe(request).await
    });
    let expect = |path| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
    };
    let mut client = server.connect().await;
    client.send(expect("/yes")).await;
    assert_eq!(
        client.take_until("\r\n\r\n").await,
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    client.send("hi").await;
    assert_eq!(client.answer().await.text(), "Stream(Some(2)) hi");

    client.send(expect("/no")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 401 Unauthorized");
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_response_is_made_no_faster_than_the_client_reads() {
    let (given, dropped, make) = endless();
    let server = start(options(), move |_| {
        let stream = make();
        async move { streamed(stream, None) }
    });
    let mut client = server.connect().await;
    client.send(get("/")).await;
    let ahead = given.settles().await;
    // The sockets' own buffers take a few MiB.
    assert!(ahead < 320, "{} MiB were made for nobody", ahead / 16);
    for _ in 0..2 * ahead {
        client.chunk_like().await;
    }
    assert!(given.get() > ahead);
    drop(client);
    dropped.reaches(1).await;
}

impl Client {
    /// 64 KiB of whatever comes.
    async fn chunk_like(&mut self) {
        self.take(64 << 10).await;
    }
}

#[tokio::test]
async fn a_body_is_read_no_faster_than_the_app_does() {
    let reading = Counter::default();
    let counter = reading.clone();
    let server = start(options(), move |request: Request| {
        let counter = counter.clone();
        async move {
            let Body::Stream { mut stream, .. } = request.body else {
                return text("not a stream");
            };
            until(|| counter.get() > 0).await;
            let mut total = 0;
            while let Some(chunk) = stream.next().await {
                total += chunk.unwrap().len();
            }
            text(total.to_string())
        }
    });
    let mut client = server.connect().await;
    let size = 64 << 20;
    client
        .send(format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n"
        ))
        .await;
    let chunk = vec![b'x'; 1 << 20];
    let mut sent = 0;
    let pause = std::time::Duration::from_millis(500);
    while let Ok(count) = tokio::time::timeout(pause, client.stream.write(&chunk)).await {
        sent += count.unwrap();
        assert!(sent < 32 << 20, "{sent} bytes were taken for nobody");
    }
    reading.add();
    while sent < size {
        let count = chunk.len().min(size - sent);
        sent += soon(client.stream.write(&chunk[..count])).await.unwrap();
    }
    assert_eq!(client.answer().await.text(), size.to_string());
}

#[tokio::test]
async fn a_body_that_the_app_ignores_does_not_break_what_follows() {
    let server = start(options(), async |_| text("ignored"));
    let mut client = server.connect().await;
    // A small body is taken out of the way.
    client
        .send(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        )
        .await;
    assert_eq!(client.answer().await.text(), "ignored");
    // A large one too, while the client goes on sending.
    let large = "x".repeat(3 << 20);
    for _ in 0..3 {
        let head = format!(
            "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n",
            large.len()
        );
        client.send(head + &large).await;
        assert_eq!(client.answer().await.text(), "ignored");
    }
}

#[tokio::test]
async fn an_ignored_body_that_does_not_come_ends_the_connection() {
    let options = Options {
        body_timeout: std::time::Duration::from_millis(200),
        ..options()
    };
    let server = start(options, async |_| text("ignored"));
    for length in ["1000000", "100000000"] {
        let mut client = server.connect().await;
        client
            .send(format!(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\nonly the begin"
            ))
            .await;
        assert_eq!(client.answer().await.text(), "ignored");
        assert_eq!(client.rest().await, "");
    }
}

#[tokio::test]
async fn a_body_cannot_be_read_after_the_response() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let server = start(options(), move |request: Request| {
        let sender = sender.lock().unwrap().take();
        if let Some(sender) = sender {
            sender.send(request.body).unwrap();
        }
        async { text("done") }
    });
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nbegin")
        .await;
    let kept = receiver.await.unwrap();
    assert_eq!(client.answer().await.text(), "done");
    let Body::Stream { mut stream, .. } = kept else {
        panic!("not a stream");
    };
    let error = loop {
        match soon(stream.next()).await.unwrap() {
            Ok(_begin) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(
        error.to_string(),
        "Can't read from request stream after response has been sent."
    );
    assert!(stream.next().await.is_none());
}
