//! Small conversions from Rust to engine values.

use deno_core::v8;

pub(super) fn string<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> v8::Local<'s, v8::Value> {
    v8::String::new(scope, text)
        .unwrap_or_else(|| v8::String::empty(scope))
        .into()
}

/// Bytes that should be UTF-8.
pub(super) fn text<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::Value> {
    string(scope, &String::from_utf8_lossy(bytes))
}

pub(super) fn optional_number<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    number: Option<f64>,
) -> v8::Local<'s, v8::Value> {
    match number {
        Some(number) => v8::Number::new(scope, number).into(),
        None => v8::null(scope).into(),
    }
}

pub(super) fn optional_string<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    text: Option<&str>,
) -> v8::Local<'s, v8::Value> {
    match text {
        Some(text) => string(scope, text),
        None => v8::undefined(scope).into(),
    }
}

pub(super) fn array_buffer<'s>(
    scope: &v8::PinScope<'s, '_>,
    bytes: Vec<u8>,
) -> v8::Local<'s, v8::Value> {
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
    v8::ArrayBuffer::with_backing_store(scope, &store).into()
}

/// An array, or null where there is nothing in it.
pub(super) fn numbers<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    numbers: &[u32],
) -> v8::Local<'s, v8::Value> {
    if numbers.is_empty() {
        return v8::null(scope).into();
    }
    let elements: Vec<v8::Local<'s, v8::Value>> = numbers
        .iter()
        .map(|&number| v8::Integer::new_from_unsigned(scope, number).into())
        .collect();
    v8::Array::new_with_elements(scope, &elements).into()
}

/// An array of buffers.
pub(super) fn array_buffers<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    buffers: Vec<Vec<u8>>,
) -> v8::Local<'s, v8::Value> {
    let mut elements = Vec::with_capacity(buffers.len());
    for bytes in buffers {
        elements.push(array_buffer(scope, bytes));
    }
    v8::Array::new_with_elements(scope, &elements).into()
}
