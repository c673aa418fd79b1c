//! WebSockets: the handshake, messages both ways, and every way in which they end.

mod auto_response;
mod closing;
mod deflate;
mod handshake;
mod messages;

use std::time::Duration;

use bytes::Bytes;
use cellhouse_exchange::{Frame, FrameReceiver, FrameSender, Request, Response, WebSocketEnd};
use cellhouse_gateway::{Options, WebSocketOptions};
use futures_util::{SinkExt, StreamExt};
use http::HeaderValue;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::helper::*;

/// A server whose sockets' other ends arrive here.
fn sockets(options: Options) -> (Running, mpsc::UnboundedReceiver<WebSocketEnd>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let server = start(options, move |request: Request| {
        let (ours, theirs) = WebSocketEnd::pair();
        sender.send(ours).unwrap();
        async move { upgrade(&request, theirs) }
    });
    (server, receiver)
}

fn upgrade(request: &Request, end: WebSocketEnd) -> Response {
    let mut response = with_body(Default::default());
    response.status = 101;
    response.web_socket = Some(end);
    if let Some(protocol) = request.headers.get("sec-websocket-protocol") {
        let first = protocol.to_str().unwrap().split(',').next().unwrap();
        let first = HeaderValue::from_str(first).unwrap();
        response.headers.insert("sec-websocket-protocol", first);
    }
    response
}

async fn open(server: &Running) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let config = WebSocketConfig::default()
        .max_message_size(None)
        .max_frame_size(None);
    let url = "ws://test/room?x=1";
    let (socket, _response) =
        tokio_tungstenite::client_async_with_config(url, stream, Some(config))
            .await
            .unwrap();
    socket
}

/// A client and the app's side of its socket.
struct Pair {
    client: WebSocketStream<TcpStream>,
    to_client: FrameSender,
    from_client: FrameReceiver,
    server: Running,
}

async fn pair(options: Options) -> Pair {
    let (server, mut ends) = sockets(options);
    let client = open(&server).await;
    let (to_client, from_client) = ends.recv().await.unwrap().split();
    Pair {
        client,
        to_client,
        from_client,
        server,
    }
}

fn close(code: impl Into<Option<u16>>, reason: &str) -> Frame {
    Frame::Close {
        code: code.into(),
        reason: reason.to_owned(),
    }
}

fn close_frame(code: u16, reason: &str) -> Message {
    Message::Close(Some(CloseFrame {
        code: CloseCode::from(code),
        reason: reason.into(),
    }))
}

impl Pair {
    async fn app_receives(&mut self) -> Option<Frame> {
        soon(self.from_client.receive()).await
    }

    async fn client_receives(&mut self) -> Message {
        soon(self.client.next()).await.unwrap().unwrap()
    }

    /// The client's connection ends, without a further message.
    async fn client_is_closed(&mut self) {
        match soon(self.client.next()).await {
            None | Some(Err(Error::ConnectionClosed | Error::Protocol(_) | Error::Io(_))) => {}
            other => panic!("{other:?}"),
        }
    }
}

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn ask(headers: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n{headers}\r\n"
    )
}

fn websocket(options: WebSocketOptions) -> Options {
    Options {
        websocket: options,
        ..self::options()
    }
}

const SHORT: Duration = Duration::from_millis(100);

/// A client that sends exact bytes.
async fn raw(options: Options) -> (Client, FrameSender, FrameReceiver, Running) {
    let (server, mut ends) = sockets(options);
    let mut client = server.connect().await;
    client
        .send(ask(&format!("Sec-WebSocket-Version: 13\r\n{KEY}")))
        .await;
    client.head().await;
    let (to_client, from_client) = ends.recv().await.unwrap().split();
    (client, to_client, from_client, server)
}
