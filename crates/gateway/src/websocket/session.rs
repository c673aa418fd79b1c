//! A WebSocket while it is open: messages both ways, pings, and the closing handshake.
//!
//! Back-pressure goes both ways: a client is not read while the app has much to catch up with, and the
//! app's frames stay in its queue while the client does not take what was sent. Time limits are those of
//! `limits`.

mod limits;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use cellhouse_exchange::{Frame, FrameReceiver, FrameSender, WebSocketEnd};
use tokio::time::Instant;

use super::decoder::{Decoder, Message};
use super::deflate::{Agreement, Deflate};
use super::frame::{Opcode, Violation};
use super::outbox::Outbox;
use crate::connection::{Connection, linger};
use crate::service::Running;
use crate::socket::{HangUp, Stall};
use crate::timer::Timer;

/// The client is not read while more than this waits for the app, until no more than the second is left.
const PAUSE_ABOVE: usize = 1 << 20;
const RESUME_AT: usize = 256 << 10;

/// The app's frames are not taken while more than this waits for the client.
const OUTBOX_BYTES: usize = 64 << 10;

/// What is read at once, at least and at most.
const READ_BYTES: usize = 16 << 10;
const MAX_READ_BYTES: usize = 1 << 20;

/// What a connection becomes once its last response, a 101, is sent.
#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) end: WebSocketEnd,
    /// Whether messages may be compressed.
    pub(crate) deflate: Option<Agreement>,
}

/// Runs the WebSocket to its end. `received` is what the client sent right behind its handshake.
pub(crate) async fn run(connection: &Arc<Connection>, upgrade: Upgrade, received: Bytes) {
    let running = Running::new(connection);
    let mut session = Box::new(Session::new(connection, upgrade, &received));
    drop(received);
    poll_fn(|cx| session.poll(cx)).await;
    drop((session, running));
    if connection.socket().stuck_at().is_none() {
        connection.leave_unread();
        linger(connection).await;
    }
}

struct Session {
    connection: Arc<Connection>,
    /// `None` once nothing more will be told to the app.
    to_app: Option<FrameSender>,
    from_app: FrameReceiver,
    decoder: Decoder,
    input: BytesMut,
    outbox: Outbox,
    /// The close frame of the client.
    client_closed: Option<(Option<u16>, String)>,
    /// A close frame is sent or waits to be: nothing may follow it.
    closing: bool,
    /// The client broke the protocol: nothing of it is read any more.
    failed: bool,
    /// The app dropped its end without a close frame.
    app_gone: bool,
    /// Ready when the app has caught up.
    caught_up: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// When the other side's close frame is no longer waited for.
    close_by: Option<Instant>,
    /// When the client was last heard of.
    heard: Instant,
    /// When it was asked for a sign of life since.
    pinged: Option<Instant>,
    stall: Stall,
    hang_up: HangUp,
    timer: Timer,
}

/// The connection is over.
struct Over;

impl Session {
    fn new(connection: &Arc<Connection>, upgrade: Upgrade, received: &[u8]) -> Self {
        let (to_app, from_app) = upgrade.end.split();
        let server = connection.server();
        let options = &server.options().websocket;
        let deflate = (upgrade.deflate.zip(options.compress_above))
            .map(|(agreement, above)| Deflate::new(server.codecs(), agreement, above));
        Session {
            connection: connection.clone(),
            to_app: Some(to_app),
            from_app,
            decoder: Decoder::new(options.max_message_bytes, deflate.clone()),
            input: BytesMut::from(received),
            outbox: Outbox::new(deflate),
            client_closed: None,
            closing: false,
            failed: false,
            app_gone: false,
            caught_up: None,
            close_by: None,
            heard: Instant::now(),
            pinged: None,
            stall: Stall::default(),
            hang_up: HangUp::default(),
            timer: Timer::default(),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.connection.listen(cx);
        match self.advance(cx) {
            Ok(()) => Poll::Pending,
            Err(Over) => Poll::Ready(()),
        }
    }

    fn advance(&mut self, cx: &mut Context<'_>) -> Result<(), Over> {
        let server = self.connection.server().clone();
        if server.is_aborting() {
            return Err(Over);
        }
        if server.is_draining() {
            self.go_away();
        }
        loop {
            let mut progress = self.take_from_client(cx)?;
            progress |= self.take_from_app(cx);
            progress |= self.limit(cx, server.options())?;
            let full = self.is_full();
            self.send(cx)?;
            // What was held up by a full outbox goes on.
            progress |= full && !self.is_full();
            if !progress {
                return Ok(());
            }
        }
    }

    /// Sends what waits. Fails once all that there was to say is said.
    fn send(&mut self, cx: &mut Context<'_>) -> Result<(), Over> {
        match self.outbox.poll_send(cx, self.connection.socket()) {
            Poll::Pending => Ok(()),
            Poll::Ready(Err(_)) => Err(Over),
            Poll::Ready(Ok(())) if self.app_gone => Err(Over),
            Poll::Ready(Ok(())) if self.closing && self.failed => Err(Over),
            Poll::Ready(Ok(())) if self.closing && self.client_closed.is_some() => Err(Over),
            Poll::Ready(Ok(())) => Ok(()),
        }
    }

    /// The gateway shuts down: both sides are told.
    fn go_away(&mut self) {
        if self.closing || self.client_closed.is_some() {
            return;
        }
        let (code, reason) = (1001, "the server is shutting down");
        self.tell_app(Frame::Close {
            code: Some(code),
            reason: reason.to_owned(),
        });
        self.to_app = None;
        self.close(Some(code), reason);
    }

    fn close(&mut self, code: Option<u16>, reason: &str) {
        self.outbox.push_close(code, reason);
        self.closing = true;
        self.wait_for_close();
    }

    fn wait_for_close(&mut self) {
        let options = self.connection.server().options();
        self.close_by = Some(Instant::now() + options.websocket.close_timeout);
    }

    fn take_from_app(&mut self, cx: &mut Context<'_>) -> bool {
        let mut progress = false;
        while !self.closing && !self.app_gone && !self.is_full() {
            let Poll::Ready(frame) = self.from_app.poll_receive(cx) else {
                break;
            };
            progress = true;
            match frame {
                Some(Frame::Text(text)) => self.outbox.push_message(Opcode::Text, text.into()),
                Some(Frame::Binary(bytes)) => self.outbox.push_message(Opcode::Binary, bytes),
                Some(Frame::Close { code, reason }) => self.close(code, &reason),
                None => self.app_went(),
            }
        }
        progress
    }

    fn app_went(&mut self) {
        match self.client_closed.is_some() {
            true => self.answer_close(),
            false => self.app_gone = true,
        }
    }

    /// Answers the client's close frame as it stands.
    fn answer_close(&mut self) {
        if let Some((code, reason)) = self.client_closed.clone() {
            self.close(code, &reason);
        }
    }

    fn tell_app(&self, frame: Frame) {
        if let Some(to_app) = &self.to_app
            && let Err(error) = to_app.send(frame)
        {
            tracing::debug!(%error, "a WebSocket message was not delivered to the app");
        }
    }

    /// Whether the client is not read for now, because one side has to catch up first.
    fn is_paused(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(caught_up) = &mut self.caught_up {
            if caught_up.as_mut().poll(cx).is_pending() {
                return true;
            }
            self.caught_up = None;
        }
        self.is_full()
    }

    fn is_full(&self) -> bool {
        self.outbox.len() >= OUTBOX_BYTES
    }

    /// Reads once and handles what came. `true` if something came.
    fn take_from_client(&mut self, cx: &mut Context<'_>) -> Result<bool, Over> {
        if self.failed {
            return Ok(false);
        }
        if self.is_paused(cx) {
            self.heard = Instant::now();
            let hung_up = self.hang_up.poll(cx, &self.connection).is_ready();
            return if hung_up { Err(Over) } else { Ok(false) };
        }
        // What came with the handshake, or was left when reading paused, is handled first.
        let mut progress = self.handle_input();
        if self.failed || self.caught_up.is_some() {
            return Ok(true);
        }
        match self.read(cx) {
            Poll::Pending => {}
            Poll::Ready(Ok(count)) if count > 0 => {
                progress = true;
                self.heard = Instant::now();
                self.pinged = None;
                self.handle_input();
            }
            Poll::Ready(_) => return Err(Over),
        }
        Ok(progress)
    }

    /// Reads once. While there is nothing to read there is no room for it either: most sockets are idle.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let socket = self.connection.socket();
        let mut read = Poll::Pending;
        if socket.poll_readable(cx)?.is_ready() {
            let missing = self.decoder.wanted().saturating_sub(self.input.len());
            self.input
                .reserve(missing.clamp(READ_BYTES, MAX_READ_BYTES));
            read = socket.poll_read(cx, &mut self.input);
        }
        if read.is_pending() && self.input.is_empty() {
            self.input = BytesMut::new();
        }
        read
    }

    /// Handles the messages that have arrived. `true` if there was one.
    fn handle_input(&mut self) -> bool {
        let mut progress = false;
        while self.caught_up.is_none() && !self.failed {
            if self.client_closed.is_some() {
                // Nothing that follows a close frame counts.
                self.input.clear();
                break;
            }
            match self.decoder.decode(&mut self.input) {
                Ok(None) => break,
                Ok(Some(message)) => self.handle(message),
                Err(violation) => self.fail(violation),
            }
            progress = true;
        }
        progress
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Text(text) => self.deliver(Frame::Text(text)),
            Message::Binary(bytes) => self.deliver(Frame::Binary(bytes)),
            Message::Ping(payload) if !self.closing => {
                self.outbox.push_control(Opcode::Pong, payload);
            }
            Message::Ping(_) | Message::Pong => {}
            Message::Close(close) => self.client_closes(close),
        }
    }

    fn deliver(&mut self, frame: Frame) {
        self.tell_app(frame);
        let Some(to_app) = &self.to_app else {
            return;
        };
        if to_app.queued_bytes() > PAUSE_ABOVE {
            let to_app = to_app.clone();
            self.caught_up = Some(Box::pin(async move { to_app.drained(RESUME_AT).await }));
        }
    }

    fn client_closes(&mut self, close: Option<(u16, String)>) {
        let (code, reason) = match close {
            Some((code, reason)) => (Some(code), reason),
            None => (None, String::new()),
        };
        self.tell_app(Frame::Close {
            code,
            reason: reason.clone(),
        });
        self.client_closed = Some((code, reason));
        self.wait_for_close();
    }

    fn fail(&mut self, violation: Violation) {
        tracing::debug!(%violation, "a WebSocket client broke the protocol");
        self.failed = true;
        self.to_app = None;
        self.input = BytesMut::new();
        if !self.closing {
            self.close(Some(violation.code()), &violation.to_string());
        }
    }
}
