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

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, EntityType, GlobalSection, GlobalType, HeapType, ImportSection, Module, RefType,
        TableSection, TableType, TypeSection, ValType,
    };

    use super::*;

    fn table(element_type: RefType) -> TableSection {
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type,
            table64: false,
            minimum: 1,
            maximum: None,
            shared: false,
        });
        tables
    }

    fn types() -> TypeSection {
        let mut types = TypeSection::new();
        types.ty().function([ValType::EXTERNREF], [ValType::I64]);
        types
    }

    #[test]
    fn a_module_without_references_is_left_alone() {
        let mut module = Module::new();
        module.section(&table(RefType::FUNCREF));
        assert!(rewrite(&module.finish()).is_none());
        assert!(rewrite(b"no module").is_none());
    }

    #[test]
    fn what_outlives_a_call_is_left_to_the_interpreter() {
        let mut module = Module::new();
        let mut globals = GlobalSection::new();
        globals.global(
            GlobalType {
                val_type: ValType::EXTERNREF,
                mutable: true,
                shared: false,
            },
            &ConstExpr::ref_null(HeapType::EXTERN),
        );
        module
            .section(&types())
            .section(&table(RefType::EXTERNREF))
            .section(&globals);
        assert!(rewrite(&module.finish()).is_none());
    }

    #[test]
    fn the_plan_tells_what_the_module_was() {
        let mut imports = ImportSection::new();
        imports.import("a", "b", EntityType::Function(0));
        for imported in [true, false] {
            let mut module = Module::new();
            module.section(&types());
            if imported {
                module.section(&imports);
            }
            module.section(&table(RefType::EXTERNREF));
            let rewritten = rewrite(&module.finish()).expect("it has references");
            let survey = Survey::of(&rewritten.bytes).expect("a module");
            assert!(!survey.has_references());
            let own = usize::from(imported);
            assert_eq!(survey.imports.len(), rewrite::ADDED.len() + own);
            let about = json!([["a", "b", "function", [[true], [false]]]]);
            let expected = if imported { about } else { json!([]) };
            assert_eq!(rewritten.plan["imports"], expected);
            assert_eq!(rewritten.plan["tables"], json!([[1, null]]));
        }
    }
}
