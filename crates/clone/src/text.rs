//! Strings as they stand in the bytes: one byte for each unit where all fit, else two.

use std::borrow::Cow;

/// A JavaScript string: UTF-16 units, lone surrogates too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// Units below 256, one byte each.
    OneByte(&'a [u8]),
    /// Little-endian units; the length is even.
    TwoByte(&'a [u8]),
    /// Only read, from data of others.
    Utf8(&'a str),
}

impl<'a> Text<'a> {
    /// Its units.
    pub fn units(self) -> Vec<u16> {
        match self {
            Text::OneByte(bytes) => bytes.iter().copied().map(u16::from).collect(),
            Text::TwoByte(bytes) => bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|&unit| u16::from_le_bytes(unit))
                .collect(),
            Text::Utf8(text) => text.encode_utf16().collect(),
        }
    }

    /// It as UTF-8; lone surrogates become U+FFFD.
    pub fn to_utf8(self) -> Cow<'a, str> {
        match self {
            Text::Utf8(text) => Cow::Borrowed(text),
            Text::OneByte(bytes) if bytes.is_ascii() => {
                Cow::Borrowed(str::from_utf8(bytes).expect("ASCII is UTF-8"))
            }
            Text::OneByte(bytes) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
            Text::TwoByte(_) => Cow::Owned(String::from_utf16_lossy(&self.units())),
        }
    }
}
