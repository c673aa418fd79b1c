//! Values of JavaScript in WebAssembly (`externref`), for an interpreter that does not hold them.
//!
//! A module that has such values is written anew: a value becomes a number, by which
//! `wasm_references.js` knows it while a call runs, and tables of values are kept there. Modules
//! without are left alone. What cannot be written anew is left to the interpreter as it is.

mod rewrite;
mod survey;

use serde_json::{Value, json};

use survey::{Export, Import, Signature, Survey};

/// The module of the imports that a rewritten module has beyond its own.
const OWN_IMPORTS: &str = "cellhouse:references";

/// A module without references, and what its other side needs to know.
pub(crate) struct Rewritten {
    pub(crate) bytes: Vec<u8>,
    /// As `wasm_references.js` describes it.
    pub(crate) plan: Value,
}

/// The module rewritten, if it has references and can be.
pub(crate) fn rewrite(bytes: &[u8]) -> Option<Rewritten> {
    let survey = Survey::of(bytes).ok()?;
    if !survey.has_references() {
        return None;
    }
    let plan = plan(&survey);
    let bytes = rewrite::module(bytes, &survey).ok()?;
    Some(Rewritten { bytes, plan })
}

fn plan(survey: &Survey<'_>) -> Value {
    let imports = survey.imports.iter().map(|(module, name, import)| {
        let (kind, about) = match import {
            Import::Function(signature) => ("function", describe(signature)),
            Import::Table(number) => ("table", json!(number)),
            Import::Other(kind) => (*kind, Value::Null),
        };
        json!([module, name, kind, about])
    });
    let exports = survey.exports.iter().map(|(name, export)| {
        let (kind, about) = match export {
            Export::Function(signature) => ("function", describe(signature)),
            Export::Table(number) => ("table", json!(number)),
            Export::Other(kind) => (*kind, Value::Null),
        };
        json!([name, kind, about])
    });
    json!({
        "imports": imports.collect::<Vec<_>>(),
        "exports": exports.collect::<Vec<_>>(),
        "tables": survey.tables,
        "imported": survey.imported_functions,
        "added": rewrite::ADDED.len(),
    })
}

/// For each parameter and each result, whether it is a reference.
fn describe(signature: &Signature) -> Value {
    json!([signature.params, signature.results])
}
