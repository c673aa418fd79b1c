//! What a module has of references: where its signatures and tables hold values of JavaScript.

use wasmparser::{
    BinaryReaderError, CompositeInnerType, ExternalKind, FuncType, Parser, Payload, RefType,
    TableType, TypeRef, ValType,
};

/// Which parameters and results of a function are references.
#[derive(Clone, Debug, Default)]
pub(super) struct Signature {
    pub(super) params: Vec<bool>,
    pub(super) results: Vec<bool>,
}

/// Tables of references have a number of their own.
pub(super) enum Import {
    Function(Signature),
    Table(Option<u32>),
    Other(&'static str),
}

pub(super) enum Export {
    Function(Signature),
    Table(Option<u32>),
    Other(&'static str),
}

#[derive(Default)]
pub(super) struct Survey<'a> {
    pub(super) imports: Vec<(&'a str, &'a str, Import)>,
    pub(super) exports: Vec<(&'a str, Export)>,
    /// Size and maximum of each table of references, by its number; `None` for imported ones.
    pub(super) tables: Vec<Option<(u64, Option<u64>)>>,
    /// For each table of the module its number, if it is one of references.
    pub(super) numbers: Vec<Option<u32>>,
    pub(super) imported_functions: u32,
    /// How many types the module has.
    pub(super) types: u32,
    signatures: Vec<Signature>,
    /// The type of each function.
    functions: Vec<u32>,
}

/// Whether a type holds values of JavaScript.
pub(super) fn is_reference(ty: ValType) -> bool {
    matches!(ty, ValType::Ref(ty) if is_reference_type(ty))
}

pub(super) fn is_reference_type(ty: RefType) -> bool {
    ty.is_extern_ref()
}

impl<'a> Survey<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut survey = Survey::default();
        for payload in Parser::new(0).parse_all(bytes) {
            survey.read(payload?)?;
        }
        Ok(survey)
    }

    pub(super) fn has_references(&self) -> bool {
        let some = |it: &Signature| it.params.contains(&true) || it.results.contains(&true);
        !self.tables.is_empty() || self.signatures.iter().any(some)
    }

    fn read(&mut self, payload: Payload<'a>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        self.types += 1;
                        self.signatures.push(match &ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => signature(ty),
                            _ => Signature::default(),
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let what = self.import(import.ty);
                    self.imports.push((import.module, import.name, what));
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    let ty = table?.ty;
                    self.table(ty, Some((ty.initial, ty.maximum)));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let what = self.export(export.kind, export.index);
                    self.exports.push((export.name, what));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, ty: TypeRef) -> Import {
        match ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.imported_functions += 1;
                self.functions.push(ty);
                Import::Function(self.signature_of_type(ty))
            }
            TypeRef::Table(ty) => Import::Table(self.table(ty, None)),
            TypeRef::Memory(_) => Import::Other("memory"),
            TypeRef::Global(_) => Import::Other("global"),
            TypeRef::Tag(_) => Import::Other("tag"),
        }
    }

    fn table(&mut self, ty: TableType, own: Option<(u64, Option<u64>)>) -> Option<u32> {
        let number = is_reference_type(ty.element_type).then(|| {
            self.tables.push(own);
            u32::try_from(self.tables.len() - 1).expect("a module's tables are few")
        });
        self.numbers.push(number);
        number
    }

    fn export(&self, kind: ExternalKind, index: u32) -> Export {
        let at = index as usize;
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                let ty = self.functions.get(at).copied();
                Export::Function(ty.map(|ty| self.signature_of_type(ty)).unwrap_or_default())
            }
            ExternalKind::Table => Export::Table(self.numbers.get(at).copied().flatten()),
            ExternalKind::Memory => Export::Other("memory"),
            ExternalKind::Global => Export::Other("global"),
            ExternalKind::Tag => Export::Other("tag"),
        }
    }

    fn signature_of_type(&self, ty: u32) -> Signature {
        self.signatures
            .get(ty as usize)
            .cloned()
            .unwrap_or_default()
    }
}

fn signature(ty: &FuncType) -> Signature {
    let each = |types: &[ValType]| types.iter().map(|ty| is_reference(*ty)).collect();
    Signature {
        params: each(ty.params()),
        results: each(ty.results()),
    }
}
