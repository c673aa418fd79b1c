//! How values look in a console.

use cellhouse_clone::{BigInt, ErrorClass, Text, Tree, ViewKind, Writer};

fn shown(write: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new();
    write(&mut writer);
    Tree::read(&writer.finish()).expect("a value").to_string()
}

fn number(value: f64) -> String {
    shown(|writer| writer.number(value))
}

#[test]
fn numbers() {
    let values = [
        0.0,
        -0.0,
        1.5,
        1e21,
        1.5e-7,
        123456789012.0,
        f64::NAN,
        f64::NEG_INFINITY,
    ];
    let texts = [
        "0",
        "-0",
        "1.5",
        "1e+21",
        "1.5e-7",
        "123456789012",
        "NaN",
        "-Infinity",
    ];
    assert_eq!(values.map(number), texts);
    let bytes = 12345678901234567890123u128.to_le_bytes();
    let big = BigInt {
        negative: true,
        bytes: &bytes,
    };
    assert_eq!(
        shown(|writer| writer.bigint(big)),
        "-12345678901234567890123n"
    );
    assert_eq!(
        shown(|writer| writer.bigint(BigInt {
            negative: false,
            bytes: &[]
        })),
        "0n"
    );
    let round = BigInt {
        negative: false,
        bytes: &1_000_000_000_000_000_000u64.to_le_bytes(),
    };
    assert_eq!(round.to_string(), "1000000000000000000");
    assert_eq!(
        (round.to_i64(), round.to_hex()),
        (
            Some(1_000_000_000_000_000_000),
            "0de0b6b3a7640000".to_owned()
        )
    );
    let least = BigInt {
        negative: true,
        bytes: &(1u64 << 63).to_le_bytes(),
    };
    assert_eq!(least.to_i64(), Some(i64::MIN));
    assert_eq!(
        BigInt {
            negative: false,
            ..least
        }
        .to_i64(),
        None
    );
}

#[test]
fn strings_and_keys() {
    assert_eq!(shown(|writer| writer.str("it's\n")), "\"it's\\n\"");
    let text = shown(|writer| {
        writer.begin_object();
        for key in ["plain", "with space"] {
            writer.str(key);
            writer.str("x");
        }
        writer.int32(5);
        writer.null();
        writer.end_object(3);
    });
    assert_eq!(text, "{ plain: 'x', 'with space': 'x', '5': null }");
}

#[test]
fn objects_of_the_language() {
    let text = shown(|writer| {
        writer.begin_map();
        writer.str("d");
        writer.date(1_700_000_000_123.0);
        writer.str("s");
        writer.begin_set();
        writer.number_object(1.0);
        writer.end_set(1);
        writer.end_map(2);
    });
    assert_eq!(
        text,
        "Map(2) { 'd' => 2023-11-14T22:13:20.123Z, 's' => Set(1) { [Number: 1] } }"
    );
    assert_eq!(
        shown(|writer| {
            writer.date(-62_198_755_200_000.0);
        }),
        "-000001-01-01T00:00:00.000Z"
    );
    assert_eq!(
        shown(|writer| {
            writer.date(f64::NAN);
        }),
        "Invalid Date"
    );
    let text = shown(|writer| {
        writer.regexp();
        writer.str("a+");
        writer.regexp_flags(3);
    });
    assert_eq!(text, "/a+/gi");
}

#[test]
fn buffers() {
    let view = |kind, bytes: &[u8]| {
        shown(|writer| {
            writer.buffer(bytes, None);
            writer.view(kind, 0, bytes.len() as u32, false, false);
        })
    };
    assert_eq!(
        view(ViewKind::Uint8Array, &[1, 255]),
        "Uint8Array(2) [ 1, 255 ]"
    );
    assert_eq!(
        view(ViewKind::Float16Array, &[0, 0x3c, 1, 0]),
        "Float16Array(2) [ 1, 5.960464477539063e-8 ]"
    );
    assert_eq!(
        shown(|writer| {
            writer.buffer(&[10], Some(4));
        }),
        "ArrayBuffer { [Uint8Contents]: <0a>, byteLength: 1, maxByteLength: 4 }"
    );
}

#[test]
fn cycles_are_marked() {
    let text = shown(|writer| {
        let outer = writer.begin_object();
        writer.str("self");
        writer.reference(outer);
        writer.str("list");
        writer.begin_dense_array(1);
        writer.reference(outer);
        writer.end_dense_array(0, 1);
        writer.end_object(2);
    });
    assert_eq!(
        text,
        "<ref *1> { self: [Circular *1], list: [ [Circular *1] ] }"
    );
}

#[test]
fn errors() {
    let text = shown(|writer| {
        writer.begin_extended_error(ErrorClass::TypeError);
        writer.str("MyError");
        writer.str("bad");
        writer.undefined();
        writer.str("code");
        writer.int32(42);
        writer.end_object(1);
    });
    assert_eq!(text, "[MyError: bad] { code: 42 }");
    let text = shown(|writer| {
        writer.begin_error(ErrorClass::RangeError);
        writer.error_message();
        writer.string(Text::OneByte(b"no"));
        writer.error_stack();
        writer.str("RangeError: no\n    at f");
        writer.end_error();
    });
    assert_eq!(text, "RangeError: no\n    at f");
}

#[test]
fn what_is_long_is_cut() {
    let text = shown(|writer| {
        writer.begin_dense_array(1000);
        (0..1000).for_each(|_| writer.null());
        writer.end_dense_array(0, 1000);
    });
    assert!(text.ends_with("... 900 more items\n]"), "{text}");
    // Each of 40 objects holds the next twice.
    let text = shown(|writer| {
        for _ in 0..40 {
            writer.begin_object();
            writer.str("a");
        }
        writer.null();
        for depth in (0..40u32).rev() {
            writer.str("b");
            if depth == 39 {
                writer.null()
            } else {
                writer.reference(depth + 1)
            }
            writer.end_object(2);
        }
    });
    assert!(text.contains("..."));
}
