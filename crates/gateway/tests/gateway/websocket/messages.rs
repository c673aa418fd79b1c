//! Messages both ways, at the pace of the slower side.

use cellhouse_exchange::{MAX_QUEUED_BYTES, SendError};

use super::*;

#[tokio::test]
async fn messages_go_both_ways() {
    let mut pair = pair(options()).await;
    for size in [0, 1, 125, 126, 8192, 8193, 65_535, 65_536, 3_000_000] {
        let string = "ä".repeat(size / 2);
        let bytes = Bytes::from(vec![size as u8; size]);
        pair.client.send(Message::text(&*string)).await.unwrap();
        assert!(pair.app_receives().await == Some(Frame::Text(string.clone())));
        pair.client
            .send(Message::binary(bytes.clone()))
            .await
            .unwrap();
        assert!(pair.app_receives().await == Some(Frame::Binary(bytes.clone())));
        pair.to_client.send(Frame::Text(string.clone())).unwrap();
        pair.to_client.send(Frame::Binary(bytes.clone())).unwrap();
        assert!(pair.client_receives().await == Message::text(string));
        assert!(pair.client_receives().await == Message::binary(bytes));
    }
}

#[tokio::test]
async fn pings_are_answered() {
    let mut pair = pair(options()).await;
    pair.client
        .send(Message::Ping(Bytes::from_static(b"are you there?")))
        .await
        .unwrap();
    let pong = pair.client_receives().await;
    assert_eq!(pong, Message::Pong(Bytes::from_static(b"are you there?")));
    pair.client.send(Message::text("after")).await.unwrap();
    assert_eq!(pair.app_receives().await, Some(Frame::Text("after".into())));
}

#[tokio::test]
async fn a_message_of_the_limit_passes_and_one_beyond_does_not() {
    let mut pair = pair(options()).await;
    let limit = 32 << 20;
    let message = Bytes::from(vec![b'x'; limit]);
    let (mut sender, mut receiver) = pair.client.split();
    let sent = message.clone();
    let sending = tokio::spawn(async move {
        sender.send(Message::binary(sent)).await.unwrap();
        let beyond = Bytes::from(vec![b'x'; limit + 1]);
        let _cut_off = sender.send(Message::binary(beyond)).await;
    });
    let received = soon(pair.from_client.receive()).await;
    assert!(received == Some(Frame::Binary(message)));
    let close = soon(receiver.next()).await.unwrap().unwrap();
    let Message::Close(Some(close)) = close else {
        panic!("{close:?}");
    };
    assert_eq!(u16::from(close.code), 1009);
    assert_eq!(soon(pair.from_client.receive()).await, None);
    sending.abort();
}

#[tokio::test]
async fn a_client_is_read_no_faster_than_the_app_receives() {
    let Pair {
        client,
        to_client: _to_client,
        mut from_client,
        server: _server,
    } = pair(options()).await;
    let sent = Counter::default();
    let counter = sent.clone();
    let (mut sender, receiver) = client.split();
    let sending = tokio::spawn(async move {
        let message = Bytes::from(vec![b'x'; 64 << 10]);
        loop {
            sender.send(Message::binary(message.clone())).await.unwrap();
            counter.add();
        }
    });
    let ahead = sent.settles().await;
    // 1 MiB in the queue, and what the sockets' own buffers take.
    assert!(ahead < 320, "{} MiB were taken for nobody", ahead / 16);
    for _ in 0..2 * ahead {
        let frame = soon(from_client.receive()).await;
        assert!(matches!(frame, Some(Frame::Binary(_))));
    }
    assert!(sent.get() > ahead);
    sending.abort();
    drop(receiver);
    while soon(from_client.receive()).await.is_some() {}
}

#[tokio::test]
async fn the_apps_messages_wait_in_its_queue_for_a_slow_client() {
    let mut pair = pair(options()).await;
    let message = Bytes::from(vec![b'x'; 64 << 10]);
    for _ in 0..512 {
        pair.to_client.send(Frame::Binary(message.clone())).unwrap();
    }
    tokio::time::sleep(SHORT * 3).await;
    assert!(pair.to_client.queued_bytes() > 8 << 20);
    for _ in 0..512 {
        let received = pair.client_receives().await;
        assert!(received == Message::binary(message.clone()));
    }
    assert_eq!(pair.to_client.queued_bytes(), 0);
}

#[tokio::test]
async fn a_slow_client_is_closed_once_too_much_waits_for_it() {
    let mut pair = pair(options()).await;
    let message = Bytes::from(vec![b'x'; 1 << 20]);
    let mut sent = 0;
    let overflow = loop {
        match pair.to_client.send(Frame::Binary(message.clone())) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(overflow, SendError::Overflow);
    assert!(pair.to_client.queued_bytes() <= MAX_QUEUED_BYTES);
    // What is told in the end, too, by the runtime.
    pair.to_client.send(close(1011, "too slow")).unwrap();
    for _ in 0..sent {
        assert!(pair.client_receives().await == Message::binary(message.clone()));
    }
    assert_eq!(pair.client_receives().await, close_frame(1011, "too slow"));
    pair.client_is_closed().await;
    assert_eq!(pair.app_receives().await, Some(close(1011, "too slow")));
}

#[tokio::test]
async fn a_frame_of_40_mb_ends_its_own_socket_alone() {
    let (server, mut ends) = sockets(options());
    let mut other = open(&server).await;
    let (to_other, mut from_other) = ends.recv().await.unwrap().split();
    let client = open(&server).await;
    let (to_client, mut from_client) = ends.recv().await.unwrap().split();
    let (mut sender, mut receiver) = client.split();
    let sending = tokio::spawn(async move {
        let huge = Bytes::from(vec![b'x'; 40_000_000]);
        let _cut_off = sender.send(Message::binary(huge)).await;
    });
    let answer = soon(receiver.next()).await.unwrap().unwrap();
    assert!(matches!(answer, Message::Close(Some(close)) if u16::from(close.code) == 1009));
    assert_eq!(soon(from_client.receive()).await, None);
    until(|| to_client.is_closed()).await;
    sending.abort();

    other.send(Message::text("still there?")).await.unwrap();
    let question = Frame::Text("still there?".into());
    assert_eq!(soon(from_other.receive()).await, Some(question));
    to_other.send(Frame::Text("yes".into())).unwrap();
    let answer = soon(other.next()).await.unwrap().unwrap();
    assert_eq!(answer, Message::text("yes"));
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let mut options = options();
    options.write_timeout = SHORT * 2;
    let mut pair = pair(options).await;
    let message = Bytes::from(vec![b'x'; 32 << 20]);
    pair.to_client.send(Frame::Binary(message)).unwrap();
    assert_eq!(pair.app_receives().await, None);
}

#[tokio::test]
async fn many_sockets_at_once() {
    let server = start(options(), async |request: Request| {
        let (ours, theirs) = WebSocketEnd::pair();
        let (sender, mut receiver) = ours.split();
        tokio::spawn(async move {
            while let Some(frame) = receiver.receive().await {
                sender.send(frame).unwrap();
            }
        });
        upgrade(&request, theirs)
    });
    let clients = (0..50).map(|number| {
        let server = &server;
        async move {
            let mut client = open(server).await;
            for round in 0..20 {
                let message = Message::text(format!("{number} {round}"));
                client.send(message.clone()).await.unwrap();
                assert_eq!(client.next().await.unwrap().unwrap(), message);
            }
            client.close(None).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), Message::Close(None));
        }
    });
    soon(futures_util::future::join_all(clients)).await;
}
