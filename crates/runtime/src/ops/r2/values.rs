//! Objects as JavaScript gets them.

use bytes::Bytes;
use cellhouse_r2::{ByteRange, Object};
use deno_core::{ResourceId, v8};

use super::Value;

/// What of the body comes with an object.
pub(super) enum Found {
    Nothing,
    Bytes(Bytes),
    Resource(ResourceId),
}

pub(super) fn string<'s>(scope: &v8::PinScope<'s, '_>, text: &str) -> Value<'s> {
    v8::String::new(scope, text)
        .unwrap_or_else(|| v8::String::empty(scope))
        .into()
}

fn optional<'s>(scope: &v8::PinScope<'s, '_>, text: Option<&str>) -> Value<'s> {
    match text {
        Some(text) => string(scope, text),
        None => v8::null(scope).into(),
    }
}

fn number<'s>(scope: &v8::PinScope<'s, '_>, number: f64) -> Value<'s> {
    v8::Number::new(scope, number).into()
}

pub(super) fn buffer<'s>(scope: &v8::PinScope<'s, '_>, bytes: Vec<u8>) -> Value<'s> {
    let length = bytes.len();
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
    let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
    match v8::Uint8Array::new(scope, buffer, 0, length) {
        Some(view) => view.into(),
        None => v8::null(scope).into(),
    }
}

pub(super) fn array<'s>(scope: &v8::PinScope<'s, '_>, elements: &[Value<'s>]) -> Value<'s> {
    v8::Array::new_with_elements(scope, elements).into()
}

/// `[key, version, size, etag, uploaded, http as JSON, custom as JSON, checksums as JSON, storage class, offset
/// or -1, length, body]`: what is not there is null, and so is what is empty; the body is bytes or the
/// number of a resource.
pub(super) fn found<'s>(
    scope: &v8::PinScope<'s, '_>,
    object: &Object,
    range: Option<ByteRange>,
    body: Found,
) -> Value<'s> {
    let metadata = &object.metadata;
    let http = metadata.http_json();
    let custom = metadata.custom_json();
    let checksums = metadata.checksums_json();
    let (offset, length) = range.map_or((-1.0, 0.0), |range| {
        (range.offset as f64, range.length as f64)
    });
    let body = match body {
        Found::Nothing => v8::null(scope).into(),
        Found::Bytes(bytes) => buffer(scope, bytes.into()),
        Found::Resource(rid) => number(scope, f64::from(rid)),
    };
    array(
        scope,
        &[
            string(scope, &object.key),
            string(scope, &object.version),
            number(scope, object.size as f64),
            string(scope, &object.etag),
            number(scope, object.uploaded as f64),
            optional(scope, http.as_deref()),
            optional(scope, custom.as_deref()),
            optional(scope, checksums.as_deref()),
            optional(scope, metadata.storage_class.as_deref()),
            number(scope, offset),
            number(scope, length),
            body,
        ],
    )
}
