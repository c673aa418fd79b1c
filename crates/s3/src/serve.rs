//! The listener of the S3 API: HTTP/1.1 and HTTP/2 on one socket.

use std::future::Future;
use std::time::Duration;

use cellhouse_r2::R2;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, EXPECT, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};
use tokio::net::{TcpListener, TcpStream};

use crate::access::Keys;
use crate::api::Api;

/// How long to wait before the next connection, where one could not be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// The only region, as R2 has it. Clients may sign for any other.
pub const REGION: &str = "auto";

/// Answers requests to all buckets of a data directory until `shutdown` is ready; what is being answered
/// then goes on by itself.
pub async fn serve(r2: R2, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let mut builder = S3ServiceBuilder::new(Api::new(r2.clone()));
    builder.set_auth(Keys(r2.clone()));
    builder.set_access(Keys(r2));
    let service = builder.build();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, service.clone()));
            }
            // Too many open files, mostly: others have to be closed first.
            Err(error) => {
                tracing::warn!("the S3 API cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, service: S3Service) {
    // Answers are written whole.
    drop(stream.set_nodelay(true));
    let mut builder = Builder::new(TokioExecutor::new());
    // With a timer, a client has 30 seconds for its headers.
    builder.http1().timer(TokioTimer::new());
    let answers = service_fn(move |request| answer(service.clone(), request));
    let served = builder
        .serve_connection(TokioIo::new(stream), answers)
        .await;
    if let Err(error) = served {
        tracing::debug!("a connection to the S3 API ended: {error}");
    }
}

/// A client that waited with its body for a word of ours, and was refused instead, may take the answer to its
/// next request for one to this. Amazon's servers close the connection, and so do we.
async fn answer(
    service: S3Service,
    request: Request<Incoming>,
) -> Result<Response<Body>, HttpError> {
    let waited = request.headers().contains_key(EXPECT) && request.version() < Version::HTTP_2;
    let mut response = service.call(request.map(Body::from)).await?;
    if waited && !response.status().is_success() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    Ok(response)
}
