//! Values to bytes and back, for JavaScript. Others call `crate::clone` directly.

use std::cell::RefCell;
use std::rc::Rc;

use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use crate::clone::{self, CloneError, Helpers, Host};

/// The functions of `js/clone.js`, of this isolate.
pub(crate) fn helpers(state: &RefCell<OpState>) -> Rc<Helpers> {
    state.borrow().borrow::<Rc<Helpers>>().clone()
}

/// What an op returns: a value, or undefined because an exception was thrown.
pub(crate) fn settle<'s>(
    scope: &v8::PinScope<'s, '_>,
    result: Result<v8::Local<'s, v8::Value>, CloneError<'s>>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    match result.map_err(|error| error.throw(scope)) {
        Ok(value) => Ok(value),
        Err(None) => Ok(v8::undefined(scope).into()),
        Err(Some(error)) => Err(error),
    }
}

fn host<'s>(value: v8::Local<'s, v8::Value>) -> Host<'s> {
    value.try_cast().map_or(Host::None, Host::Function)
}

/// Called once, by `js/clone.js`.
#[op2(fast)]
pub(crate) fn op_clone_setup<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    functions: v8::Local<'s, v8::Object>,
) -> Result<(), JsErrorBox> {
    let helpers = clone::helpers(scope, functions)
        .map_err(|name| JsErrorBox::type_error(format!("clone.js has no {name}")))?;
    state.put(Rc::new(helpers));
    Ok(())
}

/// The bytes of a value, a Uint8Array; `host` as in [`Host`], or undefined.
#[op2(reentrant)]
pub(crate) fn op_clone_write<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    host_function: v8::Local<'s, v8::Value>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let written = clone::serialize(scope, &helpers(&state), value, host(host_function));
    let written = written.map(|bytes| {
        let length = bytes.len();
        let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
        let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
        let array = v8::Uint8Array::new(scope, buffer, 0, length);
        array.map_or_else(|| v8::undefined(scope).into(), Into::into)
    });
    settle(scope, written)
}

/// The value of bytes; `host` as in [`Host`], or undefined.
#[op2(reentrant)]
pub(crate) fn op_clone_read<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[buffer(copy)] bytes: Vec<u8>,
    host_function: v8::Local<'s, v8::Value>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let read = clone::deserialize(scope, &helpers(&state), &bytes, host(host_function));
    settle(scope, read)
}

/// A value through bytes and back. `copy` decides about objects, and `give` returns those that went beside
/// the bytes, as in [`Host`].
#[op2(reentrant)]
pub(crate) fn op_clone_copy<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    copy: v8::Local<'s, v8::Function>,
    give: v8::Local<'s, v8::Function>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let helpers = helpers(&state);
    let written = clone::serialize(scope, &helpers, value, Host::Function(copy));
    let host = Host::Function(give);
    let read = written.and_then(|bytes| clone::deserialize(scope, &helpers, &bytes, host));
    settle(scope, read)
}
