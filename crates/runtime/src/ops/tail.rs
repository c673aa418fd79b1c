//! What events print, for those who follow the app.

use deno_core::{OpState, op2};

use super::console::level_of;
use crate::isolate::Events;

/// Whether anybody follows the app now.
#[op2(fast)]
pub(crate) fn op_is_tracing(state: &mut OpState) -> bool {
    state.borrow::<Events>().is_tracing()
}

/// An event printed something: `message` is a JSON list of it.
#[op2(fast)]
pub(crate) fn op_trace_log(
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] level: u32,
    #[string] message: &str,
) {
    let events = state.borrow::<Events>();
    events.with_trace(id, |trace| trace.log(level_of(level), message));
}
