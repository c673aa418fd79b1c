//! One request from hyper to the handler, and its response back.
//!
//! Everything runs on the task of the connection: a request costs no task of its own, and a connection
//! that ends takes the handler's future with it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use cellhouse_exchange::{Body, BodyError, Client, HandlerFuture, Request, Response};
use http::header::EXPECT;
use http::{Method, StatusCode, Version, request};
use hyper::body::{Body as _, Incoming};

use crate::connection::Connection;
use crate::refusal::Refusal;
use crate::response::{self, Pace, ResponseBody, Shape};
use crate::upload::{Remains, Upload};
use crate::websocket::{self, Handshake, Upgrade};
use crate::{forwarded, target};

/// Bodies up to this size are awaited before the app is asked, so that it gets them in one piece: it has
/// less to do for bytes than for a stream.
const COLLECT_BYTES: u64 = 64 << 10;

/// hyper's service for one connection.
#[derive(Debug)]
pub(crate) struct Service {
    connection: Arc<Connection>,
}

impl Service {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Service { connection }
    }
}

impl hyper::service::Service<http::Request<Incoming>> for Service {
    type Response = http::Response<ResponseBody>;
    type Error = Gone;
    type Future = Exchange;

    fn call(&self, request: http::Request<Incoming>) -> Exchange {
        let (parts, incoming) = request.into_parts();
        Exchange::new(&self.connection, parts, incoming)
    }
}

/// The client went away before it could be answered.
#[derive(Debug, thiserror::Error)]
#[error("the client went away")]
pub(crate) struct Gone;

/// A request that is running. Dropping it is the end of the request.
#[derive(Debug)]
pub(crate) struct Running {
    connection: Arc<Connection>,
    upload: Option<Arc<Upload>>,
    pace: Option<Arc<Pace>>,
    /// Nothing of the response is missing.
    answered: bool,
    /// What the app leaves unread of the body has to be read before the next request.
    skips_unread: bool,
}

impl Running {
    pub(crate) fn new(connection: &Arc<Connection>) -> Self {
        connection.begin_request();
        Running {
            connection: connection.clone(),
            upload: None,
            pace: None,
            answered: false,
            skips_unread: false,
        }
    }

    pub(crate) fn answered(&mut self) {
        self.answered = true;
    }

    pub(crate) fn pace(&self) -> Option<Arc<Pace>> {
        self.pace.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(upload) = self.upload.take() {
            self.connection.uploads().remove(&upload);
            match upload.close(self.answered) {
                Remains::Nothing => {}
                Remains::Unread(incoming) if self.answered && self.skips_unread => {
                    self.connection.skip(incoming);
                }
                Remains::Unread(_) | Remains::Lost => self.connection.leave_unread(),
            }
        }
        self.connection.end_request();
    }
}

/// The future of a response.
pub(crate) struct Exchange {
    work: Work,
    shape: Shape,
    /// Of a request that asks for a WebSocket.
    handshake: Option<Handshake>,
    /// `None` once the response has it.
    running: Option<Running>,
}

impl Exchange {
    fn new(connection: &Arc<Connection>, parts: request::Parts, incoming: Incoming) -> Self {
        let mut running = Running::new(connection);
        let shape = Shape {
            version: parts.version,
            head: parts.method == Method::HEAD,
        };
        if shape.version == Version::HTTP_2 {
            running.pace = Some(connection.new_pace());
        }
        let has_body = !incoming.is_end_stream();
        let collect = has_body && is_worth_collecting(&parts, &incoming);
        // A client that waits to be told has not sent anything yet, and would be told by reading on.
        running.skips_unread =
            shape.version != Version::HTTP_2 && !parts.headers.contains_key(EXPECT);
        let (work, handshake) = match admit(&mut running, parts, incoming) {
            Ok((request, handshake)) if collect => {
                (Work::Collect(Box::new(request), Bytes::new()), handshake)
            }
            Ok((request, handshake)) => (Work::Answer(running.ask(request)), handshake),
            Err(refusal) => {
                if has_body {
                    connection.leave_unread();
                }
                (Work::Refuse(refusal), None)
            }
        };
        Exchange {
            work,
            shape,
            handshake,
            running: Some(running),
        }
    }

    fn finish(&mut self, response: Response, running: Running) -> http::Response<ResponseBody> {
        match self.check(&response) {
            Ok(StatusCode::SWITCHING_PROTOCOLS) => self.switch_protocols(response, running),
            Ok(status) => response::assemble(response, status, self.shape, running),
            Err(refusal) => {
                tracing::warn!("{refusal}");
                self.refuse(refusal, running)
            }
        }
    }

    /// The status of an app's response, if it is one that can be sent.
    fn check(&self, response: &Response) -> Result<StatusCode, Refusal> {
        let status = response.status;
        match (status, &response.web_socket) {
            (101, Some(_)) if self.handshake.is_none() => Err(Refusal::UnwantedUpgrade),
            (101, None) => Err(Refusal::UpgradeWithoutSocket),
            (200..=599, Some(_)) => Err(Refusal::SocketWithoutUpgrade(status)),
            (101 | 200..=599, _) => {
                StatusCode::from_u16(status).map_err(|_| Refusal::BadStatus(status))
            }
            _ => Err(Refusal::BadStatus(status)),
        }
    }

    fn refuse(&self, refusal: Refusal, running: Running) -> http::Response<ResponseBody> {
        let status = refusal.status();
        let closes = refusal.ends_connection() && self.shape.version != Version::HTTP_2;
        let response = refusal.into_response();
        let mut response = response::assemble(response, status, self.shape, running);
        if closes {
            response::ask_to_close(&mut response);
        }
        response
    }

    fn switch_protocols(
        &mut self,
        mut response: Response,
        running: Running,
    ) -> http::Response<ResponseBody> {
        let connection = running.connection.clone();
        let upgrade = self.handshake.take().zip(response.web_socket.take());
        response.body = Body::Empty;
        let status = StatusCode::SWITCHING_PROTOCOLS;
        let mut response = response::assemble(response, status, self.shape, running);
        if let Some((handshake, end)) = upgrade {
            let deflate = websocket::complete_handshake(response.headers_mut(), handshake);
            connection.upgrade_to(Upgrade { end, deflate });
        }
        response
    }
}

impl Future for Exchange {
    type Output = Result<http::Response<ResponseBody>, Gone>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(running) = &this.running else {
            return Poll::Ready(Err(Gone));
        };
        let outcome = ready!(this.work.poll(cx, running));
        let Some(running) = this.running.take() else {
            return Poll::Ready(Err(Gone));
        };
        Poll::Ready(match outcome {
            Ok(response) => Ok(this.finish(response, running)),
            Err(Failure::Refused(refusal)) => Ok(this.refuse(refusal, running)),
            Err(Failure::Gone) => Err(Gone),
        })
    }
}

/// How far the way to a response is.
enum Work {
    Refuse(Refusal),
    Collect(Box<Request>, Bytes),
    Answer(HandlerFuture),
    Done,
}

/// Why there is no response of the app's.
enum Failure {
    Refused(Refusal),
    Gone,
}

impl Work {
    fn poll(&mut self, cx: &mut Context<'_>, running: &Running) -> Poll<Result<Response, Failure>> {
        loop {
            match self {
                Work::Refuse(refusal) => {
                    return Poll::Ready(Err(Failure::Refused(refusal.clone())));
                }
                Work::Collect(_, collected) => ready!(running.poll_collect(cx, collected))?,
                Work::Answer(answer) => {
                    running.check_upload(cx)?;
                    let response = ready!(answer.as_mut().poll(cx));
                    // The app may have met the failure first, and have made something of it.
                    running.check_upload(cx)?;
                    return Poll::Ready(Ok(response));
                }
                Work::Done => return Poll::Ready(Err(Failure::Gone)),
            }
            if let Work::Collect(mut request, collected) = std::mem::replace(self, Work::Done) {
                request.body = Body::Bytes(collected);
                *self = Work::Answer(running.ask(*request));
            }
        }
    }
}

impl Running {
    fn ask(&self, request: Request) -> HandlerFuture {
        self.connection.server().handler().handle(request)
    }

    /// Reads a small body to its end.
    fn poll_collect(
        &self,
        cx: &mut Context<'_>,
        collected: &mut Bytes,
    ) -> Poll<Result<(), Failure>> {
        let Some(upload) = &self.upload else {
            return Poll::Ready(Ok(()));
        };
        while let Some(chunk) = ready!(upload.poll_chunk(cx)) {
            let chunk = chunk.map_err(|error| self.give_up(&error))?;
            append(collected, chunk);
        }
        Poll::Ready(Ok(()))
    }

    /// Fails if the body of the request has failed.
    fn check_upload(&self, cx: &mut Context<'_>) -> Result<(), Failure> {
        let failure = self.upload.as_ref().and_then(|upload| upload.failure(cx));
        failure.map_or(Ok(()), |error| Err(self.give_up(&error)))
    }

    /// Answers in the app's place, if there is somebody to answer.
    fn give_up(&self, error: &BodyError) -> Failure {
        let timeout = self.connection.server().options().body_timeout;
        match Refusal::of_body(error, timeout) {
            Some(refusal) => Failure::Refused(refusal),
            None => Failure::Gone,
        }
    }
}

fn append(collected: &mut Bytes, chunk: Bytes) {
    if collected.is_empty() {
        *collected = chunk;
    } else {
        let mut joined = BytesMut::from(std::mem::take(collected));
        joined.extend_from_slice(&chunk);
        *collected = joined.freeze();
    }
}

/// Small bodies of known size, unless the client wants to hear from the app before it sends.
fn is_worth_collecting(parts: &request::Parts, incoming: &Incoming) -> bool {
    let length = incoming.size_hint().exact();
    length.is_some_and(|length| length <= COLLECT_BYTES) && !parts.headers.contains_key(EXPECT)
}

/// Checks a request and makes it ready for the app.
fn admit(
    running: &mut Running,
    parts: request::Parts,
    incoming: Incoming,
) -> Result<(Request, Option<Handshake>), Refusal> {
    let connection = running.connection.clone();
    let options = connection.server().options();
    let request::Parts {
        method,
        uri,
        version,
        mut headers,
        ..
    } = parts;
    let url = target::url(version, &method, &uri, &mut headers, options)?;
    if headers.len() > options.max_headers {
        return Err(Refusal::ManyHeaders(options.max_headers));
    }
    let handshake = websocket::check_handshake(version, &method, &headers, &options.websocket)?;
    let body = accept_body(running, incoming, options.max_body_bytes)?;
    // After a body the connection would not be where a WebSocket can begin.
    let handshake = handshake.filter(|_| matches!(body, Body::Empty));
    forwarded::strip_request(&mut headers);
    forwarded::introduce(&mut headers, connection.client_ip());
    let request = Request {
        method,
        url,
        headers,
        body,
        client: Client {
            address: connection.client_address(),
            protocol: protocol(version),
        },
    };
    Ok((request, handshake))
}

fn accept_body(running: &mut Running, incoming: Incoming, limit: u64) -> Result<Body, Refusal> {
    if incoming.is_end_stream() {
        return Ok(Body::Empty);
    }
    let length = incoming.size_hint().exact();
    if length.is_some_and(|length| length > limit) {
        return Err(Refusal::LargeBody(limit));
    }
    let upload = Upload::new(incoming, limit);
    running.connection.uploads().add(upload.clone());
    let stream = upload.stream();
    running.upload = Some(upload);
    Ok(Body::Stream { stream, length })
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}
