//! Why bytes are not a value. Every error says at which byte.

/// Bytes that are not a value of this encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a stored value: {kind} at byte {offset}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, counted from the first byte.
    pub offset: usize,
}

/// What is wrong with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    #[error("the bytes end too early")]
    End,
    #[error("there are bytes after the value")]
    Trailing,
    #[error("version {0} of the encoding is not known (this is version 1)")]
    Version(u8),
    #[error("version {0} of V8's format is not known (13 to 15 are)")]
    V8Version(u8),
    #[error("a version of V8's format is missing")]
    NoV8Version,
    #[error("the tag {0:#04x} is not known")]
    Tag(u8),
    #[error("a value was expected and not the tag {0:#04x}")]
    NotAValue(u8),
    #[error("a key has to be a string or a number")]
    Key,
    #[error("a number takes more than 32 bits")]
    Number,
    #[error("a text is not UTF-8")]
    Utf8,
    #[error("a text of 16-bit units has an odd length")]
    OddText,
    #[error("object {0} is referred to before it begins")]
    Forward(u32),
    #[error("objects are more than 2000 deep")]
    Depth,
    #[error("a count does not agree with what was there")]
    Count,
    #[error("a view does not fit its buffer")]
    View,
    #[error("a view has no buffer")]
    NoBuffer,
    #[error("flags that are not known")]
    Flags,
    #[error("a kind of host object that is not known")]
    Host,
}
