//! Writes a module anew: references are numbers (0 is null), and instructions on tables of references
//! are calls of functions that stand behind the module's own imports.

use std::fmt;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, EntityType, ExportSection, ImportSection, Instruction, Module, SectionId,
    TableSection, TypeSection, ValType,
};
use wasmparser::{ElementItems, ExternalKind, FunctionBody, HeapType, Operator, Parser, TypeRef};

use super::OWN_IMPORTS;
use super::survey::{Survey, is_reference, is_reference_type};

/// The functions that are added to the imports: how many parameters and results, all of them `i32`. The
/// last parameter is a table's number; `copy` has two.
pub(super) const ADDED: [(&str, usize, usize); 6] = [
    ("get", 2, 1),
    ("set", 3, 0),
    ("size", 1, 1),
    ("grow", 3, 1),
    ("fill", 4, 0),
    ("copy", 5, 0),
];
const GET: u32 = 0;
const SET: u32 = 1;
const SIZE: u32 = 2;
const GROW: u32 = 3;
const FILL: u32 = 4;
const COPY: u32 = 5;

/// What a module has that cannot be written in numbers.
#[derive(Debug)]
pub(super) struct Unsupported(&'static str);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

type Done<T> = Result<T, Error<Unsupported>>;

fn unsupported<T>(what: &'static str) -> Done<T> {
    Err(Error::UserError(Unsupported(what)))
}

/// # Errors
/// The module is no module, or keeps references where a number would outlive its call.
pub(super) fn module(bytes: &[u8], survey: &Survey<'_>) -> Done<Vec<u8>> {
    let mut module = Module::new();
    let mut rewrite = Rewrite {
        survey,
        imports_written: false,
        asks_for_null: false,
        functions_are_values: false,
    };
    rewrite.parse_core_module(&mut module, Parser::new(0), bytes)?;
    if rewrite.asks_for_null && rewrite.functions_are_values {
        // Without the types of the stack, which of both is asked for is not known.
        return unsupported("ref.is_null of functions");
    }
    Ok(module.finish())
}

struct Rewrite<'s, 'a> {
    survey: &'s Survey<'a>,
    imports_written: bool,
    asks_for_null: bool,
    functions_are_values: bool,
}

impl Rewrite<'_, '_> {
    fn number(&self, table: u32) -> Option<u32> {
        self.survey.numbers.get(table as usize).copied().flatten()
    }

    fn add_imports(&mut self, imports: &mut ImportSection) {
        for (index, (name, ..)) in (0..).zip(ADDED) {
            let ty = EntityType::Function(self.survey.types + index);
            imports.import(OWN_IMPORTS, name, ty);
        }
        self.imports_written = true;
    }

    /// An instruction on a table of references as a call; the tables' numbers come last.
    fn table_call(&self, operator: &Operator<'_>) -> Option<(u32, Vec<u32>)> {
        let one = |function, table: u32| Some((function, vec![self.number(table)?]));
        match *operator {
            Operator::TableGet { table } => one(GET, table),
            Operator::TableSet { table } => one(SET, table),
            Operator::TableSize { table } => one(SIZE, table),
            Operator::TableGrow { table } => one(GROW, table),
            Operator::TableFill { table } => one(FILL, table),
            Operator::TableCopy {
                dst_table,
                src_table,
            } => Some((COPY, vec![self.number(dst_table)?, self.number(src_table)?])),
            _ => None,
        }
    }

    fn in_numbers<'b>(&mut self, operator: Operator<'b>) -> Done<Instruction<'b>> {
        match operator {
            Operator::RefNull {
                hty: HeapType::EXTERN,
            } => return Ok(Instruction::I32Const(0)),
            Operator::RefNull { .. } | Operator::RefFunc { .. } | Operator::TableGet { .. } => {
                self.functions_are_values = true;
            }
            Operator::RefIsNull => {
                self.asks_for_null = true;
                return Ok(Instruction::I32Eqz);
            }
            Operator::TableInit { table, .. } if self.number(table).is_some() => {
                return unsupported("table.init of references");
            }
            _ => {}
        }
        utils::instruction(self, operator)
    }
}

impl Reencode for Rewrite<'_, '_> {
    type Error = Unsupported;

    fn val_type(&mut self, ty: wasmparser::ValType) -> Done<ValType> {
        if is_reference(ty) {
            return Ok(ValType::I32);
        }
        if matches!(ty, wasmparser::ValType::Ref(_)) {
            self.functions_are_values = true;
        }
        utils::val_type(self, ty)
    }

    fn function_index(&mut self, function: u32) -> Done<u32> {
        let added = u32::try_from(ADDED.len()).expect("they are few");
        let own = function >= self.survey.imported_functions;
        Ok(function + if own { added } else { 0 })
    }

    fn table_index(&mut self, table: u32) -> Done<u32> {
        let before = self.survey.numbers.iter().take(table as usize);
        let left = before.filter(|number| number.is_none()).count();
        Ok(u32::try_from(left).expect("no more than there were"))
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Done<()> {
        utils::parse_type_section(self, types, section)?;
        for (_, params, results) in ADDED {
            types
                .ty()
                .function(vec![ValType::I32; params], vec![ValType::I32; results]);
        }
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Done<()> {
        for import in section.into_imports() {
            let import = import?;
            match import.ty {
                TypeRef::Table(ty) if is_reference_type(ty.element_type) => {}
                TypeRef::Global(ty) if is_reference(ty.content_type) => {
                    return unsupported("an imported global of a reference");
                }
                ty => {
                    let ty = self.entity_type(ty)?;
                    imports.import(import.module, import.name, ty);
                }
            }
        }
        self.add_imports(imports);
        Ok(())
    }

    /// Imports for a module that has none of its own.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Done<()> {
        let early = matches!(
            before,
            Some(SectionId::Custom | SectionId::Type | SectionId::Import)
        );
        if !early && !self.imports_written {
            let mut imports = ImportSection::new();
            self.add_imports(&mut imports);
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_table(&mut self, tables: &mut TableSection, table: wasmparser::Table<'_>) -> Done<()> {
        if !is_reference_type(table.ty.element_type) {
            return utils::parse_table(self, tables, table);
        }
        match table.init {
            wasmparser::TableInit::RefNull => Ok(()),
            wasmparser::TableInit::Expr(_) => unsupported("a table that begins with references"),
        }
    }

    fn parse_global(
        &mut self,
        globals: &mut wasm_encoder::GlobalSection,
        global: wasmparser::Global<'_>,
    ) -> Done<()> {
        if is_reference(global.ty.content_type) {
            return unsupported("a global of a reference");
        }
        utils::parse_global(self, globals, global)
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: wasmparser::Export<'_>,
    ) -> Done<()> {
        if export.kind == ExternalKind::Table && self.number(export.index).is_some() {
            return Ok(());
        }
        utils::parse_export(self, exports, export)
    }

    fn parse_element(
        &mut self,
        elements: &mut wasm_encoder::ElementSection,
        element: wasmparser::Element<'_>,
    ) -> Done<()> {
        if let ElementItems::Expressions(ty, _) = &element.items
            && is_reference_type(*ty)
        {
            return unsupported("elements that are references");
        }
        // What they hold is no value of the code's.
        let before = self.functions_are_values;
        utils::parse_element(self, elements, element)?;
        self.functions_are_values = before;
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Done<()> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            if let Some((index, tables)) = self.table_call(&operator) {
                for table in tables {
                    let table = i32::try_from(table).expect("a module's tables are few");
                    function.instruction(&Instruction::I32Const(table));
                }
                function.instruction(&Instruction::Call(self.survey.imported_functions + index));
            } else {
                function.instruction(&self.in_numbers(operator)?);
            }
        }
        code.function(&function);
        Ok(())
    }
}
