//! Bytes, numbers and texts from a slice, with the place where they stop to make sense.

use crate::bigint::BigInt;
use crate::error::{Error, ErrorKind};
use crate::tag;
use crate::text::Text;

/// A slice and how far it was read.
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Scan { bytes, at: 0 }
    }

    /// An error at the byte that was read last.
    pub(super) fn fail(&self, kind: ErrorKind) -> Error {
        Error {
            kind,
            offset: self.at.saturating_sub(1),
        }
    }

    fn too_short(&self) -> Error {
        Error {
            kind: ErrorKind::End,
            offset: self.bytes.len(),
        }
    }

    pub(super) fn end(&self) -> Result<(), Error> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(Error {
            kind: ErrorKind::Trailing,
            offset: self.at,
        })
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.peek().ok_or_else(|| self.too_short())?;
        self.at += 1;
        Ok(byte)
    }

    /// Fails if there are fewer bytes left.
    pub(super) fn require(&self, count: usize) -> Result<(), Error> {
        if self.bytes.len() - self.at < count {
            return Err(self.too_short());
        }
        Ok(())
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        self.require(count)?;
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    /// A tag, without what only fills.
    pub(super) fn tag(&mut self) -> Result<u8, Error> {
        loop {
            match self.byte()? {
                tag::PADDING => {}
                tag::OBJECT_COUNT => {
                    self.varint()?;
                }
                tag => return Ok(tag),
            }
        }
    }

    /// Goes past a tag and what fills before it, if it comes next.
    pub(super) fn skip_if(&mut self, tag: u8) -> bool {
        let rest = &self.bytes[self.at..];
        let filling = rest
            .iter()
            .take_while(|&&byte| byte == tag::PADDING)
            .count();
        let found = rest.get(filling) == Some(&tag);
        if found {
            self.at += filling + 1;
        }
        found
    }

    pub(super) fn varint(&mut self) -> Result<u32, Error> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0xf {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.fail(ErrorKind::Number))
    }

    pub(super) fn zigzag(&mut self) -> Result<i32, Error> {
        let value = self.varint()?;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    pub(super) fn double(&mut self) -> Result<f64, Error> {
        let bytes = self.take(8)?.try_into().expect("eight bytes were taken");
        Ok(f64::from_le_bytes(bytes))
    }

    pub(super) fn bigint(&mut self) -> Result<BigInt<'a>, Error> {
        let field = self.varint()?;
        Ok(BigInt {
            negative: field & 1 != 0,
            bytes: self.take((field >> 1) as usize)?,
        })
    }

    /// A string with its tag.
    pub(super) fn tagged_text(&mut self) -> Result<Text<'a>, Error> {
        let tag = self.tag()?;
        self.text(tag)
    }

    /// The string of a tag that was read.
    pub(super) fn text(&mut self, tag: u8) -> Result<Text<'a>, Error> {
        if !matches!(tag, tag::ONE_BYTE | tag::TWO_BYTE | tag::UTF8) {
            return Err(self.fail(ErrorKind::Tag(tag)));
        }
        let length = self.varint()? as usize;
        let bytes = self.take(length)?;
        match tag {
            tag::ONE_BYTE => Ok(Text::OneByte(bytes)),
            tag::TWO_BYTE if length.is_multiple_of(2) => Ok(Text::TwoByte(bytes)),
            tag::TWO_BYTE => Err(self.fail(ErrorKind::OddText)),
            _ => match str::from_utf8(bytes) {
                Ok(text) => Ok(Text::Utf8(text)),
                Err(_) => Err(self.fail(ErrorKind::Utf8)),
            },
        }
    }
}
