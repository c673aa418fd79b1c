//! `console`: what an app prints goes to the app's observer.

use deno_core::{OpState, op2};

use crate::isolate::Events;
use crate::spec::ConsoleLevel;

#[op2(fast)]
pub(crate) fn op_console(state: &mut OpState, #[smi] level: u32, #[string] message: &str) {
    if let Some(observer) = state.borrow::<Events>().observer() {
        observer.console(level_of(level), message);
    }
}

/// A level as `console.js` has it.
pub(super) fn level_of(level: u32) -> ConsoleLevel {
    match level {
        0 => ConsoleLevel::Debug,
        1 => ConsoleLevel::Log,
        2 => ConsoleLevel::Info,
        3 => ConsoleLevel::Warn,
        _ => ConsoleLevel::Error,
    }
}
