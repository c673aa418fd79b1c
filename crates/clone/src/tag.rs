//! The tags of V8's format that are written or read, and the kinds of views and errors behind them.

pub(crate) const PADDING: u8 = b'\0';
pub(crate) const OBJECT_COUNT: u8 = b'?';
pub(crate) const HOLE: u8 = b'-';
pub(crate) const UNDEFINED: u8 = b'_';
pub(crate) const NULL: u8 = b'0';
pub(crate) const TRUE: u8 = b'T';
pub(crate) const FALSE: u8 = b'F';
pub(crate) const INT32: u8 = b'I';
pub(crate) const UINT32: u8 = b'U';
pub(crate) const DOUBLE: u8 = b'N';
pub(crate) const BIGINT: u8 = b'Z';
pub(crate) const UTF8: u8 = b'S';
pub(crate) const ONE_BYTE: u8 = b'"';
pub(crate) const TWO_BYTE: u8 = b'c';
pub(crate) const REFERENCE: u8 = b'^';
pub(crate) const OBJECT: u8 = b'o';
pub(crate) const END_OBJECT: u8 = b'{';
pub(crate) const SPARSE_ARRAY: u8 = b'a';
pub(crate) const END_SPARSE_ARRAY: u8 = b'@';
pub(crate) const DENSE_ARRAY: u8 = b'A';
pub(crate) const END_DENSE_ARRAY: u8 = b'$';
pub(crate) const DATE: u8 = b'D';
pub(crate) const TRUE_OBJECT: u8 = b'y';
pub(crate) const FALSE_OBJECT: u8 = b'x';
pub(crate) const NUMBER_OBJECT: u8 = b'n';
pub(crate) const BIGINT_OBJECT: u8 = b'z';
pub(crate) const STRING_OBJECT: u8 = b's';
pub(crate) const REGEXP: u8 = b'R';
pub(crate) const MAP: u8 = b';';
pub(crate) const END_MAP: u8 = b':';
pub(crate) const SET: u8 = b'\'';
pub(crate) const END_SET: u8 = b',';
pub(crate) const BUFFER: u8 = b'B';
pub(crate) const RESIZABLE_BUFFER: u8 = b'~';
pub(crate) const VIEW: u8 = b'V';
pub(crate) const ERROR: u8 = b'r';
pub(crate) const HOST: u8 = b'\\';

/// Parts of an error.
pub(crate) mod part {
    pub(crate) const MESSAGE: u8 = b'm';
    pub(crate) const CAUSE: u8 = b'c';
    pub(crate) const STACK: u8 = b's';
    pub(crate) const END: u8 = b'.';
}

macro_rules! tagged {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $tag:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $(#[doc = concat!("`", stringify!($variant), "`.")] $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The byte that stands for it.
            pub(crate) fn tag(self) -> u8 {
                match self { $($name::$variant => $tag,)* }
            }

            pub(crate) fn of_tag(tag: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.tag() == tag)
            }
        }
    };
}

tagged! {
    /// The class of a view of an `ArrayBuffer`.
    ViewKind {
        Int8Array = b'b',
        Uint8Array = b'B',
        Uint8ClampedArray = b'C',
        Int16Array = b'w',
        Uint16Array = b'W',
        Int32Array = b'd',
        Uint32Array = b'D',
        Float16Array = b'h',
        Float32Array = b'f',
        Float64Array = b'F',
        BigInt64Array = b'q',
        BigUint64Array = b'Q',
        DataView = b'?',
    }
}

tagged! {
    /// The class of an error. V8's format has no tag for `Error` itself, and none for `AggregateError`:
    /// the bytes of these two occur only in an error of our own.
    ErrorClass {
        Error = b'e',
        EvalError = b'E',
        RangeError = b'R',
        ReferenceError = b'F',
        SyntaxError = b'S',
        TypeError = b'T',
        UriError = b'U',
        AggregateError = b'A',
    }
}

impl ViewKind {
    /// Bytes of one element, to which offset and length have to be multiples.
    pub fn element_bytes(self) -> u32 {
        match self {
            ViewKind::Int8Array
            | ViewKind::Uint8Array
            | ViewKind::Uint8ClampedArray
            | ViewKind::DataView => 1,
            ViewKind::Int16Array | ViewKind::Uint16Array | ViewKind::Float16Array => 2,
            ViewKind::Int32Array | ViewKind::Uint32Array | ViewKind::Float32Array => 4,
            ViewKind::Float64Array | ViewKind::BigInt64Array | ViewKind::BigUint64Array => 8,
        }
    }
}

impl ErrorClass {
    /// The name of the class in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            ErrorClass::Error => "Error",
            ErrorClass::EvalError => "EvalError",
            ErrorClass::RangeError => "RangeError",
            ErrorClass::ReferenceError => "ReferenceError",
            ErrorClass::SyntaxError => "SyntaxError",
            ErrorClass::TypeError => "TypeError",
            ErrorClass::UriError => "URIError",
            ErrorClass::AggregateError => "AggregateError",
        }
    }

    /// The class with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }
}
