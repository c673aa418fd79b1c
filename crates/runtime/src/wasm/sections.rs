//! The sections of a module that is written anew, but for its types and its code.

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{
    ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    GlobalSection, GlobalType, ImportSection, MemorySection, RefType, TableSection, TableType,
    ValType,
};
use wasmparser::{DataKind, ExternalKind, TypeRef};

use super::hidden::{self, ACT, DOOR, MEMORY, OWN_IMPORTS};
use super::rewrite::{Done, Rewrite, count, unsupported};

/// A data section, and the count of its segments if code needs it.
pub(super) struct Data {
    pub(super) section: Option<DataSection>,
    pub(super) count: Option<u32>,
}

impl Rewrite<'_, '_> {
    pub(super) fn imports(&mut self) -> Done<ImportSection> {
        let mut imports = ImportSection::new();
        let survey = self.survey;
        for import in &survey.imports {
            match import.ty {
                TypeRef::Table(ty) if ty.element_type.is_extern_ref() => {}
                TypeRef::Table(_) if self.tracks => {}
                TypeRef::Memory(_) => {}
                TypeRef::Global(ty) if matches!(ty.content_type, wasmparser::ValType::Ref(_)) => {
                    return unsupported("an imported global of a reference");
                }
                ty => {
                    let ty = self.entity_type(ty)?;
                    imports.import(import.module, import.name, ty);
                }
            }
        }
        if self.anew {
            for (name, params, results) in hidden::TOLD {
                let ty = self.type_of(vec![ValType::I32; params], vec![ValType::I32; results]);
                imports.import(OWN_IMPORTS, name, EntityType::Function(ty));
            }
        }
        Ok(imports)
    }

    /// Those of functions, imported ones too, and the one of all functions.
    pub(super) fn tables(&mut self) -> Done<TableSection> {
        let mut tables = TableSection::new();
        for table in &self.survey.tables {
            if table.filled || table.ty.table64 {
                return unsupported("a table that begins with references");
            }
            if !table.holds_values() && (self.tracks || !table.imported) {
                let ty = utils::table_type(self, table.ty)?;
                tables.table(ty);
            }
        }
        let size = u64::from(count(&self.numbered)) + 1;
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: size,
            maximum: Some(size),
            shared: false,
        });
        Ok(tables)
    }

    pub(super) fn memories(&mut self) -> Done<Option<MemorySection>> {
        let mut memories = MemorySection::new();
        if let Some(imported) = self.survey.imported_memory {
            if imported.memory64 || imported.shared || self.survey.memories.is_some() {
                return unsupported("a memory of another kind");
            }
            memories.memory(utils::memory_type(self, imported));
        }
        if let Some(section) = self.survey.memories.clone() {
            utils::parse_memory_section(self, &mut memories, section)?;
        }
        Ok((!memories.is_empty()).then_some(memories))
    }

    /// The module's, and one for each half of results that is kept.
    pub(super) fn globals(&mut self) -> Done<GlobalSection> {
        let mut globals = GlobalSection::new();
        let own = self.survey.globals.clone();
        for global in own.into_iter().flatten() {
            let global = global?;
            let ty = self.global_type(global.ty)?;
            let first = match global.ty.content_type {
                // JavaScript has the value.
                wasmparser::ValType::Ref(ty) if self.anew && ty.is_extern_ref() => {
                    let mut operators = global.init_expr.get_operators_reader();
                    if !matches!(operators.read()?, wasmparser::Operator::RefNull { .. }) {
                        return unsupported("a global that begins as a value");
                    }
                    ConstExpr::i32_const(0)
                }
                wasmparser::ValType::Ref(_) if self.anew => {
                    let number = self.number_of(&global.init_expr)?;
                    ConstExpr::i32_const(number.cast_signed())
                }
                _ => self.const_expr(global.init_expr)?,
            };
            globals.global(ty, &first);
        }
        for _ in 0..self.signatures.kept() {
            let ty = GlobalType {
                val_type: ValType::I32,
                mutable: true,
                shared: false,
            };
            globals.global(ty, &ConstExpr::i32_const(0));
        }
        Ok(globals)
    }

    /// What is neither a function nor a table that JavaScript holds, and the hidden ones.
    pub(super) fn exports(&mut self) -> Done<ExportSection> {
        let mut exports = ExportSection::new();
        let survey = self.survey;
        for export in &survey.exports {
            match export.kind {
                ExternalKind::Func => {}
                ExternalKind::Table if self.held(export.index) => {}
                ExternalKind::Global if survey.is_global_of_value(export.index) => {}
                _ => utils::parse_export(self, &mut exports, *export)?,
            }
        }
        if !self.numbered.is_empty() {
            let door = self.door();
            let door = self.hide(door);
            exports.export(DOOR, ExportKind::Func, door);
        }
        if let Some(act) = self.act()? {
            let act = self.hide(act);
            exports.export(ACT, ExportKind::Func, act);
        }
        if survey.imported_memory.is_some() {
            exports.export(MEMORY, ExportKind::Memory, 0);
        }
        Ok(exports)
    }

    /// The module's segments, and the one of all functions that have numbers.
    pub(super) fn elements(&mut self) -> Done<ElementSection> {
        let mut elements = ElementSection::new();
        let survey = self.survey;
        for element in &survey.elements {
            if let wasmparser::ElementItems::Expressions(ty, _) = &element.items
                && ty.is_extern_ref()
            {
                return unsupported("elements that are values");
            }
            // What they hold is no value of the code's.
            let before = self.finds_functions;
            utils::parse_element(self, &mut elements, element.clone())?;
            self.finds_functions = before;
        }
        let numbered = self.numbered.clone();
        let all = numbered.iter().map(|it| self.function_index(it.0));
        let all = all.collect::<Done<Vec<u32>>>()?;
        let table = self.all_functions();
        elements.active(
            Some(table),
            &ConstExpr::i32_const(1),
            Elements::Functions(all.into()),
        );
        Ok(elements)
    }

    /// Segments of an imported memory wait until the module is told to begin.
    pub(super) fn data(&mut self) -> Done<Data> {
        let Some(section) = self.survey.data.clone() else {
            return Ok(Data {
                section: None,
                count: self.survey.data_count,
            });
        };
        let waits = self.survey.imported_memory.is_some();
        let segments = section.count();
        let mut data = DataSection::new();
        for segment in section {
            let segment = segment?;
            let bytes = segment.data.iter().copied();
            match segment.kind {
                DataKind::Active {
                    memory_index,
                    offset_expr,
                } if !waits => {
                    data.active(memory_index, &self.const_expr(offset_expr)?, bytes);
                }
                _ => {
                    data.passive(bytes);
                }
            }
        }
        Ok(Data {
            section: Some(data),
            count: self.survey.data_count.or(waits.then_some(segments)),
        })
    }
}
