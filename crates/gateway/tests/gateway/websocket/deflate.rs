//! permessage-deflate on the wire: which frames are compressed, and what a client may send.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use super::*;

const ANSWER: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

fn offer(extensions: &str) -> String {
    ask(&format!(
        "Sec-WebSocket-Version: 13\r\n{KEY}Sec-WebSocket-Extensions: {extensions}\r\n"
    ))
}

/// A client that sends exact bytes, and what it was answered.
async fn agree(
    options: Options,
    extensions: &str,
) -> (Client, Option<String>, FrameSender, FrameReceiver, Running) {
    let (server, mut ends) = sockets(options);
    let mut client = server.connect().await;
    client.send(offer(extensions)).await;
    let head = client.head().await;
    let answer = head.header("sec-websocket-extensions").map(str::to_owned);
    let (to_client, from_client) = ends.recv().await.unwrap().split();
    (client, answer, to_client, from_client, server)
}

fn compressed(payload: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(payload.len() + 100);
    Compress::new(Compression::best(), false)
        .compress_vec(payload, &mut output, FlushCompress::Sync)
        .unwrap();
    output.truncate(output.len() - 4);
    output
}

fn decompressed(payload: &[u8], size: usize) -> Vec<u8> {
    let mut output = Vec::with_capacity(size + 1);
    let whole = [payload, &[0, 0, 0xFF, 0xFF]].concat();
    Decompress::new(false)
        .decompress_vec(&whole, &mut output, FlushDecompress::Sync)
        .unwrap();
    output
}

/// A frame, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0xFF);
            frame.extend((length as u64).to_be_bytes());
            if length <= 0xFFFF {
                frame.drain(2..8);
                frame[1] = 0xFE;
            }
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// The next frame of the server: its first byte and its payload.
async fn receive(client: &mut Client) -> (u8, Vec<u8>) {
    let head = client.take(2).await;
    let length = match head[1] {
        126 => u64::from(u16::from_be_bytes(client.take(2).await.try_into().unwrap())),
        127 => u64::from_be_bytes(client.take(8).await.try_into().unwrap()),
        length => u64::from(length),
    };
    (head[0], client.take(length as usize).await)
}

#[tokio::test]
async fn large_messages_are_compressed_each_by_itself() {
    let (mut client, answer, to_client, _app, _server) =
        agree(options(), "permessage-deflate; client_max_window_bits").await;
    assert_eq!(answer.as_deref(), Some(ANSWER));
    let text = "all work and no play ".repeat(1000);
    for _ in 0..2 {
        to_client.send(Frame::Text(text.clone())).unwrap();
        let (first, payload) = receive(&mut client).await;
        assert_eq!(first, 0xC1);
        assert!(payload.len() < text.len() / 20, "{}", payload.len());
        assert!(decompressed(&payload, text.len()) == text.as_bytes());
    }
    let bytes = Bytes::from(text.into_bytes());
    to_client.send(Frame::Binary(bytes.clone())).unwrap();
    let (first, payload) = receive(&mut client).await;
    assert_eq!(first, 0xC2);
    assert!(decompressed(&payload, bytes.len()) == bytes);
}

#[tokio::test]
async fn what_is_small_or_of_control_is_not_compressed() {
    let (mut client, _, to_client, _app, _server) = agree(options(), "permessage-deflate").await;
    let small = "x".repeat(1024);
    to_client.send(Frame::Text(small.clone())).unwrap();
    assert_eq!(receive(&mut client).await, (0x81, small.into_bytes()));
    to_client.send(Frame::Text("x".repeat(1025))).unwrap();
    assert_eq!(receive(&mut client).await.0, 0xC1);
    client.send(frame(0x89, b"ping")).await;
    assert_eq!(receive(&mut client).await, (0x8A, b"ping".to_vec()));
    to_client.send(close(1000, "")).unwrap();
    assert_eq!(receive(&mut client).await, (0x88, vec![0x03, 0xE8]));
}

#[tokio::test]
async fn a_smaller_window_is_kept() {
    let (mut client, answer, to_client, _app, _server) =
        agree(options(), "permessage-deflate; server_max_window_bits=9").await;
    let expected = format!("{ANSWER}; server_max_window_bits=9");
    assert_eq!(answer, Some(expected));
    let text = "all work and no play ".repeat(1000);
    to_client.send(Frame::Text(text.clone())).unwrap();
    let (first, payload) = receive(&mut client).await;
    assert_eq!(first, 0xC1);
    let mut output = Vec::with_capacity(text.len() + 1);
    let whole = [&payload[..], &[0, 0, 0xFF, 0xFF]].concat();
    Decompress::new_with_window_bits(false, 9)
        .decompress_vec(&whole, &mut output, FlushDecompress::Sync)
        .unwrap();
    assert!(output == text.as_bytes());
}

#[tokio::test]
async fn compressed_messages_are_read_also_in_fragments() {
    let (mut client, _, _to_client, mut app, _server) =
        agree(options(), "permessage-deflate").await;
    for text in ["", "hä", &"0123456789".repeat(50_000)] {
        let payload = compressed(text.as_bytes());
        client.send(frame(0xC1, &payload)).await;
        let received = soon(app.receive()).await;
        assert!(received == Some(Frame::Text(text.to_owned())));
        // Only the first frame says that the message is compressed; control frames may come between.
        let (a, b) = payload.split_at(payload.len() / 2);
        client.send(frame(0x42, a)).await;
        client.send(frame(0x89, b"")).await;
        client.send(frame(0x00, b"")).await;
        client.send(frame(0x80, b)).await;
        let received = soon(app.receive()).await;
        assert!(received == Some(Frame::Binary(text.as_bytes().to_vec().into())));
        client.send(frame(0x81, text.as_bytes())).await;
        let received = soon(app.receive()).await;
        assert!(received == Some(Frame::Text(text.to_owned())));
    }
}

#[tokio::test]
async fn a_message_may_grow_to_the_limit_and_no_further() {
    let small = websocket(WebSocketOptions {
        max_message_bytes: 100_000,
        ..WebSocketOptions::default()
    });
    let (mut client, _, _to_client, mut app, _server) = agree(small, "permessage-deflate").await;
    let limit = vec![b'x'; 100_000];
    client.send(frame(0xC2, &compressed(&limit))).await;
    assert!(soon(app.receive()).await == Some(Frame::Binary(limit.into())));
    let bomb = compressed(&vec![0; 100_001]);
    assert!(bomb.len() < 1000);
    client.send(frame(0xC2, &bomb)).await;
    let (first, payload) = receive(&mut client).await;
    assert_eq!((first, &payload[..2]), (0x88, &1009_u16.to_be_bytes()[..]));
    assert_eq!(soon(app.receive()).await, None);
}

#[tokio::test]
async fn violations_are_told_their_code() {
    let hello = compressed(b"Hello");
    let table: [(&str, Vec<u8>, u16); 7] = [
        ("not agreed on", frame(0xC1, &hello), 1002),
        ("control", frame(0xC9, b""), 1002),
        (
            "later fragment",
            [frame(0x41, &hello), frame(0xC0, b"")].concat(),
            1002,
        ),
        ("other bits", frame(0xA1, &hello), 1002),
        ("malformed", frame(0xC1, &[0xFF; 8]), 1007),
        ("not UTF-8", frame(0xC1, &compressed(b"\xff")), 1007),
        (
            "beyond what was sent",
            frame(0xC1, &[0xf2, 0x00, 0x11, 0x00, 0x00]),
            1007,
        ),
    ];
    for (what, bytes, code) in table {
        let extensions = match what {
            "not agreed on" => "other",
            _ => "permessage-deflate",
        };
        let (mut client, _, _to_client, mut app, _server) = agree(options(), extensions).await;
        client.send(&bytes).await;
        let (first, payload) = receive(&mut client).await;
        assert_eq!(first, 0x88, "{what}");
        assert_eq!(payload[..2], code.to_be_bytes(), "{what}");
        assert_eq!(soon(app.receive()).await, None, "{what}");
    }
}

#[tokio::test]
async fn the_app_and_the_options_can_turn_it_off() {
    let server = start(options(), async |request: Request| {
        let mut response = upgrade(&request, WebSocketEnd::pair().0);
        let wants = match request.url.rsplit('/').next().unwrap() {
            "off" => "",
            _ => "permessage-deflate; server_max_window_bits=15",
        };
        let wants = HeaderValue::from_static(wants);
        response.headers.insert("sec-websocket-extensions", wants);
        response
    });
    let valid = offer("permessage-deflate");
    for (path, expected) in [("off", None), ("on", Some(ANSWER))] {
        let mut client = server.connect().await;
        client
            .send(valid.replace("GET /", &format!("GET /{path}")))
            .await;
        let head = client.head().await;
        assert_eq!(head.header("sec-websocket-extensions"), expected);
    }
    let off = websocket(WebSocketOptions {
        compress_above: None,
        ..WebSocketOptions::default()
    });
    let (mut client, answer, to_client, _app, _server) = agree(off, "permessage-deflate").await;
    assert_eq!(answer, None);
    to_client.send(Frame::Text("x".repeat(2000))).unwrap();
    assert_eq!(receive(&mut client).await.0, 0x81);
}
