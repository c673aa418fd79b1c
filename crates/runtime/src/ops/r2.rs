//! R2 buckets. What is in the index is answered at once; a body that is not small is read and written by
//! the storage while the isolate goes on. What was seen or written closes the gate until it is durable.
//!
//! Objects are given to JavaScript as arrays, in the order that `js/r2_object.js` has.

mod body;
mod options;
mod values;

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_cell::Ticket;
use cellhouse_r2::{Body, Bucket, Error, Got, INLINE_BYTES, ListOptions, Object, Received};
use deno_core::convert::ToV8;
use deno_core::{JsBuffer, OpState, Resource, op2, v8};
use deno_error::JsErrorBox;

use super::env::EnvTable;
use crate::isolate::Events;
use crate::spec::BindingValue;

pub(crate) use body::StoredBody;
use options::{get_options, metadata, put_options};
use values::{Found, array, found, string};

type Value<'s> = v8::Local<'s, v8::Value>;

fn bucket(state: &OpState, index: u32) -> Result<Bucket, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::Bucket(bucket) | BindingValue::Files(bucket)) => Ok(bucket.clone()),
        _ => Err(JsErrorBox::type_error("this binding is not an R2 bucket")),
    }
}

/// An error may tell what the bucket holds, so it closes the gate as a read does.
fn thrown(state: &OpState, bucket: &Bucket, action: &str, error: &Error) -> JsErrorBox {
    state.borrow::<Events>().gate().add(bucket.ticket());
    JsErrorBox::generic(format!("{action}: {error}"))
}

/// Takes the ticket of a result out, and turns its error into JavaScript's.
fn settle<T>(
    state: &OpState,
    bucket: &Bucket,
    action: &str,
    result: Result<(T, Ticket), Error>,
) -> Result<T, JsErrorBox> {
    let (value, ticket) = result.map_err(|error| thrown(state, bucket, action, &error))?;
    state.borrow::<Events>().gate().add(ticket);
    Ok(value)
}

// ---- one object

/// The object, or null.
#[op2]
pub(crate) fn op_r2_head<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] key: &str,
) -> Result<Value<'s>, JsErrorBox> {
    let bucket = bucket(state, index)?;
    let object = settle(state, &bucket, "head", bucket.head(key))?;
    Ok(match object {
        None => v8::null(scope).into(),
        Some(object) => {
            let range = cellhouse_r2::ByteRange::whole(object.size);
            found(scope, &object, Some(range), Found::Nothing)
        }
    })
}

/// The object with its body (bytes, or the number of a resource); without one if the conditions do not hold;
/// null if there is none. `options` is JSON text, or empty.
#[op2]
pub(crate) fn op_r2_get<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] options: &str,
) -> Result<Value<'s>, JsErrorBox> {
    let bucket = bucket(state, index)?;
    let options = get_options(options)?;
    Ok(
        match settle(state, &bucket, "get", bucket.get(key, &options))? {
            Got::Absent => v8::null(scope).into(),
            Got::Unmet(object) => {
                let range = cellhouse_r2::ByteRange::whole(object.size);
                found(scope, &object, Some(range), Found::Nothing)
            }
            Got::Found(object, range, body) => {
                let body = match body {
                    Body::Bytes(bytes) => Found::Bytes(bytes),
                    Body::Stream(reader) => {
                        let body = StoredBody::new(reader, range.length);
                        Found::Resource(state.resource_table.add(body))
                    }
                };
                found(scope, &object, Some(range), body)
            }
        },
    )
}

/// Puts a small object at once: the object, or null if the conditions do not hold. False, and nothing done,
/// if it is not small.
#[op2]
pub(crate) fn op_r2_put_now<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] options: &str,
    #[buffer] bytes: &[u8],
) -> Result<Value<'s>, JsErrorBox> {
    if bytes.len() > INLINE_BYTES {
        return Ok(v8::Boolean::new(scope, false).into());
    }
    let bucket = bucket(state, index)?;
    let options = put_options(options)?;
    let bytes = Bytes::copy_from_slice(bytes);
    let put = settle(
        state,
        &bucket,
        "put",
        bucket.put_bytes(key, bytes, &options),
    )?;
    Ok(put_answer(scope, put.as_ref()))
}

fn put_answer<'s>(scope: &v8::PinScope<'s, '_>, object: Option<&Object>) -> Value<'s> {
    match object {
        None => v8::null(scope).into(),
        Some(object) => found(scope, object, None, Found::Nothing),
    }
}

/// What an op gives that ends later: made a value when JavaScript gets it.
pub(crate) struct Put(Option<Object>);

impl<'a> ToV8<'a> for Put {
    type Error = std::convert::Infallible;

    fn to_v8<'i>(
        self,
        scope: &mut v8::PinScope<'a, 'i>,
    ) -> Result<v8::Local<'a, v8::Value>, Self::Error> {
        Ok(put_answer(scope, self.0.as_ref()))
    }
}

/// Puts an object whose body is `bytes` or what the resource `rid` gives, as fast as the storage takes it.
#[op2]
pub(crate) async fn op_r2_put(
    state: Rc<RefCell<OpState>>,
    #[smi] index: u32,
    #[string] key: String,
    #[string] options: String,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] rid: i32,
    length: f64,
) -> Result<Put, JsErrorBox> {
    let bucket = bucket(&state.borrow(), index)?;
    let source = source(&state, bytes, rid);
    let options = put_options(&options)?;
    let checked = bucket.check(&key, &options.metadata);
    checked.map_err(|error| thrown(&state.borrow(), &bucket, "put", &error))?;
    let wanted = options.checksum.as_ref().map(|checksum| checksum.algorithm);
    let received = receive(&state, &bucket, "put", wanted, source, length).await?;
    let put = bucket.put(&key, received, &options);
    settle(&state.borrow(), &bucket, "put", put).map(Put)
}

/// What a body is read from.
enum Source {
    Bytes(Bytes),
    Resource(Rc<dyn Resource>),
}

fn source(state: &Rc<RefCell<OpState>>, bytes: Option<JsBuffer>, rid: i32) -> Source {
    let resource = u32::try_from(rid)
        .ok()
        .and_then(|rid| state.borrow_mut().resource_table.take_any(rid).ok());
    match resource {
        Some(resource) => Source::Resource(resource),
        None => Source::Bytes(bytes.map_or_else(Bytes::new, |bytes| bytes.to_vec().into())),
    }
}

async fn receive(
    state: &Rc<RefCell<OpState>>,
    bucket: &Bucket,
    action: &str,
    wanted: Option<cellhouse_r2::Algorithm>,
    source: Source,
    length: f64,
) -> Result<Received, JsErrorBox> {
    let failed = |error: Error| thrown(&state.borrow(), bucket, action, &error);
    let mut incoming = bucket.receive(wanted);
    match source {
        Source::Bytes(bytes) => incoming.write(bytes).await.map_err(failed)?,
        Source::Resource(resource) => {
            let read = body::receive(&resource, &mut incoming, length).await;
            resource.close();
            read.map_err(|error| match error {
                body::Failed::Source(error) => error,
                body::Failed::Storage(error) => failed(error),
            })?;
        }
    }
    incoming.finish().await.map_err(failed)
}

#[op2]
pub(crate) fn op_r2_delete(
    state: &mut OpState,
    #[smi] index: u32,
    #[serde] keys: Vec<String>,
) -> Result<(), JsErrorBox> {
    let bucket = bucket(state, index)?;
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let deleted = bucket.delete(&keys).map(|ticket| ((), ticket));
    settle(state, &bucket, "delete", deleted)
}

// ---- listing

/// `[cursor or null, [prefix, ...], object, object, ...]`. `limit` is NaN if absent.
#[op2]
#[allow(
    clippy::too_many_arguments,
    reason = "an op takes what JavaScript has, one by one"
)]
pub(crate) fn op_r2_list<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] prefix: &str,
    limit: f64,
    #[buffer] cursor: Option<&[u8]>,
    #[string] start_after: Option<String>,
    #[string] delimiter: Option<String>,
) -> Result<Value<'s>, JsErrorBox> {
    let bucket = bucket(state, index)?;
    let options = ListOptions {
        prefix,
        limit: (!limit.is_nan()).then_some(limit as i64),
        cursor,
        start_after: start_after.as_deref(),
        delimiter: delimiter.as_deref(),
    };
    let page = settle(state, &bucket, "list", bucket.list(&options))?;
    let cursor = match page.cursor {
        None => v8::null(scope).into(),
        Some(cursor) => values::buffer(scope, cursor),
    };
    let prefixes: Vec<_> = page
        .prefixes
        .iter()
        .map(|prefix| string(scope, prefix))
        .collect();
    let mut elements = Vec::with_capacity(2 + page.objects.len());
    elements.push(cursor);
    elements.push(array(scope, &prefixes));
    for object in &page.objects {
        elements.push(found(scope, object, None, Found::Nothing));
    }
    Ok(array(scope, &elements))
}

// ---- multipart uploads

/// The id of a new upload.
#[op2]
#[string]
pub(crate) fn op_r2_create_upload(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] options: &str,
) -> Result<String, JsErrorBox> {
    let bucket = bucket(state, index)?;
    let created = bucket.create_upload(key, &metadata(options)?);
    settle(state, &bucket, "createMultipartUpload", created)
}

/// The etag of the part.
#[op2]
#[string]
#[allow(
    clippy::too_many_arguments,
    reason = "an op takes what JavaScript has, one by one"
)]
pub(crate) async fn op_r2_put_part(
    state: Rc<RefCell<OpState>>,
    #[smi] index: u32,
    #[string] key: String,
    #[string] upload: String,
    #[smi] number: u32,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] rid: i32,
    length: f64,
) -> Result<String, JsErrorBox> {
    const ACTION: &str = "uploadPart";
    let bucket = bucket(&state.borrow(), index)?;
    let source = source(&state, bytes, rid);
    // Before a long body, and again when it is there.
    let known = bucket.upload(&key, &upload);
    settle(&state.borrow(), &bucket, ACTION, known)?;
    let received = receive(&state, &bucket, ACTION, None, source, length).await?;
    let part = bucket.put_part(&key, &upload, number, received);
    Ok(settle(&state.borrow(), &bucket, ACTION, part)?.etag)
}

/// The object.
#[op2]
pub(crate) fn op_r2_complete<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] upload: &str,
    #[serde] parts: Vec<(u32, String)>,
) -> Result<Value<'s>, JsErrorBox> {
    let bucket = bucket(state, index)?;
    let completed = bucket.complete(key, upload, &parts);
    let object = settle(state, &bucket, "completeMultipartUpload", completed)?;
    Ok(found(scope, &object, None, Found::Nothing))
}

#[op2(fast)]
pub(crate) fn op_r2_abort(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] upload: &str,
) -> Result<(), JsErrorBox> {
    let bucket = bucket(state, index)?;
    let aborted = bucket.abort(key, upload).map(|ticket| ((), ticket));
    settle(state, &bucket, "abortMultipartUpload", aborted)
}
