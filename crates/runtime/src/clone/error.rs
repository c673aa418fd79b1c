//! Why a value was not cloned, and how JavaScript is told.

use deno_core::v8;
use deno_error::JsErrorBox;

use super::engine::{Engine, Thrown, Value};

/// Why a value was not written or read.
pub(crate) enum CloneError<'s> {
    /// Code of the app threw this: a getter, or whoever decides about objects.
    Thrown(v8::Local<'s, v8::Value>),
    /// The value has no clone: the message of a `DataCloneError`.
    Refused(String),
    /// Objects stand in objects deeper than [`cellhouse_clone::MAX_DEPTH`].
    TooDeep,
    /// The bytes are no value.
    Invalid(cellhouse_clone::Error),
}

impl<'s> CloneError<'s> {
    /// The error that an op returns; none if it was thrown already, and the op only has to return.
    pub(crate) fn throw(self, scope: &v8::PinScope<'s, '_>) -> Option<JsErrorBox> {
        Some(match self {
            CloneError::Thrown(exception) => {
                scope.throw_exception(exception);
                return None;
            }
            CloneError::Refused(message) => JsErrorBox::new("DOMExceptionDataCloneError", message),
            CloneError::TooDeep => JsErrorBox::range_error("Maximum call stack size exceeded"),
            CloneError::Invalid(error) => {
                JsErrorBox::generic(format!("Unable to deserialize cloned data: {error}."))
            }
        })
    }
}

/// The same while the engine still has what was thrown.
pub(super) enum Failure {
    Thrown,
    Refused(String),
    TooDeep,
    Invalid(cellhouse_clone::Error),
}

impl Failure {
    pub(super) fn settle<'s>(self, engine: Engine, scope: &v8::PinScope<'s, '_>) -> CloneError<'s> {
        match self {
            Failure::Thrown => {
                let exception: Value = engine.take_exception();
                CloneError::Thrown(Engine::handle(scope, exception))
            }
            Failure::Refused(message) => CloneError::Refused(message),
            Failure::TooDeep => CloneError::TooDeep,
            Failure::Invalid(error) => CloneError::Invalid(error),
        }
    }
}

impl From<Thrown> for Failure {
    fn from(_: Thrown) -> Self {
        Failure::Thrown
    }
}

impl From<cellhouse_clone::Error> for Failure {
    fn from(error: cellhouse_clone::Error) -> Self {
        Failure::Invalid(error)
    }
}
