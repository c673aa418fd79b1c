//! JavaScript values to bytes and back: what is stored, and what leaves an isolate.
//!
//! The bytes are those of [`cellhouse_clone`]; this is HTML's structured clone over the engine's values.
//! Getters run while a value is written, and may do anything: nobody may hold `OpState` borrowed
//! meanwhile. Take the [`Helpers`] out of it, let go of it, and write.

mod engine;
mod error;
mod helpers;
mod memory;
mod read;
mod sys;
#[cfg(test)]
mod tests;
mod write;

use deno_core::v8;

use engine::Engine;
pub(crate) use error::CloneError;
pub(crate) use helpers::Helpers;

/// Who decides about what is not of the language: a function of JavaScript.
///
/// To write, it is given functions, proxies, shared memory and instances of classes. It returns the index that stands for
/// one; undefined, so that its own properties are written (instances; the others are refused then); a list
/// of name, message and stack for a `DOMException`; or it throws. To read, it is given an index, and returns
/// what that stands for.
#[derive(Clone, Copy)]
pub(crate) enum Host<'s> {
    /// Storage: what is not of the language is refused, but for `DOMException`s and the properties of
    /// instances of an app's classes.
    None,
    Function(v8::Local<'s, v8::Function>),
}

impl Host<'_> {
    fn raw(self) -> Option<sys::Raw> {
        match self {
            Host::None => None,
            Host::Function(function) => Some(Engine::borrow(function.into())),
        }
    }
}

/// Takes over the functions of `js/clone.js`; the name of one that is missing is the error.
pub(crate) fn helpers(
    scope: &v8::PinScope<'_, '_>,
    object: v8::Local<'_, v8::Object>,
) -> Result<Helpers, &'static str> {
    Helpers::take(scope, object)
}

/// The bytes of a value.
pub(crate) fn serialize<'s>(
    scope: &v8::PinScope<'s, '_>,
    helpers: &Helpers,
    value: v8::Local<'_, v8::Value>,
    host: Host<'_>,
) -> Result<Vec<u8>, CloneError<'s>> {
    let engine = Engine::of(scope);
    let walk = write::Walk::new(engine, helpers, host.raw());
    let written = walk.write(Engine::borrow(value));
    written.map_err(|failure| failure.settle(engine, scope))
}

/// The value of bytes.
pub(crate) fn deserialize<'s>(
    scope: &v8::PinScope<'s, '_>,
    helpers: &Helpers,
    bytes: &[u8],
    host: Host<'_>,
) -> Result<v8::Local<'s, v8::Value>, CloneError<'s>> {
    let engine = Engine::of(scope);
    let build = read::Build::new(engine, helpers, host.raw(), bytes);
    match build.and_then(read::Build::read) {
        Ok(value) => Ok(Engine::handle(scope, value)),
        Err(failure) => Err(failure.settle(engine, scope)),
    }
}
