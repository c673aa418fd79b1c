//! What a reader gives, one after the other.

use crate::bigint::BigInt;
use crate::tag::{ErrorClass, ViewKind};
use crate::text::Text;

/// One step through a value. Tokens that begin an object count as one object each, from 0: a reference
/// names that number. A new buffer under a view counts before the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    Undefined,
    Null,
    /// A missing element of a dense array.
    Hole,
    Boolean(bool),
    Int32(i32),
    Double(f64),
    BigInt(BigInt<'a>),
    String(Text<'a>),
    /// The object with this number again.
    Reference(u32),
    /// Keys and values follow, then [`Token::End`].
    Object,
    /// This many elements follow, then keys and values, then [`Token::End`].
    DenseArray(u32),
    /// An array of this length; keys and values follow, then [`Token::End`].
    SparseArray(u32),
    /// Keys and values follow, then [`Token::End`].
    Map,
    /// Values follow, then [`Token::End`].
    Set,
    /// The end of what was begun last.
    End,
    /// Milliseconds since 1970, or NaN.
    Date(f64),
    BooleanObject(bool),
    NumberObject(f64),
    BigIntObject(BigInt<'a>),
    StringObject(Text<'a>),
    /// The flags are V8's bits: g 1, i 2, m 4, y 8, u 16, s 32, d 128, v 256.
    RegExp(Text<'a>, u32),
    Buffer(Buffer<'a>),
    View {
        buffer: Backing<'a>,
        kind: ViewKind,
        /// Bytes.
        offset: u32,
        /// Bytes; for a view that tracks its buffer, at the time of writing.
        length: u32,
        tracks_length: bool,
    },
    /// Parts follow, then [`Token::End`]. If `extended`, its parts are followed by keys and values.
    Error {
        class: ErrorClass,
        extended: bool,
    },
    /// The message, stack or name of an error, or the announcement of its cause.
    Part(ErrorPart<'a>),
    Exception {
        name: Text<'a>,
        message: Text<'a>,
        stack: Text<'a>,
    },
    /// An entry of a list that travels beside the bytes.
    Host(u32),
}

/// A part of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorPart<'a> {
    /// Where it is not that of the class.
    Name(Text<'a>),
    Message(Text<'a>),
    Stack(Text<'a>),
    /// The cause follows, a value.
    Cause,
}

/// The bytes of an `ArrayBuffer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer<'a> {
    pub bytes: &'a [u8],
    /// How large it may be made, for a resizable one.
    pub max_length: Option<u32>,
}

/// What is under a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing<'a> {
    New(Buffer<'a>),
    /// The number of an object, which is a buffer.
    Known(u32),
}
