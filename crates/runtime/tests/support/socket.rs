//! A client's side of a WebSocket, as the gateway holds it.

use cellhouse_exchange::{Frame, FrameReceiver, FrameSender};

use super::{App, PATIENCE, get};

pub struct Socket {
    pub sender: FrameSender,
    pub receiver: FrameReceiver,
}

impl App {
    /// Asks for a WebSocket.
    pub async fn socket(&self, path: &str) -> Socket {
        let response = self.fetch(get(path)).await.expect("a response");
        assert_eq!(response.status, 101);
        let end = response.web_socket.expect("a WebSocket");
        let (sender, receiver) = end.split();
        Socket { sender, receiver }
    }
}

impl Socket {
    pub fn say(&self, text: &str) {
        self.sender
            .send(Frame::Text(text.to_owned()))
            .expect("an open socket");
    }

    pub fn close(&self, code: Option<u16>, reason: &str) {
        let reason = reason.to_owned();
        self.sender
            .send(Frame::Close { code, reason })
            .expect("an open socket");
    }

    /// The next frame; `None` when the app's end is gone.
    pub async fn next(&mut self) -> Option<Frame> {
        tokio::time::timeout(PATIENCE, self.receiver.receive())
            .await
            .expect("a frame")
    }

    /// The text of the next frame.
    pub async fn text(&mut self) -> String {
        match self.next().await {
            Some(Frame::Text(text)) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    /// The code and the reason of the next frame.
    pub async fn closed(&mut self) -> (Option<u16>, String) {
        match self.next().await {
            Some(Frame::Close { code, reason }) => (code, reason),
            other => panic!("{other:?} is no close frame"),
        }
    }

    /// Says something and returns the answer.
    pub async fn ask(&mut self, text: &str) -> String {
        self.say(text);
        self.text().await
    }
}
