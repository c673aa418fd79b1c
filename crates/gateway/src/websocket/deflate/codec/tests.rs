use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 20;

fn round_trip(payload: &[u8], window_bits: u8) -> Option<usize> {
    let codecs = Codecs::default();
    let compressed = codecs.compress(payload, window_bits)?;
    assert!(compressed.len() < payload.len());
    let found = codecs.decompress(&compressed, payload.len()).unwrap();
    assert!(found == payload);
    let refused = codecs.decompress(&compressed, payload.len() - 1);
    assert_eq!(refused, Err(Violation::TooBig(payload.len() - 1)));
    // A reader with no larger window than was agreed on.
    let mut small = Decompress::new_with_window_bits(false, window_bits.max(9));
    let read = decompress(&mut small, &compressed, payload.len()).unwrap();
    assert!(read == payload);
    Some(compressed.len())
}

fn decompressed(bytes: &[u8]) -> Result<Vec<u8>, Violation> {
    Codecs::default().decompress(bytes, LIMIT)
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let bytes = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    });
    bytes.take(length).collect()
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    // RFC 7692, 7.2.3: one block, no compression, BFINAL set, two blocks.
    let table: [&[u8]; 4] = [
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
        &[
            0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
        ],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        &[
            0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ],
    ];
    for bytes in table {
        assert_eq!(decompressed(bytes).unwrap(), b"Hello", "{bytes:02x?}");
    }
    assert_eq!(decompressed(&[0x00]).unwrap(), b"");
    assert_eq!(decompressed(&[]).unwrap(), b"");
    // Without the byte that the RFC wants after a final block.
    let final_only = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(decompressed(&final_only).unwrap(), b"Hello");
}

#[test]
fn messages_do_not_know_each_other() {
    // The second "Hello" of RFC 7692, 7.2.3.2, refers to the first message.
    let codecs = Codecs::default();
    let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let second = [0xf2, 0x00, 0x11, 0x00, 0x00];
    assert_eq!(codecs.decompress(&first, LIMIT).unwrap(), b"Hello");
    let refused = codecs.decompress(&second, LIMIT);
    assert_eq!(refused, Err(Violation::Compression));
    assert_eq!(codecs.decompress(&first, LIMIT).unwrap(), b"Hello");
    let text = "the same text twice ".repeat(100);
    let once = codecs.compress(text.as_bytes(), 15);
    assert_eq!(codecs.compress(text.as_bytes(), 15), once);
}

#[test]
fn a_small_message_cannot_become_a_huge_one() {
    let codecs = Codecs::default();
    let bomb = codecs.compress(&vec![0; 16 << 20], 15).unwrap();
    assert!(bomb.len() < LIMIT, "{}", bomb.len());
    let refused = codecs.decompress(&bomb, LIMIT);
    assert_eq!(refused, Err(Violation::TooBig(LIMIT)));
    assert_eq!(
        codecs.decompress(&bomb, 0),
        Err(Violation::TooBig(0)),
        "and not with a limit of nothing"
    );
    let mut decompressor = Decompress::new(false);
    let mut output = Vec::new();
    expand(&mut decompressor, &bomb, &mut output, LIMIT).unwrap_err();
    assert!(output.capacity() <= LIMIT + 1);
}

#[test]
fn what_does_not_get_smaller_is_sent_as_it_is() {
    for length in [1025, 5000, PROBE_BYTES, PROBE_BYTES + 1, 400_000] {
        for bits in 8..=15 {
            assert_eq!(round_trip(&noise(length), bits), None, "{length} {bits}");
        }
    }
}

#[test]
fn large_messages_come_back_whole() {
    let mixed = [vec![b'x'; 500_000], noise(100_000), vec![b'y'; 900_000]].concat();
    for bits in 8..=15 {
        round_trip(&mixed, bits).unwrap();
    }
    let text: String = (0..100_000).map(|number| format!("{number},")).collect();
    for bits in 9..=15 {
        let size = round_trip(text.as_bytes(), bits).unwrap();
        assert!(
            size < text.len() * 3 / 4,
            "{bits}: {size} of {}",
            text.len()
        );
    }
}

/// At level 1, reset() of zlib-rs 0.6 takes a block for open that was begun before. Found by npm's `ws`.
#[test]
fn a_message_that_was_given_up_leaves_nothing_behind() {
    let text = b"lorem ipsum dolor ".repeat(1000);
    for level in 1..=9 {
        let mut compressor = Compress::new(Compression::new(level), false);
        let expected = compress(&mut compressor, &text, 15).unwrap().unwrap();
        for more in 0..4 {
            let given_up = compress(&mut compressor, &noise(PROBE_BYTES * 2 + more), 15);
            assert_eq!(given_up.unwrap(), None);
            let found = compress(&mut compressor, &text, 15).unwrap();
            assert!(found.as_ref() == Some(&expected), "level {level}");
        }
    }
}

#[test]
fn compressors_are_used_again() {
    let codecs = Codecs::default();
    for _ in 0..3 {
        let compressed = codecs.compress(&[7; 5000], 15).unwrap();
        codecs.decompress(&[0xFF; 9], LIMIT).unwrap_err();
        codecs.decompress(&compressed, 4999).unwrap_err();
        codecs.decompress(&compressed, LIMIT).unwrap();
    }
    assert_eq!(codecs.compressors.lock().len(), 1);
    assert_eq!(codecs.decompressors.lock().len(), 1);
}

proptest! {
    #[test]
    fn any_message_comes_back(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), 1usize..400), 1..30),
        window_bits in 8u8..=15,
    ) {
        let mut payload = Vec::new();
        for (piece, times) in pieces {
            payload.extend(piece.repeat(times));
        }
        round_trip(&payload, window_bits);
    }

    #[test]
    fn any_bytes_are_a_message_or_a_violation(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        match decompressed(&bytes) {
            Ok(output) => prop_assert!(output.len() <= LIMIT),
            Err(violation) => prop_assert!(matches!(violation, Violation::Compression | Violation::TooBig(LIMIT))),
        }
    }
}
