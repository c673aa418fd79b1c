//! What waits to be sent to a WebSocket's client. Small frames are gathered, so that many leave with one
//! system call; large payloads are sent from where they are.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::decoder::is_code;
use super::deflate::Deflate;
use super::frame::{MAX_CONTROL, Opcode, write_header};
use crate::socket::Socket;

/// Payloads up to this size are copied behind their header.
const GATHER_BYTES: usize = 8 << 10;

/// Pieces that are handed to the system at once.
const SLICES: usize = 16;

/// Frames in the order in which they are sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pieces: VecDeque<Bytes>,
    tail: BytesMut,
    bytes: usize,
    /// Where compressed messages were agreed on.
    deflate: Option<Deflate>,
}

impl Outbox {
    pub(super) fn new(deflate: Option<Deflate>) -> Self {
        Outbox {
            deflate,
            ..Outbox::default()
        }
    }

    /// Bytes that wait.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// A message, compressed where that was agreed on and is worth it.
    pub(super) fn push_message(&mut self, opcode: Opcode, payload: Bytes) {
        let deflate = self.deflate.as_ref();
        match deflate.and_then(|deflate| deflate.compress(&payload)) {
            Some(compressed) => self.push_frame(opcode, true, compressed),
            None => self.push_frame(opcode, false, payload),
        }
    }

    /// A control frame.
    pub(super) fn push_control(&mut self, opcode: Opcode, payload: Bytes) {
        self.push_frame(opcode, false, payload);
    }

    fn push_frame(&mut self, opcode: Opcode, compressed: bool, payload: Bytes) {
        let before = self.tail.len();
        write_header(&mut self.tail, opcode, compressed, payload.len());
        self.bytes += self.tail.len() - before + payload.len();
        if payload.len() <= GATHER_BYTES {
            self.tail.put_slice(&payload);
        } else {
            self.pieces.push_back(self.tail.split().freeze());
            self.pieces.push_back(payload);
        }
    }

    /// A close frame. A code that must not be sent is left out, a long reason is cut at a character.
    pub(super) fn push_close(&mut self, code: Option<u16>, reason: &str) {
        let mut payload = BytesMut::new();
        if let Some(code) = code.filter(|code| is_code(*code)) {
            payload.put_u16(code);
            let fits = reason.floor_char_boundary(MAX_CONTROL - 2);
            payload.put_slice(&reason.as_bytes()[..fits]);
        }
        self.push_control(Opcode::Close, payload.freeze());
    }

    /// Sends until nothing waits. Room for what waited is not kept: most sockets are idle.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        socket: &Socket,
    ) -> Poll<io::Result<()>> {
        while !self.is_empty() {
            if !self.tail.is_empty() {
                self.pieces.push_back(self.tail.split().freeze());
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
                *slice = IoSlice::new(piece);
                count += 1;
            }
            let sent = ready!(socket.poll_write(cx, &slices[..count]))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.forget(sent);
            if self.is_empty() {
                self.pieces = VecDeque::new();
                self.tail = BytesMut::new();
            }
        }
        Poll::Ready(Ok(()))
    }

    fn forget(&mut self, mut sent: usize) {
        self.bytes -= sent;
        while let Some(piece) = self.pieces.front_mut() {
            if sent < piece.len() {
                piece.advance(sent);
                return;
            }
            sent -= piece.len();
            self.pieces.pop_front();
        }
    }
}
