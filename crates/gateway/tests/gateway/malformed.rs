//! Requests that break the rules: each gets a clear refusal, and none of them is two requests.

use cellhouse_exchange::Request;

use crate::helper::*;

/// A server that counts what reaches the app, and reads bodies.
fn counting() -> (Running, Counter) {
    let calls = Counter::default();
    let counter = calls.clone();
    let server = start(options(), move |request: Request| {
        counter.add();
        async move {
            let body = collect(request.body).await;
            text(format!("{:?}", body.map(String::from_utf8)))
        }
    });
    (server, calls)
}

#[tokio::test]
async fn malformed_heads_get_400() {
    let (server, calls) = counting();
    for request in [
        "\0\0\0\0\r\n\r\n",
        "hello\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1 x\r\nHost: h\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: h\r\n\r\n",
        "GET / http/1.1\r\nHost: h\r\n\r\n",
        "GE\u{0}T / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /\u{1} HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nNo colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nSpace : x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
        "GET http://user@h/ HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let mut client = server.connect().await;
        client.send(request).await;
        let answer = client.answer().await;
        assert_eq!(answer.status[8..], *" 400 Bad Request", "{request:?}");
    }
    assert_eq!(calls.get(), 0);
}

#[tokio::test]
async fn connect_is_not_supported() {
    let (server, calls) = counting();
    let answer = server
        .exchange(
            "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n",
        )
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"),
        "{answer}"
    );
    assert_eq!(calls.get(), 0);
}

/// What an intermediary may have understood differently: whatever follows is not another request.
#[tokio::test]
async fn ambiguous_lengths_smuggle_nothing() {
    let hidden = get("/hidden");
    for ambiguous in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nhello",
        "Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n\r\nhello",
        "Content-Length: 5\r\nTransfer-Encoding : chunked\r\n\r\nhello",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\nX\n0\n\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\nXY\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nX\r\n0\r\n\r\n",
    ] {
        let (server, calls) = counting();
        let all = server
            .exchange(format!("POST / HTTP/1.1\r\nHost: h\r\n{ambiguous}{hidden}"))
            .await;
        assert!(
            all.matches("HTTP/1.1 ").count() <= 1,
            "{ambiguous:?}: {all}"
        );
        assert!(calls.get() <= 1, "{ambiguous:?}");
    }
}

#[tokio::test]
async fn malformed_chunks_get_400() {
    for body in ["x\r\n", "2\r\nabc", "1\r\na\r\n0\r\n: x\r\n\r\n"] {
        let (server, _calls) = counting();
        let all = server
            .exchange(format!(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{body}"
            ))
            .await;
        assert!(
            all.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{body:?}: {all}"
        );
        assert!(all.contains("The request body is malformed"), "{all}");
    }
}

#[tokio::test]
async fn the_app_learns_of_malformed_chunks() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let server = start(options(), move |request: Request| {
        let sender = sender.clone();
        // As an isolate would: on a task of its own.
        tokio::spawn(async move { sender.send(collect(request.body).await) });
        std::future::pending()
    });
    let mut client = server.connect().await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n")
        .await;
    let error = soon(receiver.recv()).await.unwrap().unwrap_err();
    assert!(
        error.to_string().starts_with("the body is malformed: "),
        "{error}"
    );
    assert_eq!(client.answer().await.status, "HTTP/1.1 400 Bad Request");
}

#[tokio::test]
async fn random_bytes_never_bring_the_server_down() {
    let (server, _calls) = counting();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..300 {
        let mut bytes = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_vec();
        for _ in 0..=round % 4 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = (state >> 8) as usize % bytes.len();
            bytes[at] = state as u8;
        }
        let mut client = server.connect().await;
        client.send(&bytes).await;
        tokio::io::AsyncWriteExt::shutdown(&mut client.stream)
            .await
            .unwrap();
        while client.read_more().await {}
    }
    let fine = server.exchange("GET / HTTP/1.0\r\nHost: h\r\n\r\n").await;
    assert!(fine.starts_with("HTTP/1.0 200 OK"));
}
