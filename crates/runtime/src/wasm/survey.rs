//! What a module has: its sections as they are read, with the types of its functions and which of its
//! tables are seen from JavaScript. Nothing is checked that is not needed here.

use wasmparser::{
    BinaryReaderError, CompositeInnerType, DataSectionReader, Element, Export, ExternalKind,
    FuncType, FunctionBody, GlobalSectionReader, GlobalType, Import, MemorySectionReader,
    MemoryType, Parser, Payload, RefType, TableInit, TableType, TagSectionReader, TypeRef,
    TypeSectionReader, ValType,
};

/// A table, in the order of the module's numbers: imported ones come first.
pub(super) struct Table {
    pub(super) ty: TableType,
    pub(super) imported: bool,
    /// Imported or exported.
    pub(super) visible: bool,
    /// Whether it begins with something other than null.
    pub(super) filled: bool,
}

impl Table {
    pub(super) fn holds_values(&self) -> bool {
        self.ty.element_type.is_extern_ref()
    }

    pub(super) fn holds_functions(&self) -> bool {
        is_function(self.ty.element_type)
    }
}

#[derive(Default)]
pub(super) struct Survey<'a> {
    pub(super) type_section: Option<TypeSectionReader<'a>>,
    /// One for each type; `None` for those that are not of functions.
    pub(super) types: Vec<Option<FuncType>>,
    pub(super) imports: Vec<Import<'a>>,
    /// The type of each function, those of imported ones first.
    pub(super) functions: Vec<u32>,
    pub(super) imported_functions: u32,
    pub(super) tables: Vec<Table>,
    pub(super) memories: Option<MemorySectionReader<'a>>,
    pub(super) imported_memory: Option<MemoryType>,
    pub(super) tags: Option<TagSectionReader<'a>>,
    pub(super) globals: Option<GlobalSectionReader<'a>>,
    /// The types of the module's own globals, behind the imported ones.
    pub(super) own_globals: Vec<GlobalType>,
    /// How many, imported ones too.
    pub(super) global_count: u32,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) start: Option<u32>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) data_count: Option<u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) data: Option<DataSectionReader<'a>>,
}

/// Whether a type holds values of JavaScript.
pub(super) fn is_value(ty: ValType) -> bool {
    matches!(ty, ValType::Ref(ty) if ty.is_extern_ref())
}

fn is_function(ty: RefType) -> bool {
    ty == RefType::FUNCREF
}

impl<'a> Survey<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut survey = Survey::default();
        for payload in Parser::new(0).parse_all(bytes) {
            survey.read(payload?)?;
        }
        survey.find_visible();
        Ok(survey)
    }

    /// Whether its functions take, give or keep references.
    pub(super) fn has_references(&self) -> bool {
        let reference = |ty: &ValType| matches!(ty, ValType::Ref(_));
        let in_types = self.types.iter().flatten().any(|ty| {
            let mut all = ty.params().iter().chain(ty.results());
            all.any(reference)
        });
        let in_globals = self
            .own_globals
            .iter()
            .any(|it| reference(&it.content_type));
        let imported = self.imports.iter().any(|it| match it.ty {
            TypeRef::Global(ty) => reference(&ty.content_type),
            _ => false,
        });
        in_types || in_globals || imported || self.tables.iter().any(Table::holds_values)
    }

    pub(super) fn has_visible_functions(&self) -> bool {
        self.tables
            .iter()
            .any(|it| it.visible && it.holds_functions())
    }

    /// A global of the module's own.
    pub(super) fn own_global(&self, global: u32) -> Option<&GlobalType> {
        let imported = self.global_count as usize - self.own_globals.len();
        self.own_globals
            .get((global as usize).checked_sub(imported)?)
    }

    pub(super) fn is_global_of_value(&self, global: u32) -> bool {
        self.own_global(global)
            .is_some_and(|it| is_value(it.content_type))
    }

    /// The numbers of the globals that hold values; none of them is imported.
    pub(super) fn globals_of_values(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.global_count).filter(|it| self.is_global_of_value(*it))
    }

    /// Its memory, its own or imported.
    pub(super) fn memory(&self) -> Option<MemoryType> {
        let own = || self.memories.clone()?.into_iter().next()?.ok();
        self.imported_memory.or_else(own)
    }

    pub(super) fn exports_memory(&self) -> bool {
        let kinds = self.exports.iter().map(|it| it.kind);
        kinds.into_iter().any(|it| it == ExternalKind::Memory)
    }

    pub(super) fn exported_functions(&self) -> impl Iterator<Item = u32> + '_ {
        self.exports
            .iter()
            .filter(|it| it.kind == ExternalKind::Func)
            .map(|it| it.index)
    }

    pub(super) fn function_type(&self, function: u32) -> Option<&FuncType> {
        let ty = *self.functions.get(function as usize)?;
        self.types.get(ty as usize)?.as_ref()
    }

    fn read(&mut self, payload: Payload<'a>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::TypeSection(section) => return self.read_types(section),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.import(import?);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    let table = table?;
                    let filled = matches!(table.init, TableInit::Expr(_));
                    self.table(table.ty, false, filled);
                }
            }
            Payload::MemorySection(section) => self.memories = Some(section),
            Payload::TagSection(section) => self.tags = Some(section),
            Payload::GlobalSection(section) => {
                self.global_count += section.count();
                for global in section.clone() {
                    self.own_globals.push(global?.ty);
                }
                self.globals = Some(section);
            }
            Payload::ExportSection(section) => {
                self.exports = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                self.elements = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::DataCountSection { count, .. } => self.data_count = Some(count),
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(section) => self.data = Some(section),
            _ => {}
        }
        Ok(())
    }

    fn read_types(&mut self, section: TypeSectionReader<'a>) -> Result<(), BinaryReaderError> {
        self.type_section = Some(section.clone());
        for group in section {
            for ty in group?.into_types() {
                self.types.push(match ty.composite_type.inner {
                    CompositeInnerType::Func(ty) => Some(ty),
                    _ => None,
                });
            }
        }
        Ok(())
    }

    fn import(&mut self, import: Import<'a>) {
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.imported_functions += 1;
                self.functions.push(ty);
            }
            TypeRef::Table(ty) => self.table(ty, true, false),
            TypeRef::Memory(ty) => self.imported_memory = Some(ty),
            TypeRef::Global(_) => self.global_count += 1,
            TypeRef::Tag(_) => {}
        }
        self.imports.push(import);
    }

    fn table(&mut self, ty: TableType, imported: bool, filled: bool) {
        self.tables.push(Table {
            ty,
            imported,
            visible: imported,
            filled,
        });
    }

    fn find_visible(&mut self) {
        for export in &self.exports {
            if export.kind == ExternalKind::Table
                && let Some(table) = self.tables.get_mut(export.index as usize)
            {
                table.visible = true;
            }
        }
    }
}
