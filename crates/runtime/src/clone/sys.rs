//! The functions of QuickJS that `engine.rs` uses, and its layouts, as `quickjs.h` declares them for
//! 64-bit machines.

use std::ffi::{c_char, c_int, c_void};

/// An engine value, borrowed or owned as the context says.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Raw {
    pub(super) payload: u64,
    pub(super) tag: i64,
}

pub(super) type Atom = u32;

/// In an atom that is an index itself.
pub(super) const ATOM_INDEX: Atom = 1 << 31;

pub(super) mod tag {
    pub(crate) const BIG_INT: i64 = -9;
    pub(crate) const STRING: i64 = -7;
    pub(crate) const STRING_ROPE: i64 = -6;
    pub(crate) const OBJECT: i64 = -1;
    pub(crate) const INT: i64 = 0;
    pub(crate) const BOOL: i64 = 1;
    pub(crate) const NULL: i64 = 2;
    pub(crate) const UNDEFINED: i64 = 3;
    pub(crate) const EXCEPTION: i64 = 6;
    pub(crate) const SHORT_BIG_INT: i64 = 7;
    pub(crate) const FLOAT64: i64 = 8;
}

/// Numbers of the engine's classes: the order of its own enumeration. A test compares each with an object
/// of that class.
pub(super) mod class {
    pub(crate) const OBJECT: u32 = 1;
    pub(crate) const ARRAY: u32 = 2;
    pub(crate) const ERROR: u32 = 3;
    pub(crate) const NUMBER: u32 = 4;
    pub(crate) const STRING: u32 = 5;
    pub(crate) const BOOLEAN: u32 = 6;
    pub(crate) const SYMBOL: u32 = 7;
    pub(crate) const ARGUMENTS: u32 = 8;
    pub(crate) const MAPPED_ARGUMENTS: u32 = 9;
    pub(crate) const DATE: u32 = 10;
    pub(crate) const MODULE_NAMESPACE: u32 = 11;
    pub(crate) const REGEXP: u32 = 19;
    pub(crate) const ARRAY_BUFFER: u32 = 20;
    pub(crate) const SHARED_ARRAY_BUFFER: u32 = 21;
    pub(crate) const UINT8C_ARRAY: u32 = 22;
    pub(crate) const FLOAT64_ARRAY: u32 = 33;
    pub(crate) const DATA_VIEW: u32 = 34;
    pub(crate) const BIG_INT: u32 = 35;
    pub(crate) const MAP: u32 = 36;
    pub(crate) const SET: u32 = 37;
    pub(crate) const WEAK_MAP: u32 = 38;
    pub(crate) const WEAK_SET: u32 = 39;
    pub(crate) const MAP_ITERATOR: u32 = 44;
    pub(crate) const SET_ITERATOR: u32 = 45;
    pub(crate) const GENERATOR: u32 = 49;
    pub(crate) const PROXY: u32 = 51;
    pub(crate) const PROMISE: u32 = 52;
    pub(crate) const ASYNC_GENERATOR: u32 = 60;
    pub(crate) const WEAK_REF: u32 = 62;
    pub(crate) const FINALIZATION_REGISTRY: u32 = 63;
    /// The first that is not the engine's own.
    pub(crate) const FIRST_FOREIGN: u32 = 67;
}

pub(super) const PROPERTY_HIDDEN: c_int = 1 | 2;
pub(super) const PROPERTY_USUAL: c_int = 1 | 2 | 4;
pub(super) const PROPERTY_ACCESSORS: c_int = 1 << 4;

pub(super) const NAMES_STRINGS: c_int = 1;
pub(super) const NAMES_ENUMERABLE: c_int = 1 << 4;

#[repr(C)]
pub(super) struct PropertyEnum {
    is_enumerable: bool,
    pub(super) atom: Atom,
}

#[repr(C)]
pub(super) struct PropertyDescriptor {
    pub(super) flags: c_int,
    pub(super) value: Raw,
    pub(super) getter: Raw,
    pub(super) setter: Raw,
}

impl Raw {
    pub(super) const UNDEFINED: Raw = Raw::new(tag::UNDEFINED, 0);
    pub(super) const NULL: Raw = Raw::new(tag::NULL, 0);

    const fn new(tag: i64, payload: u64) -> Raw {
        Raw { payload, tag }
    }

    pub(super) fn boolean(value: bool) -> Raw {
        Raw::new(tag::BOOL, value.into())
    }

    pub(super) fn int(value: i32) -> Raw {
        Raw::new(tag::INT, u64::from(value as u32))
    }

    pub(super) fn double(value: f64) -> Raw {
        Raw::new(tag::FLOAT64, value.to_bits())
    }

    pub(super) fn is_counted(self) -> bool {
        self.tag < 0
    }

    pub(super) fn as_int(self) -> i32 {
        self.payload as u32 as i32
    }

    /// The number that it is, if it is one.
    pub(super) fn as_number(self) -> Option<f64> {
        match self.tag {
            tag::INT => Some(self.as_int().into()),
            tag::FLOAT64 => Some(f64::from_bits(self.payload)),
            _ => None,
        }
    }
}

type Context = *mut c_void;

unsafe extern "C" {
    pub(super) fn JS_FreeValue(context: Context, value: Raw);
    pub(super) fn JS_DupValue(context: Context, value: Raw) -> Raw;
    pub(super) fn JS_GetException(context: Context) -> Raw;
    pub(super) fn JS_HasException(context: Context) -> bool;
    pub(super) fn JS_NewStringLen(context: Context, text: *const c_char, length: usize) -> Raw;
    pub(super) fn JS_NewStringUTF16(context: Context, text: *const u16, length: usize) -> Raw;
    pub(super) fn JS_NewBigInt64(context: Context, value: i64) -> Raw;
    pub(super) fn JS_NewObject(context: Context) -> Raw;
    pub(super) fn JS_NewArray(context: Context) -> Raw;
    pub(super) fn JS_NewArrayFrom(context: Context, count: c_int, values: *const Raw) -> Raw;
    pub(super) fn JS_NewDate(context: Context, time: f64) -> Raw;
    pub(super) fn JS_ToObject(context: Context, value: Raw) -> Raw;
    pub(super) fn JS_NewArrayBufferCopy(context: Context, bytes: *const u8, length: usize) -> Raw;
    pub(super) fn JS_NewTypedArray(
        context: Context,
        count: c_int,
        arguments: *const Raw,
        kind: c_int,
    ) -> Raw;
    pub(super) fn JS_GetClassID(value: Raw) -> u32;
    pub(super) fn JS_IsFunction(context: Context, value: Raw) -> bool;
    pub(super) fn JS_GetPrototype(context: Context, value: Raw) -> Raw;
    pub(super) fn JS_GetOwnPropertyNames(
        context: Context,
        table: *mut *mut PropertyEnum,
        length: *mut u32,
        object: Raw,
        flags: c_int,
    ) -> c_int;
    pub(super) fn JS_FreePropertyEnum(context: Context, table: *mut PropertyEnum, length: u32);
    pub(super) fn JS_GetOwnProperty(
        context: Context,
        found: *mut PropertyDescriptor,
        object: Raw,
        name: Atom,
    ) -> c_int;
    pub(super) fn JS_GetPropertyUint32(context: Context, object: Raw, index: u32) -> Raw;
    pub(super) fn JS_GetLength(context: Context, object: Raw, length: *mut i64) -> c_int;
    pub(super) fn JS_SetLength(context: Context, object: Raw, length: i64) -> c_int;
    pub(super) fn JS_ToCStringLen2(
        context: Context,
        length: *mut usize,
        value: Raw,
        cesu8: bool,
    ) -> *const c_char;
    pub(super) fn JS_FreeCString(context: Context, text: *const c_char);
    pub(super) fn JS_ToCStringLenUTF16(
        context: Context,
        length: *mut usize,
        value: Raw,
    ) -> *const u16;
    pub(super) fn JS_FreeCStringUTF16(context: Context, text: *const u16);
    pub(super) fn JS_GetArrayBuffer(context: Context, length: *mut usize, buffer: Raw) -> *mut u8;
    pub(super) fn JS_GetTypedArrayBuffer(
        context: Context,
        view: Raw,
        offset: *mut usize,
        length: *mut usize,
        element: *mut usize,
    ) -> Raw;
    pub(super) fn JS_NewAtomLen(context: Context, text: *const c_char, length: usize) -> Atom;
    pub(super) fn JS_ValueToAtom(context: Context, value: Raw) -> Atom;
    pub(super) fn JS_AtomToString(context: Context, name: Atom) -> Raw;
    pub(super) fn JS_FreeAtom(context: Context, name: Atom);
    pub(super) fn JS_DefinePropertyValue(
        context: Context,
        object: Raw,
        name: Atom,
        value: Raw,
        flags: c_int,
    ) -> c_int;
    pub(super) fn JS_DefinePropertyValueUint32(
        context: Context,
        object: Raw,
        index: u32,
        value: Raw,
        flags: c_int,
    ) -> c_int;
    pub(super) fn JS_Call(
        context: Context,
        function: Raw,
        this: Raw,
        count: c_int,
        arguments: *const Raw,
    ) -> Raw;
}
