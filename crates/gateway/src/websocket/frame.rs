//! Single frames on the wire (RFC 6455, 5.2): their headers and their mask.

use bytes::{BufMut, BytesMut};

/// The largest payload of a control frame.
pub(super) const MAX_CONTROL: usize = 125;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Opcode::Continuation,
            0x1 => Opcode::Text,
            0x2 => Opcode::Binary,
            0x8 => Opcode::Close,
            0x9 => Opcode::Ping,
            0xA => Opcode::Pong,
            _ => return None,
        })
    }

    fn bits(self) -> u8 {
        match self {
            Opcode::Continuation => 0x0,
            Opcode::Text => 0x1,
            Opcode::Binary => 0x2,
            Opcode::Close => 0x8,
            Opcode::Ping => 0x9,
            Opcode::Pong => 0xA,
        }
    }

    pub(super) fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

/// How a client broke the protocol, and the code that it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    #[error("{0}")]
    Protocol(&'static str),
    #[error("text is not valid UTF-8")]
    Utf8,
    #[error("a compressed message is malformed")]
    Compression,
    #[error("the message is larger than the limit of {0} bytes")]
    TooBig(usize),
}

impl Violation {
    /// The close code of RFC 6455, 7.4.1.
    pub(super) fn code(self) -> u16 {
        match self {
            Violation::Protocol(_) => 1002,
            Violation::Utf8 | Violation::Compression => 1007,
            Violation::TooBig(_) => 1009,
        }
    }
}

/// A bit is set that no extension gave a meaning to.
pub(super) const RESERVED: Violation = Violation::Protocol("a reserved bit is set");

/// The header of a client's frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) last: bool,
    /// The bit that permessage-deflate sets on the first frame of a compressed message.
    pub(super) compressed: bool,
    pub(super) opcode: Opcode,
    pub(super) mask: [u8; 4],
    /// Bytes of payload.
    pub(super) payload: u64,
    /// Bytes of the header itself.
    pub(super) size: usize,
}

impl Header {
    /// Reads a header from the begin of `input`; `None` if it is not complete.
    pub(super) fn parse(input: &[u8]) -> Result<Option<Self>, Violation> {
        let &[first, second, ..] = input else {
            return Ok(None);
        };
        if first & 0x30 != 0 {
            return Err(RESERVED);
        }
        let opcode = Opcode::from_bits(first & 0x0F);
        let opcode = opcode.ok_or(Violation::Protocol("the opcode is unknown"))?;
        if second & 0x80 == 0 {
            return Err(Violation::Protocol("a frame is not masked"));
        }
        let last = first & 0x80 != 0;
        let short = second & 0x7F;
        if opcode.is_control() && (!last || usize::from(short) > MAX_CONTROL) {
            let text = "a control frame is fragmented or longer than 125 bytes";
            return Err(Violation::Protocol(text));
        }
        let Some((payload, mask_at)) = length(short, input)? else {
            return Ok(None);
        };
        let Some(mask) = input.get(mask_at..).and_then(<[u8]>::first_chunk) else {
            return Ok(None);
        };
        Ok(Some(Header {
            last,
            compressed: first & 0x40 != 0,
            opcode,
            mask: *mask,
            payload,
            size: mask_at + 4,
        }))
    }
}

/// The length of the payload and where its mask begins.
fn length(short: u8, input: &[u8]) -> Result<Option<(u64, usize)>, Violation> {
    let rest = &input[2..];
    let (length, size) = match short {
        126 => match rest.first_chunk() {
            Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 4),
            None => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 10),
            None => return Ok(None),
        },
        short => (u64::from(short), 2),
    };
    let minimal = match size {
        2 => true,
        4 => length > 125,
        _ => length > 0xFFFF,
    };
    match minimal && length < 1 << 63 {
        true => Ok(Some((length, size))),
        false => Err(Violation::Protocol("the length of a frame is malformed")),
    }
}

/// Writes the header of a whole message, unmasked as servers send it.
pub(super) fn write_header(
    output: &mut BytesMut,
    opcode: Opcode,
    compressed: bool,
    payload: usize,
) {
    output.put_u8(0x80 | u8::from(compressed) << 6 | opcode.bits());
    match payload {
        0..=125 => output.put_u8(payload as u8),
        126..=0xFFFF => {
            output.put_u8(126);
            output.put_u16(payload as u16);
        }
        _ => {
            output.put_u8(127);
            output.put_u64(payload as u64);
        }
    }
}

/// Takes the mask off a payload, or puts it on.
pub(super) fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let bytes: &mut [u8; 8] = chunk.try_into().expect("chunks are 8 bytes long");
        *bytes = (u64::from_ne_bytes(*bytes) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in chunks.into_remainder().iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}
