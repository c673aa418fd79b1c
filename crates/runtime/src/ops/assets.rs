//! The binding of an app's static files: `fetch()` of one request. Which file answers is not this crate's business.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use cellhouse_exchange::{Body, Client, Handler, Request, Response};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use http::{Method, StatusCode};

use super::body::RequestBody;
use super::env::EnvTable;
use crate::spec::BindingValue;

/// Status, its text, headers (name and value of each, separated by NUL), the body as a resource, its length or -1.
type Reply = (u16, String, String, u32, f64);

fn handler(state: &OpState, binding: u32) -> Result<Arc<dyn Handler>, JsErrorBox> {
    match state.borrow::<EnvTable>().get(binding) {
        Some(BindingValue::Assets(handler)) => Ok(handler.clone()),
        _ => Err(JsErrorBox::type_error("not a binding of static files")),
    }
}

/// Dropping the future leaves what was begun to itself; it changes nothing.
#[op2]
#[serde]
pub(crate) async fn op_assets_fetch(
    state: Rc<RefCell<OpState>>,
    #[smi] binding: u32,
    #[string] method: String,
    #[string] url: String,
    #[string] headers: String,
) -> Result<Reply, JsErrorBox> {
    let handler = handler(&state.borrow(), binding)?;
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    let request = Request {
        method,
        url,
        headers: crate::headers::split(&headers),
        body: Body::Empty,
        client: Client {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            protocol: "HTTP/1.1",
        },
    };
    let response = handler.handle(request).await;
    Ok(reply(&mut state.borrow_mut(), response))
}

fn reply(state: &mut OpState, response: Response) -> Reply {
    let length = response.body.length().map_or(-1.0, |length| length as f64);
    let body = match response.body {
        Body::Empty => RequestBody::of_bytes(bytes::Bytes::new()),
        Body::Bytes(bytes) => RequestBody::of_bytes(bytes),
        Body::Stream { stream, .. } => RequestBody::of_stream(stream),
    };
    let status = StatusCode::from_u16(response.status).ok();
    let text = response.status_text.or_else(|| {
        let reason = status.and_then(|status| status.canonical_reason());
        reason.map(str::to_owned)
    });
    (
        response.status,
        text.unwrap_or_default(),
        crate::headers::join(&response.headers),
        state.resource_table.add(body),
        length,
    )
}
