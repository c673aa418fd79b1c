//! Where an object is in a store: its namespace and its id in one fixed length, for the keys of
//! indexes and the name of its cell.

use std::fmt;

use cellhouse_cell::CellName;

use crate::Error;
use crate::id::{LENGTH, hex};

/// Bytes that stand for a namespace.
pub(crate) const TAG: usize = 16;

/// The namespace and the id of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; Address::LENGTH]);

impl Address {
    /// Bytes of an address.
    pub(crate) const LENGTH: usize = TAG + LENGTH;

    pub(crate) fn new(namespace: [u8; TAG], id: [u8; LENGTH]) -> Address {
        let mut bytes = [0; Address::LENGTH];
        bytes[..TAG].copy_from_slice(&namespace);
        bytes[TAG..].copy_from_slice(&id);
        Address(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Address> {
        Some(Address(bytes.try_into().ok()?))
    }

    pub(crate) fn bytes(&self) -> &[u8; Address::LENGTH] {
        &self.0
    }

    pub(crate) fn id(&self) -> [u8; LENGTH] {
        let mut id = [0; LENGTH];
        id.copy_from_slice(&self.0[TAG..]);
        id
    }

    /// Stands for the namespace: see [`Namespace::tag`](crate::Namespace::tag).
    pub fn namespace(&self) -> [u8; TAG] {
        let mut tag = [0; TAG];
        tag.copy_from_slice(&self.0[..TAG]);
        tag
    }

    /// The id as text.
    pub fn id_text(&self) -> String {
        hex(&self.0[TAG..])
    }

    /// The address of which this is the text.
    pub fn from_text(text: &str) -> Option<Address> {
        let mut digits = text.bytes().filter(|byte| *byte != b'-').map(|byte| {
            let digit = char::from(byte).to_digit(16)?;
            u8::try_from(digit).ok()
        });
        let mut bytes = [0; Address::LENGTH];
        for byte in &mut bytes {
            *byte = (digits.next()?? << 4) | digits.next()??;
        }
        digits.next().is_none().then_some(Address(bytes))
    }

    /// The name of its cell: the namespace and the id in hexadecimal digits.
    pub(crate) fn cell_name(&self) -> Result<CellName, Error> {
        Ok(CellName::new("object", &self.to_string())?)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", hex(&self.0[..TAG]), self.id_text())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}
