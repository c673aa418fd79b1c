//! HTTP/1 as clients see it: connections, requests, and what the app is told.

use cellhouse_exchange::{Request, Response};
use cellhouse_gateway::HostPolicy;

use crate::helper::*;

/// Shows the app's view of a request.
async fn show(request: Request) -> Response {
    let mut shown = format!(
        "{} {} {} {}\n",
        request.method,
        request.url,
        request.client.protocol,
        request.client.address.ip()
    );
    let mut headers: Vec<String> = (request.headers.iter())
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    headers.sort();
    shown.extend(headers);
    let body = collect(request.body).await.unwrap();
    shown.push_str(&String::from_utf8(body).unwrap());
    text(shown)
}

#[tokio::test]
async fn a_response_is_complete_and_says_no_more_than_it_should() {
    let server = start(options(), async |_| text("hello"));
    let mut client = server.connect().await;
    client.send(get("/")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 200 OK");
    assert_eq!(answer.text(), "hello");
    let mut names: Vec<&str> = (answer.headers.iter().map(|(name, _)| &**name)).collect();
    names.sort();
    assert_eq!(names, ["content-length", "content-type", "date"]);
    assert!(answer.header("date").unwrap().ends_with(" GMT"));
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let served = Counter::default();
    let counter = served.clone();
    let server = start(options(), move |request: Request| {
        counter.add();
        let answer = format!("{} {}", counter.get(), request.url);
        async move { text(answer) }
    });
    let mut client = server.connect().await;
    for number in 1..=3 {
        client.send(get("/a")).await;
        let answer = client.answer().await;
        assert_eq!(answer.text(), format!("{number} http://test/a"));
    }
    // Pipelined, the last one in two pieces.
    let all = [get("/4"), get("/5"), get("/6")].concat();
    let (first, second) = all.split_at(all.len() - 5);
    client.send(first).await;
    assert_eq!(client.answer().await.text(), "4 http://test/4");
    assert_eq!(client.answer().await.text(), "5 http://test/5");
    client.send(second).await;
    assert_eq!(client.answer().await.text(), "6 http://test/6");
    client
        .send("GET /7 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        .await;
    let last = client.answer().await;
    assert_eq!(last.text(), "7 http://test/7");
    assert_eq!(last.header("connection"), Some("close"));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn pipelined_answers_come_in_order_however_long_they_take() {
    let server = start(options(), async |request: Request| {
        if request.url.ends_with("/slow") {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        text(request.url)
    });
    let mut client = server.connect().await;
    client.send([get("/slow"), get("/fast")].concat()).await;
    assert_eq!(client.answer().await.text(), "http://test/slow");
    assert_eq!(client.answer().await.text(), "http://test/fast");
}

#[tokio::test]
async fn the_app_sees_the_request_as_it_was_sent() {
    let server = start(options(), show);
    let mut client = server.connect().await;
    client
        .send(
            "PROPFIND /a%2Fb/../c?x=%20&y HTTP/1.1\r\nHost: Shop.Example:81\r\nAccept: a\r\nAccept: b\r\n\
             CF-Connecting-IP: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7\r\nX-Real-IP: 8.8.8.8\r\n\
             X-Forwarded-Proto: https\r\nContent-Length: 4\r\n\r\nbody",
        )
        .await;
    let expected = "PROPFIND http://shop.example:81/a%2Fb/../c?x=%20&y HTTP/1.1 127.0.0.1\n\
        accept: a\naccept: b\ncf-connecting-ip: 127.0.0.1\ncontent-length: 4\nhost: Shop.Example:81\n\
        x-forwarded-for: 7.7.7.7, 127.0.0.1\nx-forwarded-proto: http\nx-real-ip: 127.0.0.1\nbody";
    assert_eq!(client.answer().await.text(), expected);
}

#[tokio::test]
async fn targets_of_every_form_are_understood() {
    let server = start(options(), async |request: Request| {
        let host = request.headers["host"].to_str().unwrap().to_owned();
        text(format!("{} {host}", request.url))
    });
    let table = [
        (
            "GET http://Other:81/p HTTP/1.1\r\nHost: h\r\n\r\n",
            "http://other:81/p Other:81",
        ),
        (
            "GET http://other HTTP/1.1\r\nHost: h\r\n\r\n",
            "http://other/ other",
        ),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "http://h/ h"),
        (
            "GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
            "http://h/ h",
        ),
        (
            "GET /\"{x}|\" HTTP/1.1\r\nHost: [::1]:8787\r\n\r\n",
            "http://[::1]:8787/\"{x}|\" [::1]:8787",
        ),
        (
            "\r\n\r\nGET /blank-lines HTTP/1.1\r\nHost: h\r\n\r\n",
            "http://h/blank-lines h",
        ),
    ];
    let mut client = server.connect().await;
    for (request, expected) in table {
        client.send(request).await;
        assert_eq!(client.answer().await.text(), expected, "{request:?}");
    }
}

#[tokio::test]
async fn http_1_0_gets_what_it_understands() {
    let server = start(options(), async |request: Request| {
        match request.url.ends_with("/stream") {
            true => streamed(chunks(vec![Ok("a"), Ok("b")]), None),
            false => text(request.client.protocol),
        }
    });
    let plain = server.exchange("GET / HTTP/1.0\r\nHost: h\r\n\r\n").await;
    assert!(plain.starts_with("HTTP/1.0 200 OK\r\n"), "{plain}");
    assert!(plain.ends_with("\r\n\r\nHTTP/1.0"), "{plain}");
    let stream = server
        .exchange("GET /stream HTTP/1.0\r\nHost: h\r\n\r\n")
        .await;
    assert!(!stream.contains("transfer-encoding"), "{stream}");
    assert!(stream.ends_with("\r\n\r\nab"), "{stream}");
}

#[tokio::test]
async fn an_offer_of_http2_is_ignored() {
    let server = start(options(), show);
    let mut client = server.connect().await;
    let offer = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
        HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n";
    for _ in 0..2 {
        client.send(offer).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, "HTTP/1.1 200 OK");
        assert!(answer.text().contains("upgrade: h2c\n"));
        assert!(!answer.text().contains("http2-settings: "));
    }
}

#[tokio::test]
async fn a_host_policy_keeps_foreign_names_out() {
    let mut options = options();
    options.allowed_hosts = HostPolicy::LoopbackNames;
    let server = start(options, async |_| text("in"));
    let mut client = server.connect().await;
    for (host, status) in [
        ("localhost:8787", "HTTP/1.1 200 OK"),
        ("evil.example", "HTTP/1.1 403 Forbidden"),
        ("127.0.0.1", "HTTP/1.1 200 OK"),
    ] {
        client
            .send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"))
            .await;
        let answer = client.answer().await;
        assert_eq!(answer.status, status);
        if status.contains("403") {
            assert_eq!(
                answer.text(),
                "The host \"evil.example\" is not served here."
            );
        }
    }
}

#[tokio::test]
async fn every_listed_address_is_served() {
    let mut options = options();
    options.listen.push(([127, 0, 0, 1], 0).into());
    let gateway = cellhouse_gateway::Gateway::bind(options).unwrap();
    assert_eq!(gateway.local_addrs().len(), 2);
    assert_eq!(gateway.local_addr(), gateway.local_addrs()[0]);
    assert_ne!(gateway.local_addrs()[0], gateway.local_addrs()[1]);
    let addresses = gateway.local_addrs().to_vec();
    struct Hello;
    impl cellhouse_exchange::Handler for Hello {
        fn handle(&self, _: Request) -> cellhouse_exchange::HandlerFuture {
            Box::pin(async { text("hello") })
        }
    }
    let running = tokio::spawn(gateway.run(std::sync::Arc::new(Hello), std::future::pending()));
    for address in addresses {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        assert!(stream.nodelay().is_ok());
        let mut answer = String::new();
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        stream
            .write_all(b"GET / HTTP/1.0\r\nHost: h\r\n\r\n")
            .await
            .unwrap();
        soon(stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.ends_with("hello"));
    }
    running.abort();
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it() {
    let server = start(options(), async |_| text(""));
    let mut options = options();
    options.listen = vec![server.address];
    let error = cellhouse_gateway::Gateway::bind(options.clone()).unwrap_err();
    let text = format!("{} is already in use by another process", server.address);
    assert_eq!(error.to_string(), text);
    options.listen = vec![([192, 0, 2, 1], 0).into()];
    let error = cellhouse_gateway::Gateway::bind(options.clone()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "192.0.2.1:0 is not an address of this machine"
    );
    options.listen.clear();
    assert!(cellhouse_gateway::Gateway::bind(options).is_err());
}
