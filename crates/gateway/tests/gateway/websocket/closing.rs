//! Every way in which a WebSocket ends.

use super::*;

#[tokio::test]
async fn silent_clients_are_pinged() {
    let options = websocket(WebSocketOptions {
        ping_interval: Some(SHORT),
        ..WebSocketOptions::default()
    });
    let mut pair = pair(options).await;
    for _ in 0..5 {
        // The answer is sent by the client with its next read.
        let ping = pair.client_receives().await;
        assert!(matches!(ping, Message::Ping(_)), "{ping:?}");
    }
    // A client that does not read does not answer.
    assert_eq!(pair.app_receives().await, None);
    pair.client_is_closed().await;
}

#[tokio::test]
async fn the_client_closes_and_the_app_answers() {
    let mut pair = pair(options()).await;
    pair.client.send(close_frame(4001, "enough")).await.unwrap();
    assert_eq!(pair.app_receives().await, Some(close(4001, "enough")));
    // Nothing is said before the app does.
    assert!(
        tokio::time::timeout(SHORT, pair.client.next())
            .await
            .is_err()
    );
    pair.to_client.send(Frame::Text("last".into())).unwrap();
    pair.to_client.send(close(4002, "bye")).unwrap();
    assert_eq!(pair.client_receives().await, Message::text("last"));
    assert_eq!(pair.client_receives().await, close_frame(4002, "bye"));
    pair.client_is_closed().await;
    assert_eq!(pair.app_receives().await, None);
}

#[tokio::test]
async fn the_client_closes_without_a_code() {
    let mut pair = pair(options()).await;
    pair.client.send(Message::Close(None)).await.unwrap();
    assert_eq!(pair.app_receives().await, Some(close(None, "")));
    pair.to_client.send(close(None, "unsaid")).unwrap();
    assert_eq!(pair.client_receives().await, Message::Close(None));
    pair.client_is_closed().await;
}

#[tokio::test]
async fn a_close_frame_that_the_app_does_not_answer_is_answered_for_it() {
    let options = websocket(WebSocketOptions {
        close_timeout: SHORT,
        ..WebSocketOptions::default()
    });
    let mut pair = pair(options).await;
    pair.client.send(close_frame(4001, "enough")).await.unwrap();
    assert_eq!(pair.client_receives().await, close_frame(4001, "enough"));
    assert_eq!(pair.app_receives().await, Some(close(4001, "enough")));
    assert_eq!(pair.app_receives().await, None);
}

#[tokio::test]
async fn a_close_frame_is_answered_at_once_for_an_app_that_has_gone() {
    let Pair {
        mut client,
        to_client,
        mut from_client,
        server: _server,
    } = pair(options()).await;
    client.send(close_frame(1000, "")).await.unwrap();
    assert_eq!(soon(from_client.receive()).await, Some(close(1000, "")));
    drop((to_client, from_client));
    let answer = soon(client.next()).await.unwrap().unwrap();
    assert_eq!(answer, close_frame(1000, ""));
}

#[tokio::test]
async fn the_app_closes_and_the_client_answers() {
    let mut pair = pair(options()).await;
    pair.to_client.send(close(4003, "over")).unwrap();
    // tungstenite answers by itself.
    assert_eq!(pair.client_receives().await, close_frame(4003, "over"));
    assert_eq!(soon(pair.client.next()).await.map(|_| ()), None);
    assert_eq!(pair.app_receives().await, Some(close(4003, "over")));
    assert_eq!(pair.app_receives().await, None);
}

#[tokio::test]
async fn a_message_that_crosses_the_apps_close_frame_arrives() {
    let mut pair = pair(options()).await;
    pair.to_client.send(close(1000, "")).unwrap();
    pair.client.send(Message::text("crossing")).await.unwrap();
    assert_eq!(
        pair.app_receives().await,
        Some(Frame::Text("crossing".into()))
    );
    assert_eq!(pair.client_receives().await, close_frame(1000, ""));
    let _closed = soon(pair.client.next()).await;
    assert_eq!(pair.app_receives().await, Some(close(1000, "")));
}

#[tokio::test]
async fn a_client_that_does_not_answer_a_close_frame_is_left() {
    let options = websocket(WebSocketOptions {
        close_timeout: SHORT,
        ..WebSocketOptions::default()
    });
    let mut pair = pair(options).await;
    pair.to_client.send(close(1000, "")).unwrap();
    assert_eq!(pair.app_receives().await, None);
}

#[tokio::test]
async fn close_codes_and_reasons_of_the_app_are_made_fit() {
    let mut pair = pair(options()).await;
    pair.to_client.send(close(1000, &"ä".repeat(100))).unwrap();
    let expected = close_frame(1000, &"ä".repeat(61));
    assert_eq!(pair.client_receives().await, expected);
    let mut pair = self::pair(options()).await;
    pair.to_client.send(close(1005, "no code")).unwrap();
    assert_eq!(pair.client_receives().await, Message::Close(None));
}

#[tokio::test]
async fn a_client_that_vanishes_is_an_abnormal_end() {
    for reset in [false, true] {
        let mut pair = pair(options()).await;
        pair.client.send(Message::text("last")).await.unwrap();
        assert_eq!(pair.app_receives().await, Some(Frame::Text("last".into())));
        if reset {
            pair.client.get_ref().set_zero_linger().unwrap();
        }
        drop(pair.client);
        assert_eq!(soon(pair.from_client.receive()).await, None);
        until(|| pair.to_client.is_closed()).await;
    }
}

#[tokio::test]
async fn an_app_that_vanishes_is_an_abnormal_end() {
    let mut pair = pair(options()).await;
    pair.to_client.send(Frame::Text("last".into())).unwrap();
    drop((pair.to_client, pair.from_client));
    let last = soon(pair.client.next()).await.unwrap().unwrap();
    assert_eq!(last, Message::text("last"));
    let end = soon(pair.client.next()).await.unwrap();
    assert!(end.is_err(), "{end:?}");
}

#[tokio::test]
async fn violations_are_told_their_code() {
    let small = || {
        websocket(WebSocketOptions {
            max_message_bytes: 100,
            ..WebSocketOptions::default()
        })
    };
    // Masked with zeros.
    let table: [(&[u8], u16); 5] = [
        (b"\x81\x01x", 1002),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x81\x81\0\0\0\0\xff", 1007),
        (b"\x82\xfe\x00\x7e\0\0\0\0", 1009),
        (b"\x88\x82\0\0\0\0\x03\xec", 1002),
    ];
    for (bytes, code) in table {
        let (mut client, _to_client, mut from_client, _server) = raw(small()).await;
        client.send(bytes).await;
        let head = client.take(4).await;
        assert_eq!(head[0], 0x88, "{bytes:02x?}");
        assert_eq!(u16::from_be_bytes([head[2], head[3]]), code);
        let reason = client.take(usize::from(head[1]) - 2).await;
        assert!(!reason.is_empty());
        assert_eq!(client.rest().await, "");
        assert_eq!(soon(from_client.receive()).await, None, "{bytes:02x?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_that_vanishes_while_it_is_not_read_is_noticed() {
    let mut pair = pair(options()).await;
    let message = Bytes::from(vec![b'x'; 2 << 20]);
    pair.client.send(Message::binary(message)).await.unwrap();
    tokio::time::sleep(SHORT).await;
    assert!(!pair.to_client.is_closed());
    drop(pair.client);
    until(|| pair.to_client.is_closed()).await;
}

#[tokio::test]
async fn a_shutdown_tells_both_sides() {
    let mut pair = pair(options()).await;
    pair.server.begin_shutdown();
    let reason = "the server is shutting down";
    assert_eq!(pair.app_receives().await, Some(close(1001, reason)));
    assert_eq!(pair.client_receives().await, close_frame(1001, reason));
    let _closed = soon(pair.client.next()).await;
    assert_eq!(pair.app_receives().await, None);
    let summary = pair.server.summary().await;
    assert_eq!((summary.drained, summary.aborted), (1, 0));
}
