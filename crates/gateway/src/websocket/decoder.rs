//! From bytes of a client to whole messages: fragments are joined, text is checked as it arrives (when it
//! is whole, where it is compressed), and nothing is kept that exceeds the limit.

use std::str;

use bytes::{Buf, Bytes, BytesMut};

use super::deflate::Deflate;
use super::frame::{Header, Opcode, RESERVED, Violation, unmask};

/// Payloads up to this size are copied out of the read buffer, so that a small message that an app keeps
/// does not keep the whole buffer.
const COPY_BYTES: usize = 4 << 10;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    Text(String),
    Binary(Bytes),
    Ping(Bytes),
    Pong,
    /// `None` where the close frame carries no code.
    Close(Option<(u16, String)>),
}

/// Joins frames to messages. Useless after its first error.
#[derive(Debug)]
pub(super) struct Decoder {
    max_message: usize,
    /// Where compressed messages were agreed on.
    deflate: Option<Deflate>,
    /// The message of which a fragment has arrived.
    begun: Option<Fragments>,
    /// Bytes of input that the next step needs.
    wanted: usize,
}

#[derive(Debug)]
struct Fragments {
    text: bool,
    compressed: bool,
    data: BytesMut,
    /// Bytes of `data` that are known to be UTF-8.
    checked: usize,
}

impl Decoder {
    pub(super) fn new(max_message: usize, deflate: Option<Deflate>) -> Self {
        Decoder {
            max_message,
            deflate,
            begun: None,
            wanted: 2,
        }
    }

    /// How many bytes of input the next message needs at least, as far as is known.
    pub(super) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Takes the next message from `input`; `None` if it is not complete.
    pub(super) fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Message>, Violation> {
        loop {
            let Some(header) = Header::parse(input)? else {
                self.wanted = input.len() + 1;
                return Ok(None);
            };
            let payload = self.check(&header)?;
            self.wanted = header.size + payload;
            if input.len() < self.wanted {
                return Ok(None);
            }
            input.advance(header.size);
            let mut payload = input.split_to(payload);
            unmask(&mut payload, header.mask);
            self.wanted = 2;
            if let Some(message) = self.accept(&header, payload)? {
                return Ok(Some(message));
            }
        }
    }

    /// The size of the payload, if the frame may come now and is not too large.
    fn check(&self, header: &Header) -> Result<usize, Violation> {
        let continues = header.opcode == Opcode::Continuation;
        if !header.opcode.is_control() && continues != self.begun.is_some() {
            let text = "a fragment has no begin, or a message begins within another";
            return Err(Violation::Protocol(text));
        }
        if header.compressed && !self.may_be_compressed(header.opcode) {
            return Err(RESERVED);
        }
        let payload = usize::try_from(header.payload).unwrap_or(usize::MAX);
        if header.opcode.is_control() {
            return Ok(payload);
        }
        let (before, compressed) = match &self.begun {
            Some(begun) => (begun.data.len(), begun.compressed),
            None => (0, header.compressed),
        };
        let limit = match compressed {
            true => Deflate::compressed_limit(self.max_message),
            false => self.max_message,
        };
        match before.saturating_add(payload) <= limit {
            true => Ok(payload),
            false => Err(Violation::TooBig(self.max_message)),
        }
    }

    fn may_be_compressed(&self, opcode: Opcode) -> bool {
        self.deflate.is_some() && matches!(opcode, Opcode::Text | Opcode::Binary)
    }

    fn accept(&mut self, header: &Header, payload: BytesMut) -> Result<Option<Message>, Violation> {
        match header.opcode {
            Opcode::Ping => Ok(Some(Message::Ping(payload.freeze()))),
            Opcode::Pong => Ok(Some(Message::Pong)),
            Opcode::Close => close(&payload).map(|close| Some(Message::Close(close))),
            Opcode::Text if header.last && !header.compressed => text(&payload).map(Some),
            Opcode::Binary if header.last && !header.compressed => Ok(Some(binary(payload))),
            Opcode::Text | Opcode::Binary => {
                let begun = Fragments::new(header, payload)?;
                if header.last {
                    return self.finish(begun).map(Some);
                }
                self.begun = Some(begun);
                Ok(None)
            }
            Opcode::Continuation => self.join(header.last, &payload),
        }
    }

    fn join(&mut self, last: bool, payload: &[u8]) -> Result<Option<Message>, Violation> {
        let Some(begun) = &mut self.begun else {
            return Ok(None);
        };
        begun.data.extend_from_slice(payload);
        begun.check()?;
        if !last {
            return Ok(None);
        }
        let whole = self.begun.take();
        whole.map(|whole| self.finish(whole)).transpose()
    }

    fn finish(&self, whole: Fragments) -> Result<Message, Violation> {
        let data = match &self.deflate {
            Some(deflate) if whole.compressed => {
                deflate.decompress(&whole.data, self.max_message)?
            }
            _ if !whole.text => return Ok(Message::Binary(whole.data.freeze())),
            _ => Vec::from(whole.data),
        };
        match whole.text {
            false => Ok(Message::Binary(data.into())),
            true => String::from_utf8(data)
                .map(Message::Text)
                .map_err(|_| Violation::Utf8),
        }
    }
}

impl Fragments {
    fn new(header: &Header, data: BytesMut) -> Result<Self, Violation> {
        let mut begun = Fragments {
            text: header.opcode == Opcode::Text,
            compressed: header.compressed,
            data,
            checked: 0,
        };
        begun.check()?;
        Ok(begun)
    }

    /// Fails as soon as the text cannot become UTF-8 any more.
    fn check(&mut self) -> Result<(), Violation> {
        if !self.text || self.compressed {
            return Ok(());
        }
        match str::from_utf8(&self.data[self.checked..]) {
            Ok(_) => self.checked = self.data.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(Violation::Utf8),
        }
        Ok(())
    }
}

fn text(payload: &[u8]) -> Result<Message, Violation> {
    let text = str::from_utf8(payload).map_err(|_| Violation::Utf8)?;
    Ok(Message::Text(text.to_owned()))
}

fn binary(payload: BytesMut) -> Message {
    match payload.len() {
        0..=COPY_BYTES => Message::Binary(Bytes::copy_from_slice(&payload)),
        _ => Message::Binary(payload.freeze()),
    }
}

fn close(payload: &[u8]) -> Result<Option<(u16, String)>, Violation> {
    if payload.is_empty() {
        return Ok(None);
    }
    let Some((code, reason)) = payload.split_first_chunk() else {
        return Err(Violation::Protocol("a close frame has half a code"));
    };
    let code = u16::from_be_bytes(*code);
    if !is_code(code) {
        return Err(Violation::Protocol(
            "the code of a close frame is not allowed",
        ));
    }
    let reason = str::from_utf8(reason).map_err(|_| Violation::Utf8)?;
    Ok(Some((code, reason.to_owned())))
}

/// Codes that may be in a close frame: those that RFC 6455 and its registry define, of libraries, and
/// of applications.
pub(super) fn is_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests;
