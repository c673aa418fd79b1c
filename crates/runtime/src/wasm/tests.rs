//! What is rewritten, and that what comes out has nothing left that the interpreter cannot do.

use serde_json::json;
use wasm_encoder::{
    CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, HeapType, ImportSection, Instruction, MemoryType, Module, RefType,
    StartSection, TableSection, TableType, TypeSection, ValType,
};

use super::*;

fn rewritten(module: &[u8]) -> Option<Rewritten> {
    rewrite(module).expect("it can be had")
}

fn table(element_type: RefType) -> TableType {
    TableType {
        element_type,
        table64: false,
        minimum: 1,
        maximum: None,
        shared: false,
    }
}

fn tables(element_type: RefType) -> TableSection {
    let mut tables = TableSection::new();
    tables.table(table(element_type));
    tables
}

fn types() -> TypeSection {
    let mut types = TypeSection::new();
    types.ty().function([ValType::EXTERNREF], [ValType::I64]);
    types
}

/// One function of no parameters, under a name.
fn module_with(export: Option<&str>, instructions: &[Instruction<'_>], is_start: bool) -> Vec<u8> {
    let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
    types.ty().function([], []);
    functions.function(0);
    let mut exports = ExportSection::new();
    if let Some(name) = export {
        exports.export(name, ExportKind::Func, 0);
    }
    let mut body = Function::new([]);
    for instruction in instructions {
        body.instruction(instruction);
    }
    body.instruction(&Instruction::End);
    let mut code = CodeSection::new();
    code.function(&body);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports);
    if is_start {
        module.section(&StartSection { function_index: 0 });
    }
    module.section(&code);
    module.finish()
}

#[test]
fn a_module_that_needs_nothing_is_left_alone() {
    let mut module = Module::new();
    module.section(&tables(RefType::FUNCREF));
    assert!(rewritten(&module.finish()).is_none());
    assert!(rewritten(b"no module").is_none());
    assert!(rewritten(&module_with(None, &[], false)).is_none());
    assert!(rewritten(&module_with(None, &vec![Instruction::Nop; 300_000], false)).is_none());
}

/// A global of the module's own has its value in a table; one that is imported cannot be had.
#[test]
fn globals_of_values() {
    let ty = GlobalType {
        val_type: ValType::EXTERNREF,
        mutable: true,
        shared: false,
    };
    let mut globals = GlobalSection::new();
    globals.global(ty, &ConstExpr::ref_null(HeapType::EXTERN));
    let mut exports = ExportSection::new();
    exports.export("g", ExportKind::Global, 0);
    let mut module = Module::new();
    module.section(&types()).section(&globals).section(&exports);
    let own = rewritten(&module.finish()).expect("it has references");
    assert_eq!(own.plan["tables"], json!([[true, 1, 1]]));
    assert_eq!(
        own.plan["exports"],
        json!([["g", "global", ["e", 0, true]]])
    );
    let survey = Survey::of(&own.bytes).expect("a module");
    assert!(survey.exports.is_empty() && !survey.has_references());

    let mut imports = ImportSection::new();
    imports.import("a", "b", EntityType::Global(ty));
    let mut module = Module::new();
    module.section(&types()).section(&imports);
    let why = rewrite(&module.finish()).err();
    assert_eq!(why.as_deref(), Some("an imported global of a reference"));
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
        module.section(&tables(RefType::EXTERNREF));
        let rewritten = rewritten(&module.finish()).expect("it has references");
        let survey = Survey::of(&rewritten.bytes).expect("a module");
        assert!(!survey.has_references());
        let own = usize::from(imported);
        assert_eq!(survey.imports.len(), hidden::TOLD.len() + own);
        let about = json!([["a", "b", "function", ["e", "l"]]]);
        let expected = if imported { about } else { json!([]) };
        assert_eq!(rewritten.plan["imports"], expected);
        assert_eq!(rewritten.plan["tables"], json!([[true, 1, null]]));
    }
}

/// The engine keeps something for each export: what is left is one.
#[test]
fn a_module_exports_one_function() {
    let large = module_with(Some("f"), &vec![Instruction::Nop; 300_000], false);
    let rewritten = rewritten(&large).expect("it exports");
    let survey = Survey::of(&rewritten.bytes).expect("a module");
    let names: Vec<&str> = survey.exports.iter().map(|it| it.name).collect();
    assert_eq!(names, [hidden::DOOR]);
    assert_eq!(rewritten.plan["exports"], json!([["f", "function", 1]]));
    assert_eq!(survey.bodies[0].as_bytes().len(), 300_002);
}

#[test]
fn a_start_function_waits() {
    let rewritten = rewritten(&module_with(None, &[], true)).expect("it starts");
    let survey = Survey::of(&rewritten.bytes).expect("a module");
    assert_eq!(survey.start, None);
    assert_eq!(rewritten.plan["start"], 1);
}

#[test]
fn imported_tables_and_memories_become_its_own() {
    let mut imports = ImportSection::new();
    imports.import("m", "table", table(RefType::FUNCREF));
    let memory = MemoryType {
        minimum: 2,
        maximum: Some(4),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import("m", "memory", memory);
    let mut module = Module::new();
    module.section(&imports);
    let rewritten = rewritten(&module.finish()).expect("it imports both");
    let survey = Survey::of(&rewritten.bytes).expect("a module");
    assert!(survey.imports.is_empty());
    let own = survey.memories.expect("one").into_iter().next();
    assert_eq!(own.expect("one").expect("a memory").maximum, Some(4));
    let expected = json!([
        ["m", "table", "table", [0, 1, null]],
        ["m", "memory", "memory", [2, 4]]
    ]);
    assert_eq!(rewritten.plan["imports"], expected);
}
