//! Modules of WebAssembly, written anew for what the engine's interpreter has not:
//!
//! - values of JavaScript (`externref`), and functions as values: they become numbers, which the
//!   scripts `wasm_*.js` know;
//! - tables of functions that JavaScript sees: a hidden table has every function that may be in them, by
//!   its number, and hidden functions put them in;
//! - exported functions: the engine keeps for each of them what it never frees, so one hidden function calls
//!   them all;
//! - a memory that JavaScript sees, which grows by another function and can be imported;
//! - a start function, whose errors the engine would lose.
//!
//! Modules with none of that are left alone. What cannot be written anew is left to the interpreter as
//! it is.

mod act;
mod code;
mod door;
mod hidden;
pub(crate) mod interpreter;
mod names;
mod plan;
mod rewrite;
mod sections;
mod signatures;
mod survey;

use serde_json::Value;
use wasm_encoder::reencode::Error;

pub(crate) use names::{custom_sections, function_name, stand_in};
use survey::Survey;

/// A module as the interpreter can have it, and what its other side needs to know.
pub(crate) struct Rewritten {
    pub(crate) bytes: Vec<u8>,
    /// As `wasm_instances.js` describes it.
    pub(crate) plan: Value,
}

/// The module rewritten, if it has to be and can be.
///
/// # Errors
/// Why it cannot be, though the interpreter has nothing of it that would work.
pub(crate) fn rewrite(bytes: &[u8]) -> Result<Option<Rewritten>, String> {
    let Ok(survey) = Survey::of(bytes) else {
        return Ok(None);
    };
    let has_references = survey.has_references() || survey.has_visible_functions();
    let needed = has_references
        || survey.imported_memory.is_some()
        || survey.exports_memory()
        || survey.start.is_some()
        || survey.exported_functions().next().is_some();
    if !needed || survey.types.iter().any(Option::is_none) {
        return Ok(None);
    }
    match rewrite::module(&survey) {
        Err(Error::UserError(why)) if has_references => Err(why.to_string()),
        rewritten => Ok(rewritten.ok()),
    }
}

#[cfg(test)]
mod tests;
