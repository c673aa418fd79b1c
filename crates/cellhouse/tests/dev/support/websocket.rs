//! A WebSocket client for the tests.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{Client, PATIENCE};

pub struct WebSocket {
    stream: WebSocketStream<TcpStream>,
}

impl WebSocket {
    pub async fn connect(client: &Client, path: &str) -> Self {
        let tcp = TcpStream::connect(client.address()).await.expect("connect");
        let url = format!("ws://{}{path}", client.address());
        let (stream, _) = tokio_tungstenite::client_async(url, tcp)
            .await
            .expect("the server agrees to speak WebSocket");
        Self { stream }
    }

    pub async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("send a message");
    }

    /// Sends a close frame, and waits for that of the server.
    pub async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        self.send(Message::Close(Some(frame.clone()))).await;
        assert_eq!(self.receive().await, Message::Close(Some(frame)));
    }

    /// Sends a frame that is too large; what code the server closed with, if that was still to be read.
    pub async fn overload(&mut self, bytes: usize) -> Option<u16> {
        let sending = self.stream.send(Message::binary(vec![0; bytes]));
        let _ = tokio::time::timeout(PATIENCE, sending)
            .await
            .expect("sent or refused");
        let end = tokio::time::timeout(PATIENCE, self.stream.next());
        match end.await.expect("the server ends it") {
            Some(Ok(Message::Close(Some(frame)))) => Some(frame.code.into()),
            Some(Ok(other)) => panic!("it was answered: {} bytes", other.len()),
            Some(Err(_)) | None => None,
        }
    }

    pub async fn receive(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.stream.next())
            .await
            .expect("no message came")
            .expect("the connection ended without a message")
            .expect("a whole message")
    }
}
