//! What is open while a value is read, and what may come next in it.

use crate::tag;

/// A container that has begun and not ended.
pub(super) struct Frame {
    pub(super) kind: Kind,
    /// Values that came in it so far, keys too.
    pub(super) items: u32,
    /// Of an array.
    pub(super) length: u32,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Object,
    Dense,
    Sparse,
    Map,
    Set,
    /// `items` is 1 while its cause is awaited.
    Error,
    /// With how many of its parts are read.
    ExtendedError {
        parts: u8,
    },
}

impl Frame {
    pub(super) fn new(kind: Kind, length: u32) -> Self {
        Frame {
            kind,
            items: 0,
            length,
        }
    }

    /// The tag that ends it here, between two entries.
    pub(super) fn end_tag(&self) -> Option<u8> {
        if self.is_amid_pair() {
            return None;
        }
        match self.kind {
            Kind::Object | Kind::ExtendedError { .. } => Some(tag::END_OBJECT),
            Kind::Dense => (self.items >= self.length).then_some(tag::END_DENSE_ARRAY),
            Kind::Sparse => Some(tag::END_SPARSE_ARRAY),
            Kind::Map => Some(tag::END_MAP),
            Kind::Set => Some(tag::END_SET),
            Kind::Error => None,
        }
    }

    /// Whether a missing element may come next.
    pub(super) fn takes_hole(&self) -> bool {
        matches!(self.kind, Kind::Dense) && self.items < self.length
    }

    /// Whether a property's key has to come next.
    pub(super) fn takes_key(&self) -> bool {
        match self.kind {
            Kind::Object | Kind::Sparse | Kind::ExtendedError { .. } => !self.is_amid_pair(),
            Kind::Dense => self.items >= self.length && !self.is_amid_pair(),
            Kind::Map | Kind::Set | Kind::Error => false,
        }
    }

    /// Whether a key has come without its value.
    pub(super) fn is_amid_pair(&self) -> bool {
        let paired = match self.kind {
            Kind::Set | Kind::Error => return false,
            Kind::Dense => self.items.saturating_sub(self.length),
            _ => self.items,
        };
        !paired.is_multiple_of(2)
    }

    /// Whether this many properties came.
    pub(super) fn has_properties(&self, count: u32) -> bool {
        let elements = match self.kind {
            Kind::Dense => self.length,
            _ => 0,
        };
        u64::from(self.items) == u64::from(elements) + 2 * u64::from(count)
    }

    pub(super) fn awaits_cause(&self) -> bool {
        self.items == 1
    }
}
