//! Buffers and the views of them.

use super::scalar::number;
use super::{MAX_ENTRIES, framed};
use crate::tag::ViewKind;

/// `ArrayBuffer { [Uint8Contents]: <01 02>, byteLength: 2 }`.
pub(super) fn buffer(bytes: &[u8], max_length: Option<u32>) -> String {
    let mut entries = vec![contents(bytes), format!("byteLength: {}", bytes.len())];
    entries.extend(max_length.map(|length| format!("maxByteLength: {length}")));
    framed("ArrayBuffer ", '{', entries, '}')
}

fn contents(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(MAX_ENTRIES)];
    let digits: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    let more = match bytes.len() - shown.len() {
        0 => String::new(),
        more => format!(" ... {more} more bytes"),
    };
    format!("[Uint8Contents]: <{}{more}>", digits.join(" "))
}

/// `Uint8Array(2) [ 1, 2 ]`.
pub(super) fn view(kind: ViewKind, bytes: &[u8]) -> String {
    if kind == ViewKind::DataView {
        let entries = vec![format!("byteLength: {}", bytes.len()), contents(bytes)];
        return framed("DataView ", '{', entries, '}');
    }
    let size = kind.element_bytes() as usize;
    let elements = bytes.chunks_exact(size);
    let count = elements.len();
    let mut entries: Vec<String> = elements
        .take(MAX_ENTRIES)
        .map(|bytes| element(kind, bytes))
        .collect();
    if count > MAX_ENTRIES {
        entries.push(format!("... {} more items", count - MAX_ENTRIES));
    }
    framed(&format!("{kind:?}({count}) "), '[', entries, ']')
}

fn element(kind: ViewKind, bytes: &[u8]) -> String {
    let mut padded = [0; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    let bits = u64::from_le_bytes(padded);
    match kind {
        ViewKind::Int8Array => (bits as i8).to_string(),
        ViewKind::Int16Array => (bits as i16).to_string(),
        ViewKind::Int32Array => (bits as i32).to_string(),
        ViewKind::BigInt64Array => format!("{}n", bits as i64),
        ViewKind::BigUint64Array => format!("{bits}n"),
        ViewKind::Float16Array => number(half(bits as u16)),
        ViewKind::Float32Array => number(f32::from_bits(bits as u32).into()),
        ViewKind::Float64Array => number(f64::from_bits(bits)),
        _ => bits.to_string(),
    }
}

/// The number of a 16-bit float: 1 bit of sign, 5 of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match exponent {
        0 => fraction * 2f64.powi(-14),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
    }
}
