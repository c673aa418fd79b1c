//! Ids of objects: 32 bytes, of which the second half is a message authentication code of the first
//! under the namespace's key, so that an id of one namespace is not taken for one of another. The
//! scheme is workerd's: the same unique key gives the same ids.

use std::fmt;
use std::sync::Arc;

/// Bytes that tell ids apart; as many authenticate them.
pub(crate) const BASE: usize = 16;
/// Bytes of an id.
pub(crate) const LENGTH: usize = 2 * BASE;

/// The id of an object in a namespace. Two are equal when their bytes are, whatever they know of a
/// name.
#[derive(Clone)]
pub struct ObjectId {
    bytes: [u8; LENGTH],
    name: Option<Arc<str>>,
}

impl ObjectId {
    pub(crate) fn new(bytes: [u8; LENGTH], name: Option<Arc<str>>) -> ObjectId {
        ObjectId { bytes, name }
    }

    /// The same id, whose name is known.
    pub fn with_name(self, name: &str) -> ObjectId {
        ObjectId::new(self.bytes, Some(name.into()))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; LENGTH] {
        &self.bytes
    }

    /// The name that it was made from, if it was and that is known.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }
}

impl PartialEq for ObjectId {
    fn eq(&self, other: &ObjectId) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for ObjectId {}

impl std::hash::Hash for ObjectId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.bytes))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self}")?;
        if let Some(name) = &self.name {
            write!(f, ", {name:?}")?;
        }
        f.write_str(")")
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The bytes of 64 hexadecimal digits, of either case.
pub(crate) fn from_hex(text: &str) -> Option<[u8; LENGTH]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * LENGTH {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}
