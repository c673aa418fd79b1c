//! Constants of the encoding that are not tags, each with its source.

/// Our version, the first byte of every value. Raised when a reader of today could not read what is written.
pub const VERSION: u8 = 1;

/// The version of V8's wire format that is written: V8 11 and later write it.
pub const V8_VERSION: u8 = 15;

/// The oldest version of V8's format that is read. Before it, host objects had no tag.
pub(crate) const OLDEST_V8_VERSION: u8 = 13;

/// The version since which a view has flags.
pub(crate) const VIEW_FLAGS_SINCE: u8 = 14;

/// Marks the version of V8's format.
pub(crate) const V8_MARK: u8 = 0xff;

/// How deep objects may stand in each other. Ours: a reader uses the native stack, and data comes from others.
pub const MAX_DEPTH: usize = 2000;

/// What follows the tag of a host object.
pub(crate) mod host {
    /// An index into a list that travels beside the bytes.
    pub(crate) const INDEX: u8 = 0;
    /// An error with more than V8's format has room for.
    pub(crate) const ERROR: u8 = 1;
    /// A `DOMException`.
    pub(crate) const EXCEPTION: u8 = 2;
}

/// Flags of a view: V8's `JSArrayBufferViewIsLengthTracking` and `...IsBackedByRab`.
pub(crate) mod view {
    pub(crate) const TRACKS_LENGTH: u32 = 1;
    pub(crate) const RESIZABLE: u32 = 2;
}
