//! Values of QuickJS itself, counted references and all, for code that touches each property of a value.
//!
//! The engine facade is not enough here: it loses lone surrogates, tells objects apart by what an app can
//! forge, and turns a BigInt into words by running code. This is, with `src/engine.rs`, all that depends on
//! the engine; for V8 the facade does the same.

use std::ffi::{c_char, c_int, c_void};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

use deno_core::v8;

use super::sys::{self, Atom, Raw, tag};

/// The engine's context, in which everything happens. Valid while the scope is that it was taken from.
#[derive(Clone, Copy)]
pub(super) struct Engine(*mut c_void);

/// An exception is pending in the engine.
#[derive(Debug)]
pub(super) struct Thrown;

/// A value that is held.
pub(super) struct Value {
    engine: Engine,
    raw: Raw,
}

/// A property's name that is held.
pub(super) struct Name {
    engine: Engine,
    atom: Atom,
}

/// The names of an object's own enumerable properties: indexes first, in order.
pub(super) struct Names {
    engine: Engine,
    table: *mut sys::PropertyEnum,
    length: u32,
}

impl Drop for Value {
    fn drop(&mut self) {
        if self.raw.is_counted() {
            // SAFETY: the value holds one reference.
            unsafe { sys::JS_FreeValue(self.engine.0, self.raw) };
        }
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        // SAFETY: the name holds one reference; the engine ignores those that need none.
        unsafe { sys::JS_FreeAtom(self.engine.0, self.atom) };
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        // SAFETY: the table came from the engine with this length.
        unsafe { sys::JS_FreePropertyEnum(self.engine.0, self.table, self.length) };
    }
}

impl Value {
    pub(super) fn raw(&self) -> Raw {
        self.raw
    }

    fn into_raw(self) -> Raw {
        ManuallyDrop::new(self).raw
    }
}

impl Name {
    /// The index that it is, if it is a small one.
    pub(super) fn index(atom: Atom) -> Option<u32> {
        (atom & sys::ATOM_INDEX != 0).then_some(atom & !sys::ATOM_INDEX)
    }
}

impl Names {
    /// Valid while this is.
    pub(super) fn atoms(&self) -> impl Iterator<Item = Atom> {
        // SAFETY: the table has this length, and lives while the iterator borrows it.
        let entries = unsafe { std::slice::from_raw_parts(self.table, self.length as usize) };
        entries.iter().map(|entry| entry.atom)
    }
}

impl Engine {
    pub(super) fn of(scope: &v8::PinScope<'_, '_>) -> Engine {
        Engine(crate::engine::current_context(scope).expect("the isolate was booted with it"))
    }

    // ---- to and from the facade

    /// The value of a handle, which the handle keeps holding.
    pub(super) fn borrow(value: v8::Local<'_, v8::Value>) -> Raw {
        // SAFETY: a handle of the facade points to an engine value, as `crate::engine` has checked at boot.
        unsafe { (&raw const *value).cast::<Raw>().read() }
    }

    /// A handle that takes over the value.
    pub(super) fn handle<'s>(
        scope: &v8::PinScope<'s, '_>,
        value: Value,
    ) -> v8::Local<'s, v8::Value> {
        let handle: v8::Local<'s, v8::Value> = v8::Number::new(scope, 0.5).into();
        // SAFETY: the slot is the handle's own, and holds a number, which needs no release. The scope
        // releases what is put there when it ends.
        unsafe {
            (&raw const *handle)
                .cast::<Raw>()
                .cast_mut()
                .write(value.into_raw())
        };
        handle
    }

    /// The pending exception, which is then no longer pending.
    pub(super) fn take_exception(self) -> Value {
        // SAFETY: the context is live.
        self.own(unsafe { sys::JS_GetException(self.0) })
    }

    // ---- holding

    fn own(self, raw: Raw) -> Value {
        Value { engine: self, raw }
    }

    fn check(self, raw: Raw) -> Result<Value, Thrown> {
        if raw.tag == tag::EXCEPTION {
            return Err(Thrown);
        }
        Ok(self.own(raw))
    }

    fn done(result: c_int) -> Result<bool, Thrown> {
        if result < 0 {
            Err(Thrown)
        } else {
            Ok(result > 0)
        }
    }

    pub(super) fn hold(self, raw: Raw) -> Value {
        if raw.is_counted() {
            // SAFETY: whoever lends the value holds it.
            unsafe { sys::JS_DupValue(self.0, raw) };
        }
        self.own(raw)
    }

    // ---- making

    /// A value that is no object of the engine's heap.
    pub(super) fn simple(self, raw: Raw) -> Value {
        debug_assert!(!raw.is_counted());
        self.own(raw)
    }

    pub(super) fn ascii(self, text: &[u8]) -> Result<Value, Thrown> {
        // SAFETY: the bytes are ASCII, and copied.
        self.check(unsafe { sys::JS_NewStringLen(self.0, text.as_ptr().cast(), text.len()) })
    }

    pub(super) fn string(self, text: &str) -> Result<Value, Thrown> {
        self.ascii(text.as_bytes())
    }

    pub(super) fn units(self, units: &[u16]) -> Result<Value, Thrown> {
        // SAFETY: the units are copied.
        self.check(unsafe { sys::JS_NewStringUTF16(self.0, units.as_ptr(), units.len()) })
    }

    pub(super) fn bigint(self, value: i64) -> Result<Value, Thrown> {
        // SAFETY: the context is live, here and below.
        self.check(unsafe { sys::JS_NewBigInt64(self.0, value) })
    }

    pub(super) fn object(self) -> Result<Value, Thrown> {
        self.check(unsafe { sys::JS_NewObject(self.0) })
    }

    pub(super) fn array(self) -> Result<Value, Thrown> {
        self.check(unsafe { sys::JS_NewArray(self.0) })
    }

    pub(super) fn array_of(self, values: Vec<Value>) -> Result<Value, Thrown> {
        let raw: Vec<Raw> = values.into_iter().map(Value::into_raw).collect();
        let count = c_int::try_from(raw.len()).expect("no value has as many entries as 2 Gi");
        // SAFETY: the engine takes over the values.
        self.check(unsafe { sys::JS_NewArrayFrom(self.0, count, raw.as_ptr()) })
    }

    pub(super) fn date(self, time: f64) -> Result<Value, Thrown> {
        self.check(unsafe { sys::JS_NewDate(self.0, time) })
    }

    /// The box around a primitive.
    pub(super) fn boxed(self, value: &Value) -> Result<Value, Thrown> {
        self.check(unsafe { sys::JS_ToObject(self.0, value.raw) })
    }

    pub(super) fn buffer(self, bytes: &[u8]) -> Result<Value, Thrown> {
        // SAFETY: the bytes are copied.
        self.check(unsafe { sys::JS_NewArrayBufferCopy(self.0, bytes.as_ptr(), bytes.len()) })
    }

    /// `kind` as in [`sys::typed_array`]; the arguments are those of the class.
    pub(super) fn typed_array(self, kind: c_int, arguments: &[Raw]) -> Result<Value, Thrown> {
        let count = arguments.len() as c_int;
        // SAFETY: the arguments are held by the caller.
        self.check(unsafe { sys::JS_NewTypedArray(self.0, count, arguments.as_ptr(), kind) })
    }

    // ---- looking

    /// Which class an object is of, whatever it says itself.
    pub(super) fn class(object: Raw) -> u32 {
        // SAFETY: the value is held by the caller, here and below.
        unsafe { sys::JS_GetClassID(object) }
    }

    pub(super) fn is_function(self, value: Raw) -> bool {
        unsafe { sys::JS_IsFunction(self.0, value) }
    }

    pub(super) fn prototype(self, object: Raw) -> Result<Value, Thrown> {
        self.check(unsafe { sys::JS_GetPrototype(self.0, object) })
    }

    pub(super) fn names(self, object: Raw) -> Result<Names, Thrown> {
        let (mut table, mut length) = (ptr::null_mut(), 0);
        let flags = sys::NAMES_STRINGS | sys::NAMES_ENUMERABLE;
        // SAFETY: the engine fills both, or fails.
        let result =
            unsafe { sys::JS_GetOwnPropertyNames(self.0, &mut table, &mut length, object, flags) };
        Self::done(result)?;
        Ok(Names {
            engine: self,
            table,
            length,
        })
    }

    /// The value of an object's own property, from its getter if it has one.
    pub(super) fn own_property(self, object: Raw, name: Atom) -> Result<Option<Value>, Thrown> {
        let mut found = MaybeUninit::<sys::PropertyDescriptor>::uninit();
        // SAFETY: the engine fills the descriptor if the property is there.
        let result = unsafe { sys::JS_GetOwnProperty(self.0, found.as_mut_ptr(), object, name) };
        if !Self::done(result)? {
            return Ok(None);
        }
        // SAFETY: it is there. The three values are ours.
        let found = unsafe { found.assume_init() };
        let (value, getter) = (self.own(found.value), self.own(found.getter));
        drop(self.own(found.setter));
        if found.flags & sys::PROPERTY_ACCESSORS == 0 {
            return Ok(Some(value));
        }
        if getter.raw.tag != tag::OBJECT {
            return Ok(Some(self.own(Raw::UNDEFINED)));
        }
        self.call(getter.raw, object, &[]).map(Some)
    }

    pub(super) fn name_text(self, name: Atom) -> Result<Value, Thrown> {
        // SAFETY: the name is held by the caller.
        self.check(unsafe { sys::JS_AtomToString(self.0, name) })
    }

    pub(super) fn element(self, array: Raw, index: u32) -> Result<Value, Thrown> {
        self.check(unsafe { sys::JS_GetPropertyUint32(self.0, array, index) })
    }

    pub(super) fn length(self, array: Raw) -> Result<u32, Thrown> {
        let mut length = 0;
        Self::done(unsafe { sys::JS_GetLength(self.0, array, &mut length) })?;
        Ok(u32::try_from(length).expect("an array's length has 32 bits"))
    }

    /// Gives `see` the string's bytes if it is ASCII, else its units.
    pub(super) fn with_text<R>(
        self,
        string: Raw,
        see: impl FnOnce(Result<&[u8], &[u16]>) -> R,
    ) -> Result<R, Thrown> {
        let mut length = 0;
        // SAFETY: what the engine gives is of this length, and held until it is released.
        unsafe {
            let bytes = sys::JS_ToCStringLen2(self.0, &mut length, string, false);
            if bytes.is_null() {
                return Err(Thrown);
            }
            let text = std::slice::from_raw_parts(bytes.cast::<u8>(), length);
            if text.is_ascii() {
                let result = see(Ok(text));
                sys::JS_FreeCString(self.0, bytes);
                return Ok(result);
            }
            sys::JS_FreeCString(self.0, bytes);
            let units = sys::JS_ToCStringLenUTF16(self.0, &mut length, string);
            if units.is_null() {
                return Err(Thrown);
            }
            let result = see(Err(std::slice::from_raw_parts(units, length)));
            sys::JS_FreeCStringUTF16(self.0, units);
            Ok(result)
        }
    }

    /// Gives `see` the bytes of a buffer; none if it is detached.
    pub(super) fn with_bytes<R>(self, buffer: Raw, see: impl FnOnce(Option<&mut [u8]>) -> R) -> R {
        let mut length = 0;
        // SAFETY: the buffer is held by the caller, and nothing runs meanwhile that could detach it.
        unsafe {
            let bytes = sys::JS_GetArrayBuffer(self.0, &mut length, buffer);
            if sys::JS_HasException(self.0) {
                drop(self.take_exception());
                return see(None);
            }
            if bytes.is_null() {
                return see(Some(&mut []));
            }
            see(Some(std::slice::from_raw_parts_mut(bytes, length)))
        }
    }

    /// Buffer, offset and length in bytes of a typed array.
    pub(super) fn under_view(self, view: Raw) -> Result<(Value, usize, usize), Thrown> {
        let (mut offset, mut length) = (0, 0);
        let none = ptr::null_mut();
        // SAFETY: the engine fills both, or fails.
        let buffer =
            unsafe { sys::JS_GetTypedArrayBuffer(self.0, view, &mut offset, &mut length, none) };
        Ok((self.check(buffer)?, offset, length))
    }

    // ---- changing and calling

    /// The name for a string that is ASCII.
    pub(super) fn ascii_name(self, text: &[u8]) -> Result<Name, Thrown> {
        // SAFETY: the bytes are copied.
        let atom =
            unsafe { sys::JS_NewAtomLen(self.0, text.as_ptr().cast::<c_char>(), text.len()) };
        self.named(atom)
    }

    pub(super) fn name(self, value: Raw) -> Result<Name, Thrown> {
        self.named(unsafe { sys::JS_ValueToAtom(self.0, value) })
    }

    fn named(self, atom: Atom) -> Result<Name, Thrown> {
        if atom == 0 {
            return Err(Thrown);
        }
        Ok(Name { engine: self, atom })
    }

    pub(super) fn define(self, object: Raw, name: &Name, value: Value) -> Result<(), Thrown> {
        self.define_as(object, name, value, sys::PROPERTY_USUAL)
    }

    /// Not enumerable.
    pub(super) fn hide(self, object: Raw, name: &Name, value: Value) -> Result<(), Thrown> {
        self.define_as(object, name, value, sys::PROPERTY_HIDDEN)
    }

    fn define_as(self, object: Raw, name: &Name, value: Value, how: c_int) -> Result<(), Thrown> {
        let value = value.into_raw();
        // SAFETY: the engine takes over the value.
        let result = unsafe { sys::JS_DefinePropertyValue(self.0, object, name.atom, value, how) };
        Self::done(result).map(|_| ())
    }

    pub(super) fn define_at(self, array: Raw, index: u32, value: Value) -> Result<(), Thrown> {
        let (value, how) = (value.into_raw(), sys::PROPERTY_USUAL);
        // SAFETY: as above.
        let result = unsafe { sys::JS_DefinePropertyValueUint32(self.0, array, index, value, how) };
        Self::done(result).map(|_| ())
    }

    pub(super) fn set_length(self, array: Raw, length: u32) -> Result<(), Thrown> {
        Self::done(unsafe { sys::JS_SetLength(self.0, array, length.into()) }).map(|_| ())
    }

    pub(super) fn call(self, function: Raw, this: Raw, arguments: &[Raw]) -> Result<Value, Thrown> {
        let count = arguments.len() as c_int;
        // SAFETY: the function and the arguments are held by the caller.
        self.check(unsafe { sys::JS_Call(self.0, function, this, count, arguments.as_ptr()) })
    }
}
