use bytes::BufMut;
use proptest::prelude::*;

use super::super::frame::write_header;
use super::*;

const LIMIT: usize = 1000;

/// A frame as a client sends it.
fn frame(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    write_header(&mut bytes, Opcode::Text, false, payload.len());
    bytes[0] = first;
    bytes[1] |= 0x80;
    bytes.put_slice(&mask);
    let mut masked = payload.to_vec();
    for (index, byte) in masked.iter_mut().enumerate() {
        *byte ^= mask[index % 4];
    }
    bytes.put_slice(&masked);
    bytes.to_vec()
}

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, payload, [0x37, 0xfa, 0x21, 0x3d])
}

/// All messages of `bytes`, fed in pieces, and the violation that ended them.
fn decode(bytes: &[u8], piece: usize) -> (Vec<Message>, Option<Violation>) {
    decode_with(Decoder::new(LIMIT, None), bytes, piece)
}

fn decode_with(
    mut decoder: Decoder,
    bytes: &[u8],
    piece: usize,
) -> (Vec<Message>, Option<Violation>) {
    let mut input = BytesMut::new();
    let mut messages = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(violation) => return (messages, Some(violation)),
            }
        }
        assert!(decoder.wanted() > input.len());
    }
    (messages, None)
}

fn text(text: &str) -> Message {
    Message::Text(text.to_owned())
}

#[test]
fn the_example_of_the_rfc_is_read() {
    let hello = [
        0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
    ];
    for piece in 1..=hello.len() {
        assert_eq!(decode(&hello, piece), (vec![text("Hello")], None));
    }
}

#[test]
fn fragments_are_joined_around_control_frames() {
    let bytes = [
        masked(0x01, "hä".as_bytes()[..2].as_ref()),
        masked(0x89, b"ping"),
        masked(0x00, "hä".as_bytes()[2..].as_ref()),
        masked(0x8A, b""),
        masked(0x80, b"!"),
        masked(0x02, b"\xff"),
        masked(0x80, b""),
        masked(0x82, b""),
        masked(0x88, b""),
        masked(0x88, b"\x03\xe8bye"),
    ]
    .concat();
    let expected = vec![
        Message::Ping(Bytes::from_static(b"ping")),
        Message::Pong,
        text("hä!"),
        Message::Binary(Bytes::from_static(b"\xff")),
        Message::Binary(Bytes::new()),
        Message::Close(None),
        Message::Close(Some((1000, "bye".to_owned()))),
    ];
    for piece in [1, 2, 3, 7, 1000] {
        assert_eq!(decode(&bytes, piece), (expected.clone(), None), "{piece}");
    }
}

#[test]
fn violations_have_their_code() {
    let mut unmasked = masked(0x81, b"");
    unmasked[1] = 0;
    let table: Vec<(Vec<u8>, u16)> = vec![
        (unmasked, 1002),
        (masked(0xC1, b""), 1002),
        (masked(0xA1, b""), 1002),
        (masked(0x91, b""), 1002),
        (masked(0x83, b""), 1002),
        (masked(0x8B, b""), 1002),
        (masked(0x09, b""), 1002),
        (masked(0x89, &[0; 126]), 1002),
        (masked(0x80, b""), 1002),
        ([masked(0x01, b"a"), masked(0x81, b"b")].concat(), 1002),
        (masked(0x88, b"\x03"), 1002),
        (masked(0x88, b"\x03\xe7"), 1002),
        (masked(0x88, b"\x03\xed"), 1002),
        (masked(0x88, b"\x0b\xb7"), 1002),
        (masked(0x88, b"\x13\x88"), 1002),
        (masked(0x88, b"\x03\xe8\xff"), 1007),
        (masked(0x81, b"\xff"), 1007),
        (masked(0x81, b"\xe2\x82"), 1007),
        (masked(0x01, b"\xff"), 1007),
        (
            [masked(0x01, b"\xe2"), masked(0x80, b"\x82")].concat(),
            1007,
        ),
        (masked(0x82, &[0; LIMIT + 1]), 1009),
        (
            [masked(0x02, &[0; LIMIT]), masked(0x00, &[0])].concat(),
            1009,
        ),
        // Lengths that are not as short as they could be, or have the highest bit set.
        (vec![0x82, 0xFE, 0, 125], 1002),
        (vec![0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 1002),
        (vec![0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002),
    ];
    for (bytes, code) in table {
        let (_, violation) = decode(&bytes, bytes.len());
        let found = violation.map(Violation::code);
        assert_eq!(found, Some(code), "{bytes:02x?}: {violation:?}");
    }
}

#[test]
fn a_size_is_refused_before_it_is_received() {
    let header = [0x82, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    let (_, violation) = decode(&header, 1);
    assert_eq!(violation, Some(Violation::TooBig(LIMIT)));
    assert_eq!(decode(&masked(0x82, &[1; LIMIT]), 100).1, None);
}

proptest! {
    #[test]
    fn messages_survive_fragments_and_pieces(
        payloads in prop::collection::vec((any::<bool>(), "\\PC{0,80}", prop::collection::vec(1usize..20, 0..5)), 1..6),
        mask in any::<[u8; 4]>(),
        piece in 1usize..40,
    ) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (is_text, payload, cuts) in payloads {
            let mut rest = payload.as_bytes();
            let mut first = if is_text { 0x01 } else { 0x02 };
            for cut in cuts {
                let (part, more) = rest.split_at(cut.min(rest.len()));
                bytes.extend(frame(first, part, mask));
                (rest, first) = (more, 0x00);
            }
            bytes.extend(frame(first | 0x80, rest, mask));
            expected.push(match is_text {
                true => Message::Text(payload),
                false => Message::Binary(payload.into_bytes().into()),
            });
        }
        prop_assert_eq!(decode(&bytes, piece), (expected, None));
    }

    #[test]
    fn any_bytes_are_messages_or_a_violation(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let whole = decode(&bytes, bytes.len());
        prop_assert_eq!(decode(&bytes, 1), whole);
    }

    #[test]
    fn a_mask_that_is_put_on_comes_off(payload in prop::collection::vec(any::<u8>(), 0..40), mask in any::<[u8; 4]>()) {
        let mut masked = payload.clone();
        unmask(&mut masked, mask);
        for (index, byte) in payload.iter().enumerate() {
            prop_assert_eq!(masked[index], byte ^ mask[index % 4]);
        }
    }
}

mod compressed {
    use std::sync::Arc;

    use http::HeaderMap;
    use http::header::{HeaderValue, SEC_WEBSOCKET_EXTENSIONS};

    use super::super::super::deflate::{Agreement, Codecs};
    use super::*;
    use crate::options::WebSocketOptions;

    fn deflate() -> Deflate {
        let offer = HeaderValue::from_static("permessage-deflate");
        let headers = HeaderMap::from_iter([(SEC_WEBSOCKET_EXTENSIONS, offer)]);
        let agreement = Agreement::accept(&headers, &WebSocketOptions::default()).unwrap();
        Deflate::new(&Arc::new(Codecs::default()), agreement, 0)
    }

    proptest! {
        #[test]
        fn messages_survive_compression_fragments_and_pieces(
            payloads in prop::collection::vec(("[ab]{0,300}|\\PC{0,20}", prop::collection::vec(0usize..20, 0..5)), 1..6),
            mask in any::<[u8; 4]>(),
            piece in 1usize..40,
        ) {
            let deflate = deflate();
            let mut bytes = Vec::new();
            let mut expected = Vec::new();
            for (payload, cuts) in payloads {
                let compressed = deflate.compress(payload.as_bytes());
                let plain = Bytes::copy_from_slice(payload.as_bytes());
                let mut first = if compressed.is_some() { 0x41 } else { 0x01 };
                let wire = compressed.unwrap_or(plain);
                let mut rest = &wire[..];
                for cut in cuts {
                    let (part, more) = rest.split_at(cut.min(rest.len()));
                    bytes.extend(frame(first, part, mask));
                    (rest, first) = (more, 0x00);
                }
                bytes.extend(frame(first | 0x80, rest, mask));
                expected.push(Message::Text(payload));
            }
            let decoder = Decoder::new(LIMIT, Some(deflate));
            prop_assert_eq!(decode_with(decoder, &bytes, piece), (expected, None));
        }

        #[test]
        fn any_bytes_are_messages_or_a_violation(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let decoder = || Decoder::new(LIMIT, Some(deflate()));
            let whole = decode_with(decoder(), &bytes, bytes.len());
            prop_assert_eq!(decode_with(decoder(), &bytes, 1), whole);
        }
    }

    #[test]
    fn the_limit_is_that_of_the_whole_message() {
        let deflate = deflate();
        let table = [(LIMIT, None), (LIMIT + 1, Some(Violation::TooBig(LIMIT)))];
        for (size, violation) in table {
            let wire = deflate.compress(&vec![b'x'; size]).unwrap();
            let decoder = Decoder::new(LIMIT, Some(deflate.clone()));
            let (_, found) = decode_with(decoder, &masked(0xC1, &wire), 7);
            assert_eq!(found, violation, "{size}");
        }
        // What is larger than any message of the limit can be is not received to its end.
        let header = [0xC2, 0xFE, 0x05, 0x00, 1, 2, 3, 4];
        let decoder = Decoder::new(LIMIT, Some(deflate));
        assert_eq!(
            decode_with(decoder, &header, 1).1,
            Some(Violation::TooBig(LIMIT))
        );
    }
}
