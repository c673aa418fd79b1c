//! A WebSocket client for the tests.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

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

    pub async fn receive(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.stream.next())
            .await
            .expect("no message came")
            .expect("the connection ended without a message")
            .expect("a whole message")
    }
}
