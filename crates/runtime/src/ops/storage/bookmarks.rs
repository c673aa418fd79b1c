//! Point-in-time recovery of an object: bookmarks, and asking for one to be gone back to. The object goes
//! there when its storage is next opened: see `crate::objects`.

use std::cell::RefCell;
use std::rc::Rc;

use cellhouse_objects::Storage;
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;

use super::with;

#[op2(reentrant)]
#[string]
pub(crate) fn op_storage_bookmark(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
) -> Result<String, JsErrorBox> {
    with(&state, object, false, Storage::current_bookmark)
}

/// Of a time in milliseconds since 1970.
#[op2(reentrant)]
#[string]
pub(crate) fn op_storage_bookmark_at(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    time: f64,
) -> Result<String, JsErrorBox> {
    with(&state, object, false, |storage| {
        storage.bookmark_for_time(time)
    })
}

/// The bookmark that undoes it.
#[op2(reentrant)]
#[string]
pub(crate) fn op_storage_restore_next(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    #[string] bookmark: &str,
) -> Result<String, JsErrorBox> {
    with(&state, object, false, |storage| {
        storage.restore_on_next_start(bookmark)
    })
}
