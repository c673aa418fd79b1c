//! Another server on this machine, with a WebSocket that answers "o:" and what it was told.
#![allow(clippy::result_large_err)] // The type of tungstenite's callback.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, StatusCode};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// Serves until the test ends. Paths: `/ws`; `/plain`, which refuses a WebSocket with a body; `/silent`,
/// which never answers; `/headers`, whose first message is the request's headers.
pub async fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

async fn serve(stream: TcpStream) {
    let mut first = None;
    let mut head = [0; 11];
    stream.peek(&mut head).await.expect("a request");
    if head == *b"GET /silent" {
        return std::future::pending().await;
    }
    let handshake = accept_hdr_async(stream, |request: &Request, response: Response| {
        if request.uri().path() == "/headers" {
            first = Some(list(request));
        }
        answer(request, response)
    });
    let Ok(mut socket) = handshake.await else {
        return;
    };
    if let Some(first) = first {
        socket
            .send(Message::text(first))
            .await
            .expect("a client that listens");
    }
    talk(socket).await;
}

#[expect(clippy::result_large_err, reason = "the library's own signature")]
fn answer(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    if request.uri().path() == "/plain" {
        let mut refusal = ErrorResponse::new(Some("no sockets here".to_owned()));
        *refusal.status_mut() = StatusCode::UPGRADE_REQUIRED;
        refusal
            .headers_mut()
            .insert("x-why", HeaderValue::from_static("plain"));
        return Err(refusal);
    }
    response
        .headers_mut()
        .insert("x-origin", HeaderValue::from_static("yes"));
    if let Some(offered) = request.headers().get("sec-websocket-protocol") {
        let offered = offered.to_str().expect("visible characters");
        let chosen = offered.split(',').next().expect("a first one").trim();
        let chosen = HeaderValue::from_str(chosen).expect("a part of a header");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", chosen);
    }
    Ok(response)
}

fn list(request: &Request) -> String {
    let mut lines: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().expect("visible characters")))
        .collect();
    lines.sort();
    lines.join("\n")
}

async fn talk(mut socket: WebSocketStream<TcpStream>) {
    while let Some(Ok(message)) = socket.next().await {
        let answer = match message {
            Message::Text(text) if text.as_str() == "close-me" => {
                Message::Close(Some(CloseFrame {
                    code: 4003.into(),
                    reason: "origin bye".into(),
                }))
            }
            Message::Text(text) if text.as_str() == "vanish" => return,
            Message::Text(text) if text.as_str() == "huge" => {
                Message::binary(vec![0; (32 << 20) + 1])
            }
            Message::Text(text) => Message::text(format!("o:{text}")),
            Message::Binary(bytes) => Message::Binary(bytes),
            _ => continue,
        };
        if socket.send(answer).await.is_err() {
            return;
        }
    }
}
