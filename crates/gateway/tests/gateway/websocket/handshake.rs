//! The opening handshake, and what surrounds it.

use super::*;

#[tokio::test]
async fn the_handshake_is_that_of_the_rfc() {
    let (server, _ends) = sockets(options());
    let mut client = server.connect().await;
    let headers = format!(
        "Sec-WebSocket-Version: 13\r\n{KEY}Sec-WebSocket-Protocol: chat, superchat\r\n\
         Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n"
    );
    client.send(ask(&headers)).await;
    let answer = client.head().await;
    assert_eq!(answer.status, "HTTP/1.1 101 Switching Protocols");
    assert_eq!(
        answer.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert_eq!(answer.header("connection"), Some("Upgrade"));
    assert_eq!(answer.header("sec-websocket-protocol"), Some("chat"));
    assert_eq!(answer.header("sec-websocket-extensions"), None);
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.header("transfer-encoding"), None);
}

#[tokio::test]
async fn bad_handshakes_are_refused() {
    let (server, mut ends) = sockets(options());
    let mut client = server.connect().await;
    client.send(ask(KEY)).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 426 Upgrade Required");
    assert_eq!(answer.header("sec-websocket-version"), Some("13"));
    client
        .send(ask(&format!("Sec-WebSocket-Version: 12\r\n{KEY}")))
        .await;
    assert!(client.answer().await.status.contains(" 426 "));
    client.send(ask("Sec-WebSocket-Version: 13\r\n")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 400 Bad Request");
    assert!(answer.text().contains("Sec-WebSocket-Key"));
    assert!(ends.try_recv().is_err());
}

#[tokio::test]
async fn an_app_may_answer_as_it_likes() {
    let server = start(options(), async |request: Request| {
        let mut response = text("no socket for you");
        match request.url.rsplit('/').next().unwrap() {
            "101" => response.status = 101,
            "socket" => response.web_socket = Some(WebSocketEnd::pair().0),
            "both" => {
                response.status = 101;
                response.web_socket = Some(WebSocketEnd::pair().0);
            }
            _ => assert_eq!(request.headers["upgrade"], "websocket"),
        }
        response
    });
    let mut client = server.connect().await;
    let valid = ask(&format!("Sec-WebSocket-Version: 13\r\n{KEY}"));
    client.send(&valid).await;
    assert_eq!(client.answer().await.text(), "no socket for you");
    client.send(valid.replace("GET /", "GET /101")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 500 Internal Server Error");
    assert_eq!(
        answer.text(),
        "The app answered 101 (Switching Protocols) without a WebSocket."
    );
    client.send(valid.replace("GET /", "GET /socket")).await;
    assert_eq!(
        client.answer().await.text(),
        "The app answered with a WebSocket, but with status 200 instead of 101."
    );
    client.send(get("/both")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, "HTTP/1.1 500 Internal Server Error");
    assert!(answer.text().contains("does not ask for a WebSocket"));
}

#[tokio::test]
async fn what_follows_the_handshake_at_once_is_not_lost() {
    let (server, mut ends) = sockets(options());
    let mut client = server.connect().await;
    let hello = [
        0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
    ];
    let head = ask(&format!("Sec-WebSocket-Version: 13\r\n{KEY}"));
    client.send([head.as_bytes(), &hello].concat()).await;
    let (_to_client, mut from_client) = ends.recv().await.unwrap().split();
    let frame = soon(from_client.receive()).await;
    assert_eq!(frame, Some(Frame::Text("Hello".to_owned())));
}

#[tokio::test]
async fn what_the_app_sent_before_it_answered_is_not_lost() {
    let server = start(options(), async |request: Request| {
        let (ours, theirs) = WebSocketEnd::pair();
        let (sender, _receiver) = ours.split();
        sender.send(Frame::Text("early".to_owned())).unwrap();
        sender.send(close(4000, "done")).unwrap();
        upgrade(&request, theirs)
    });
    let mut client = open(&server).await;
    let first = soon(client.next()).await.unwrap().unwrap();
    assert_eq!(first, Message::text("early"));
    let second = soon(client.next()).await.unwrap().unwrap();
    assert_eq!(second, close_frame(4000, "done"));
}
