//! What is written is read again, whatever it is; and no bytes make the reader do harm.

mod support;

use cellhouse_clone::{Error, ErrorKind, MAX_DEPTH, Text, Tree, Value, Writer};
use proptest::prelude::*;
use support::tree;

/// What a reader makes of what was written. Objects are renumbered by writing, but a second time changes
/// nothing, and it prints the same.
fn check(tree: &Tree) {
    let bytes = tree.write();
    let again = Tree::read(&bytes).expect("what was written is a value");
    assert_eq!(again.write(), bytes);
    assert_eq!(again.to_string(), tree.to_string());
}

proptest! {
    #[test]
    fn any_value_comes_back(tree in tree()) {
        check(&tree);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let whole = [&[1, 0xff, 15][..], &bytes].concat();
        for bytes in [&bytes, &whole] {
            if let Ok(tree) = Tree::read(bytes) {
                let _ = tree.to_string();
                check(&tree);
            }
        }
    }

    #[test]
    fn any_damage_is_read_or_refused(tree in tree(), at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = tree.write();
        let at = at.index(bytes.len());
        bytes[at] = to;
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            match Tree::read(bytes) {
                Ok(tree) => { let _ = tree.to_string(); check(&tree) }
                Err(error) => prop_assert!(error.offset <= bytes.len()),
            }
        }
    }
}

fn refused(bytes: &[u8], kind: ErrorKind, offset: usize) {
    let whole = [&[1, 0xff, 15][..], bytes].concat();
    let offset = offset + 3;
    assert_eq!(Tree::read(&whole), Err(Error { kind, offset }), "{bytes:?}");
}

#[test]
fn hostile_bytes_are_refused_with_their_place() {
    refused(b"", ErrorKind::End, 0);
    refused(b"00", ErrorKind::Trailing, 1);
    refused(b"!", ErrorKind::NotAValue(b'!'), 0);
    refused(b"V", ErrorKind::NotAValue(b'V'), 0);
    refused(b"^\x00", ErrorKind::Forward(0), 1);
    refused(b"o\"\x01a^\x01{\x01", ErrorKind::Forward(1), 5);
    // Lengths that no bytes stand behind.
    refused(b"\"\xff\xff\xff\xff\x0f", ErrorKind::End, 6);
    refused(b"A\xff\xff\xff\xff\x0f", ErrorKind::End, 6);
    refused(b"B\xff\xff\xff\xff\x0f", ErrorKind::End, 6);
    refused(b"Z\xff\xff\xff\xff\x0f", ErrorKind::End, 6);
    refused(b"I\xff\xff\xff\xff\x1f", ErrorKind::Number, 5);
    refused(b"c\x03abc", ErrorKind::OddText, 4);
    refused(b"S\x01\xff", ErrorKind::Utf8, 2);
    // Counts that are wrong, keys that are none, a hole outside of an array.
    refused(b"o{\x01", ErrorKind::Count, 2);
    refused(b"o_0{\x01", ErrorKind::Key, 1);
    refused(b"oI\x00{\x01", ErrorKind::NotAValue(b'{'), 3);
    refused(b"o-", ErrorKind::Key, 1);
    refused(b"A\x01$\x00\x01", ErrorKind::NotAValue(b'$'), 2);
    refused(b";-", ErrorKind::NotAValue(b'-'), 1);
    refused(b"\"\x00-", ErrorKind::Trailing, 2);
    // Views that do not fit their buffers.
    refused(b"B\x02abVB\x01\x02\x00", ErrorKind::View, 8);
    refused(b"B\x04abcdVW\x01\x02\x00", ErrorKind::View, 10);
    refused(b"B\x04abcdVB\x00\x04\x01", ErrorKind::View, 10);
    refused(b"~\x02\x01ab", ErrorKind::Count, 2);
    refused(b"RI\x00\x00", ErrorKind::Tag(b'I'), 1);
    refused(b"R\"\x01a\x40", ErrorKind::Flags, 4);
    refused(b"rX", ErrorKind::Tag(b'X'), 1);
    refused(b"\\\x09", ErrorKind::Host, 1);
}

#[test]
fn versions_of_others_are_refused() {
    let read = |bytes: &[u8]| Tree::read(bytes).expect_err("no value").to_string();
    assert_eq!(
        read(&[2, 0xff, 15, b'0']),
        "not a stored value: version 2 of the encoding is not known (this is version 1) at byte 0"
    );
    assert_eq!(
        read(&[1, 0xff, 12, b'0']),
        "not a stored value: version 12 of V8's format is not known (13 to 15 are) at byte 2"
    );
    assert_eq!(
        read(&[1, b'0']),
        "not a stored value: a version of V8's format is missing at byte 1"
    );
}

#[test]
fn depth_has_a_limit() {
    let nested = |depth: usize| {
        let mut writer = Writer::new();
        (0..depth).for_each(|_| {
            writer.begin_dense_array(1);
        });
        writer.null();
        (0..depth).for_each(|_| writer.end_dense_array(0, 1));
        writer.finish()
    };
    assert!(Tree::read(&nested(MAX_DEPTH)).is_ok());
    let error = Tree::read(&nested(MAX_DEPTH + 1)).expect_err("too deep");
    assert_eq!(error.kind, ErrorKind::Depth);
}

#[test]
fn what_is_undone_leaves_no_trace() {
    let mut writer = Writer::new();
    writer.begin_object();
    let mark = writer.mark();
    writer.str("key");
    writer.begin_map();
    assert_eq!(writer.undo(mark), 1);
    writer.end_object(0);
    assert_eq!(writer.finish(), b"\x01\xff\x0fo{\0");
}

#[test]
fn texts_take_the_shorter_form() {
    let bytes = |text: &str| {
        let mut writer = Writer::new();
        writer.str(text);
        writer.finish()[3..].to_vec()
    };
    assert_eq!(bytes("ab"), b"\"\x02ab");
    assert_eq!(bytes("\u{e9}"), b"\"\x01\xe9");
    // The units are aligned for V8, whose first byte is our second.
    assert_eq!(bytes("\u{20ac}"), b"c\x02\xac\x20");
    assert_eq!(Text::TwoByte(b"\xac\x20").to_utf8(), "\u{20ac}");
    assert_eq!(Text::OneByte(b"\xe9").to_utf8(), "\u{e9}");
    let lone = Tree {
        root: Value::String(vec![0xd800]),
        nodes: Vec::new(),
    };
    check(&lone);
}
