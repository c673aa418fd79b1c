//! What is asked of JavaScript: the functions of `js/clone.js`, which kept the language's own functions
//! before any app could replace them.

use deno_core::v8;

use super::engine::Engine;
use super::sys::Raw;

macro_rules! helpers {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The functions of one isolate.
        pub(crate) struct Helpers {
            /// Hold what the others are.
            _held: Vec<v8::Global<v8::Value>>,
            $($(#[$doc])* pub(super) $name: Raw,)*
        }

        impl Helpers {
            /// Takes them from the object that `js/clone.js` hands over; the name of one that is missing
            /// is the error.
            pub(super) fn take(
                scope: &v8::PinScope<'_, '_>,
                object: v8::Local<'_, v8::Object>,
            ) -> Result<Self, &'static str> {
                let mut held = Vec::new();
                $(let $name = take(scope, object, stringify!($name), &mut held)?;)*
                Ok(Helpers { _held: held, $($name,)* })
            }
        }
    };
}

helpers! {
    /// `Object.prototype`.
    object_prototype,
    /// What becomes of an object of a class when it is stored: nothing (its properties are), an exception's
    /// parts, or an error that is thrown.
    stored,
    /// Flat: key, value, key, value.
    map_entries,
    set_entries,
    new_map,
    fill_map,
    new_set,
    fill_set,
    time,
    /// Source and flags.
    pattern,
    new_regexp,
    unboxed,
    /// In hexadecimal, with its sign.
    bigint_text,
    new_bigint,
    /// The `maxByteLength` of a resizable buffer, else -1.
    buffer_limit,
    new_resizable,
    /// Buffer, offset, length.
    data_view,
    new_data_view,
    tracks_length,
    /// Class, name, message, stack, then keys and values; of a `DOMException` only name, message, stack.
    error_parts,
    new_error,
    finish_error,
    new_exception,
    /// What of a value goes into a message: a function's source, a symbol's text.
    source_text,
}

fn take(
    scope: &v8::PinScope<'_, '_>,
    object: v8::Local<'_, v8::Object>,
    name: &'static str,
    held: &mut Vec<v8::Global<v8::Value>>,
) -> Result<Raw, &'static str> {
    let key = v8::String::new(scope, name).expect("a short name fits a string");
    let value = object.get(scope, key.into()).ok_or(name)?;
    if !value.is_object() {
        return Err(name);
    }
    held.push(v8::Global::new(scope, value));
    Ok(Engine::borrow(value))
}
