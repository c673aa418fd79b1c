//! What a stream threw that is a body: kept until its error goes on, so that whoever reads the body elsewhere in this
//! process gets what was thrown, and clients the end of their connection.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;
use cellhouse_exchange::BodyError;
use deno_core::{OpState, ResourceId, op2};
use deno_error::{JsErrorBox, JsErrorClass};

/// The class of the error that JavaScript makes into what was thrown; see `js/remote_error.js`.
const CLASS: &str = "CellhouseThrown";

/// What bodies threw that are on their way, by the resources of their streams. Lives in `OpState`.
#[derive(Clone, Default)]
pub(crate) struct Failures(Rc<RefCell<HashMap<ResourceId, Bytes>>>);

/// What one body threw.
pub(crate) struct Failing {
    rid: ResourceId,
    failures: Failures,
}

impl Failures {
    pub(crate) fn of(state: &OpState, rid: ResourceId) -> Failing {
        Failing {
            rid,
            failures: state.borrow::<Failures>().clone(),
        }
    }
}

impl Failing {
    /// The error of a body, as its reader gets it; `read` is what reading its stream gave.
    pub(crate) fn error(
        &self,
        read: &JsErrorBox,
        usual: impl Fn(String) -> BodyError,
    ) -> BodyError {
        let text = read.to_string();
        if let Some(encoded) = self.failures.0.borrow_mut().remove(&self.rid) {
            return BodyError::Thrown { text, encoded };
        }
        match text.split_once('\0') {
            Some((text, encoded)) if read.get_class() == CLASS => BodyError::Thrown {
                text: text.to_owned(),
                encoded: bytes_of(encoded).into(),
            },
            _ => usual(text),
        }
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.failures.0.borrow_mut().remove(&self.rid);
    }
}

/// Bytes as a text of one character for each.
fn text_of(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().map(|char| char as u8).collect()
}

/// The error for JavaScript that reads the body.
pub(crate) fn js_error(text: &str, encoded: &Bytes) -> JsErrorBox {
    JsErrorBox::new(CLASS, format!("{text}\0{}", text_of(encoded)))
}

/// The stream of a body that leaves threw: what, as `op_clone_write` has it.
#[op2(fast)]
pub(crate) fn op_body_failed(state: &mut OpState, #[smi] rid: u32, #[buffer] thrown: &[u8]) {
    let failures = &state.borrow::<Failures>().0;
    let thrown = Bytes::copy_from_slice(thrown);
    failures.borrow_mut().insert(rid, thrown);
}
