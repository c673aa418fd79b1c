//! The Cache API: responses by URL. Where it needs no round trip it answers within the call; a body that is
//! stored is read here, and never passes through JavaScript unless it comes from there.

use std::cell::RefCell;
use std::rc::Rc;

use cellhouse_cache::{Body, BodyFile, Found, ResponseStore, Responses, Writer};
use cellhouse_exchange::BodyError;
use deno_core::{JsBuffer, OpState, Resource, ToJsBuffer, op2};
use deno_error::JsErrorBox;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::header::{AUTHORIZATION, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::body::{RequestBody, take_source};
use crate::headers;
use crate::isolate::Events;

/// Bytes asked of a body at once.
const READ_LIMIT: usize = 64 << 10;

/// What JavaScript gets: status, status text, headers (name and value of each, separated by NUL), the body as
/// bytes or as a resource (or -1), its length or -1, and -1 for there is no WebSocket; and whether the body is
/// encoded already.
type Reply = (
    (u16, String, String, Option<ToJsBuffer>, i32, f64, i32),
    bool,
);

fn store(state: &OpState, cache: Option<&str>) -> ResponseStore {
    state.borrow::<Responses>().cache(cache)
}

/// The headers of a request that a cache looks at.
fn conditions(joined: &str) -> HeaderMap {
    let known = [
        AUTHORIZATION,
        IF_MODIFIED_SINCE,
        IF_NONE_MATCH,
        IF_RANGE,
        RANGE,
    ];
    let mut headers = HeaderMap::new();
    let mut parts = joined.split('\0');
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let Some(name) = known
            .iter()
            .find(|known| name.eq_ignore_ascii_case(known.as_str()))
        else {
            continue;
        };
        insert(&mut headers, name, value);
    }
    headers
}

fn insert(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    // One character is one byte.
    let value: Vec<u8> = value.chars().map(|char| char as u8).collect();
    if let Ok(value) = HeaderValue::from_bytes(&value) {
        headers.append(name, value);
    }
}

/// Whether the answer is known without a round trip, and if so, the answer. `cache` is null for the default
/// one.
#[op2]
#[serde]
pub(crate) fn op_caches_match_now(
    state: &mut OpState,
    #[string] cache: Option<String>,
    #[string] url: &str,
    #[string] headers: &str,
) -> (bool, Option<Reply>) {
    let found = store(state, cache.as_deref()).find_now(url, &conditions(headers));
    match found {
        None => (false, None),
        Some(found) => (true, found.map(|found| reply(state, found))),
    }
}

#[op2]
#[serde]
pub(crate) async fn op_caches_match(
    state: Rc<RefCell<OpState>>,
    #[string] cache: Option<String>,
    #[string] url: String,
    #[string] headers: String,
) -> Option<Reply> {
    let store = store(&state.borrow(), cache.as_deref());
    let found = store.find(&url, &conditions(&headers)).await?;
    Some(reply(&mut state.borrow_mut(), found))
}

fn reply(state: &mut OpState, found: Found) -> Reply {
    let (bytes, rid) = match found.body {
        Body::None => (None, -1),
        Body::Bytes(bytes) => (Some(Vec::from(bytes).into()), -1),
        Body::File(file) => {
            let body = RequestBody::of_stream(stream(file));
            (None, state.resource_table.add(body) as i32)
        }
    };
    let headers = headers::join(&found.headers);
    let length = found.length as f64;
    let response = (found.status, String::new(), headers, bytes, rid, length, -1);
    (response, found.encoded)
}

fn stream(body: BodyFile) -> cellhouse_exchange::BodyStream {
    let range = body.range;
    let opened = async move {
        let mut file = tokio::fs::File::from_std(body.file);
        file.seek(std::io::SeekFrom::Start(range.start)).await?;
        let part = file.take(range.end - range.start);
        Ok::<_, std::io::Error>(ReaderStream::with_capacity(part, READ_LIMIT))
    };
    let chunks = futures_util::stream::once(opened).try_flatten();
    chunks
        .map_err(|error| BodyError::Failed(format!("the cached body cannot be read: {error}")))
        .boxed()
}

/// Stores a response, of which the body is `bytes`, the resource `body_rid`, or nothing. What may not be stored
/// is read to its end all the same. Fails where the body does, and then stores nothing.
#[op2]
#[allow(
    clippy::too_many_arguments,
    reason = "an op takes what JavaScript has, one by one"
)]
pub(crate) async fn op_caches_put(
    state: Rc<RefCell<OpState>>,
    #[string] cache: Option<String>,
    #[string] url: String,
    #[string] request_headers: String,
    #[smi] status: u32,
    #[string] headers: String,
    encoded: bool,
    #[buffer] bytes: Option<JsBuffer>,
    #[smi] body_rid: i32,
) -> Result<(), JsErrorBox> {
    let (store, events, source) = {
        let mut state = state.borrow_mut();
        let rid = u32::try_from(body_rid).ok();
        let source = rid.and_then(|rid| take_source(&mut state, rid));
        let events = state.borrow::<Events>().clone();
        (store(&state, cache.as_deref()), events, source)
    };
    let status = u16::try_from(status).unwrap_or_default();
    let request = conditions(&request_headers);
    let headers = headers::split(&headers);
    let mut writer = store.writer(&url, &request, status, &headers, encoded);
    if let (Some(writer), Some(bytes)) = (&mut writer, bytes) {
        writer.write(&bytes).await;
    }
    if let Some(source) = source {
        let copied = copy(&source, writer.as_mut()).await;
        source.close();
        copied?;
    }
    // Others see it from now on, so what it was made of must be durable.
    events.pass_gate().await.map_err(JsErrorBox::generic)?;
    if let Some(writer) = writer {
        writer.commit().await;
    }
    Ok(())
}

async fn copy(
    source: &Rc<dyn Resource>,
    mut writer: Option<&mut Writer>,
) -> Result<(), JsErrorBox> {
    loop {
        let chunk = source.clone().read(READ_LIMIT).await?;
        if chunk.is_empty() {
            return Ok(());
        }
        if let Some(writer) = &mut writer {
            writer.write(&chunk).await;
        }
    }
}

/// Whether there was anything to delete.
#[op2]
pub(crate) async fn op_caches_delete(
    state: Rc<RefCell<OpState>>,
    #[string] cache: Option<String>,
    #[string] url: String,
) -> Result<bool, JsErrorBox> {
    let (store, events) = {
        let state = state.borrow();
        (
            store(&state, cache.as_deref()),
            state.borrow::<Events>().clone(),
        )
    };
    events.pass_gate().await.map_err(JsErrorBox::generic)?;
    Ok(store.delete(&url).await)
}
