//! What an app has in front of its default entrypoint: static files, which answer those who call it as a service just as
//! they answer clients. Other entrypoints, RPC, and the app's own `ctx.exports` go to its code.

use std::net::{Ipv4Addr, SocketAddr};

use cellhouse_exchange::{Body, Client, Request};
use http::Method;

use super::Entrypoint;
use crate::headers;
use crate::objects::{ObjectRequest, ObjectResponse};
use crate::worker::Worker;

/// The answer to a request, if it is not the code's to give.
pub(super) async fn answer(
    worker: &Worker,
    entrypoint: &Entrypoint,
    request: &ObjectRequest,
) -> Option<ObjectResponse> {
    if entrypoint.direct || !entrypoint.name.is_empty() {
        return None;
    }
    let front = worker.spec().front.as_ref()?;
    let response = front.answer(&head_of(request)?).await?;
    Some(ObjectResponse {
        response,
        is_encoded: false,
    })
}

/// The request without its body. Its URL may be followed by a line of its `cf`.
fn head_of(request: &ObjectRequest) -> Option<Request> {
    let url = request.url.lines().next()?;
    Some(Request {
        method: Method::from_bytes(request.method.as_bytes()).ok()?,
        url: url.to_owned(),
        headers: headers::split(&String::from_utf8_lossy(&request.headers)),
        body: Body::Empty,
        client: Client {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            protocol: "HTTP/1.1",
        },
    })
}
