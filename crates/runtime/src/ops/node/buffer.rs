//! Bytes as text, and bytes compared: what `Buffer` would do in a loop, which an interpreter is slow at.

use deno_core::{op2, v8};
use deno_error::JsErrorBox;

#[op2(fast)]
pub(crate) fn op_is_ascii(#[buffer] bytes: &[u8]) -> bool {
    bytes.is_ascii()
}

#[op2(fast)]
pub(crate) fn op_is_utf8(#[buffer] bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// -1, 0 or 1.
#[op2(fast)]
#[smi]
pub(crate) fn op_node_buffer_compare(#[buffer] a: &[u8], #[buffer] b: &[u8]) -> i32 {
    a.cmp(b) as i32
}

/// Compares parts of two buffers. The ends are cut to what there is.
#[op2(fast)]
#[smi]
pub(crate) fn op_node_buffer_compare_offset(
    #[buffer] source: &[u8],
    #[buffer] target: &[u8],
    #[smi] source_start: usize,
    #[smi] target_start: usize,
    #[smi] source_end: usize,
    #[smi] target_end: usize,
) -> Result<i32, JsErrorBox> {
    let source = source.get(source_start..source_end.min(source.len()));
    let target = target.get(target_start..target_end.min(target.len()));
    match (source, target) {
        (Some(source), Some(target)) => Ok(source.cmp(target) as i32),
        (None, _) => Err(out_of_range("sourceStart")),
        (_, None) => Err(out_of_range("targetStart")),
    }
}

fn out_of_range(name: &str) -> JsErrorBox {
    JsErrorBox::range_error(format!("The value of \"{name}\" is out of range."))
}

/// Part of a buffer as a string. `encoding`: 0 UTF-8 (what is none becomes U+FFFD), 1 Latin-1, 2 ASCII (seven
/// bits of each byte), 3 UTF-16 (an odd byte at the end is left out).
#[op2]
pub(crate) fn op_node_encoding_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    #[buffer] bytes: &[u8],
    start: v8::Local<'s, v8::Value>,
    end: v8::Local<'s, v8::Value>,
    #[smi] encoding: u32,
) -> Result<v8::Local<'s, v8::String>, JsErrorBox> {
    let start = index(scope, start, 0)?;
    let end = index(scope, end, bytes.len())?.max(start);
    let bytes = bytes.get(start..end).ok_or_else(super::out_of_range)?;
    let normal = v8::NewStringType::Normal;
    let string = match encoding {
        0 => v8::String::new(scope, &String::from_utf8_lossy(bytes)),
        1 => v8::String::new_from_one_byte(scope, bytes, normal),
        2 => {
            let seven: Vec<u8> = bytes.iter().map(|byte| byte & 0x7f).collect();
            v8::String::new_from_one_byte(scope, &seven, normal)
        }
        _ => {
            let units = bytes.chunks_exact(2);
            let units: Vec<u16> = units
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            v8::String::new_from_two_byte(scope, &units, normal)
        }
    };
    string.ok_or_else(|| JsErrorBox::generic("Cannot create a string that long"))
}

fn index(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
    default: usize,
) -> Result<usize, JsErrorBox> {
    if value.is_undefined() {
        return Ok(default);
    }
    let index = value.integer_value(scope);
    let index = index.ok_or_else(|| JsErrorBox::type_error("Invalid type"))?;
    usize::try_from(index).map_err(|_| super::out_of_range())
}
