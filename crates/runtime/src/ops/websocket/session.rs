//! A connection to another server's WebSocket, joined to an end of this process.
//!
//! Owns the pace and the closing of one connection; framing is the library's. A message is read only
//! while few wait for JavaScript, so that a fast server feels back-pressure.

use std::pin::pin;
use std::time::Duration;

use cellhouse_exchange::{Frame, FrameReceiver, FrameSender, WebSocketEnd};
use futures_util::future::{Either, select};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, WebSocketConfig};

/// The largest message that is taken. Cloudflare's: 32 MiB since 2025-10-31.
const MAX_MESSAGE_BYTES: usize = 32 << 20;
/// Bytes that may wait for JavaScript before reading pauses.
const READ_AHEAD: usize = 1 << 20;
/// Buffers of the library, per direction.
const BUFFER_BYTES: usize = 16 << 10;
/// How long the other server may take to answer a close frame, or to hang up after its own.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
}

/// Runs a connection until it is closed. Dropping `end`'s peer without a close frame hangs up.
pub(super) async fn run<S>(stream: WebSocketStream<S>, end: WebSocketEnd)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (sink, source) = stream.split();
    let (sender, receiver) = end.split();
    let reading = pin!(read(source, sender));
    let writing = pin!(write(sink, receiver));
    match select(reading, writing).await {
        Either::Left((End::Gone, _)) | Either::Right((Written::Dropped, _)) => {}
        // The close frame that says what was wrong is on its way.
        Either::Left((End::Violated, writing)) => drop(timeout(CLOSE_PATIENCE, writing).await),
        Either::Right((Written::Closed, reading)) => drop(timeout(CLOSE_PATIENCE, reading).await),
    }
}

/// Why nothing more is read.
enum End {
    /// The connection is closed or broken.
    Gone,
    /// The server broke the protocol and was told so.
    Violated,
}

/// Why nothing more is written.
enum Written {
    Closed,
    Dropped,
}

async fn read(
    mut source: impl Stream<Item = Result<Message, Error>> + Unpin,
    sender: FrameSender,
) -> End {
    loop {
        sender.drained(READ_AHEAD).await;
        let frame = match source.next().await {
            Some(Ok(Message::Text(text))) => Frame::Text(text.as_str().to_owned()),
            Some(Ok(Message::Binary(bytes))) => Frame::Binary(bytes),
            Some(Ok(Message::Close(close))) => {
                _ = sender.send(close_frame(close));
                // The library answers; then the server hangs up.
                drop(timeout(CLOSE_PATIENCE, source.next()).await);
                return End::Gone;
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Err(error)) => return violation(&error, &sender),
            None => return End::Gone,
        };
        if sender.send(frame).is_err() {
            return End::Gone;
        }
    }
}

fn close_frame(close: Option<CloseFrame>) -> Frame {
    match close {
        Some(close) => Frame::Close {
            code: Some(close.code.into()),
            reason: close.reason.as_str().to_owned(),
        },
        None => Frame::Close {
            code: None,
            reason: String::new(),
        },
    }
}

/// Tells the app how the server broke the protocol; the app's automatic answer tells the server.
fn violation(error: &Error, sender: &FrameSender) -> End {
    let code = match error {
        Error::Capacity(_) => 1009,
        Error::Utf8(_) => 1007,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return End::Gone,
        Error::Protocol(_) => 1002,
        _ => return End::Gone,
    };
    let mut reason = error.to_string();
    reason.truncate(123);
    let code = Some(code);
    match sender.send(Frame::Close { code, reason }) {
        Ok(()) => End::Violated,
        Err(_) => End::Gone,
    }
}

async fn write(
    mut sink: impl Sink<Message, Error = Error> + Unpin,
    mut receiver: FrameReceiver,
) -> Written {
    while let Some(frame) = receiver.receive().await {
        let (message, last) = match frame {
            Frame::Text(text) => (Message::text(text), false),
            Frame::Binary(bytes) => (Message::Binary(bytes), false),
            Frame::Close { code, reason } => (close_message(code, reason), true),
        };
        // A connection that broke is noticed by the reading side.
        if sink.send(message).await.is_err() || last {
            return Written::Closed;
        }
    }
    Written::Dropped
}

fn close_message(code: Option<u16>, reason: String) -> Message {
    Message::Close(code.map(|code| CloseFrame {
        code: code.into(),
        reason: reason.into(),
    }))
}
