//! Writes a module anew, section by section. Code is copied as it is, unless it has references: those
//! become numbers (0 is null), and what it does with tables of them is told to the functions that then
//! stand behind the module's own imports.

use std::collections::HashMap;
use std::fmt;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Module, ValType};
use wasmparser::ElementItems;

use super::Rewritten;
use super::hidden::{self, Helper};
use super::signatures::Signatures;
use super::survey::{Survey, is_value};

/// What a module has that cannot be written anew.
#[derive(Debug)]
pub(super) struct Unsupported(&'static str);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

pub(super) type Done<T> = Result<T, Error<Unsupported>>;

pub(super) fn unsupported<T>(what: &'static str) -> Done<T> {
    Err(Error::UserError(Unsupported(what)))
}

/// # Errors
/// The module is no module, or keeps references where a number would outlive its call.
pub(super) fn module(survey: &Survey<'_>) -> Done<Rewritten> {
    let visible = survey.has_visible_functions();
    let anew = survey.has_references() || (visible && super::code::has_references(survey)?);
    let mut rewrite = Rewrite::new(survey, anew, visible)?;
    let mut code = rewrite.code()?;
    if rewrite.finds_functions && !rewrite.tracks {
        rewrite = Rewrite::new(survey, anew, true)?;
        code = rewrite.code()?;
    }
    rewrite.finish(code)
}

/// A function of the module that is not its own: its type, which is one of `Rewrite::types`.
pub(super) struct Hidden {
    pub(super) ty: u32,
    pub(super) body: Function,
}

pub(super) struct Rewrite<'s, 'a> {
    pub(super) survey: &'s Survey<'a>,
    /// Whether code is written anew, with functions behind the imports.
    pub(super) anew: bool,
    /// Whether it is known which function is where in the tables.
    pub(super) tracks: bool,
    pub(super) finds_functions: bool,
    /// The functions that have numbers, from 1, each with the number of its signature.
    pub(super) numbered: Vec<(u32, u32)>,
    numbers: HashMap<u32, u32>,
    pub(super) signatures: Signatures,
    /// Types behind the module's own.
    types: Vec<(Vec<ValType>, Vec<ValType>)>,
    pub(super) helpers: HashMap<Helper, u32>,
    pub(super) hidden: Vec<Hidden>,
}

impl<'s, 'a> Rewrite<'s, 'a> {
    fn new(survey: &'s Survey<'a>, anew: bool, tracks: bool) -> Done<Self> {
        let mut rewrite = Rewrite {
            survey,
            anew,
            tracks,
            finds_functions: false,
            numbered: Vec::new(),
            numbers: HashMap::new(),
            signatures: Signatures::default(),
            types: Vec::new(),
            helpers: HashMap::new(),
            hidden: Vec::new(),
        };
        for function in survey.exported_functions().chain(survey.start) {
            rewrite.number(function)?;
        }
        if tracks {
            for element in &survey.elements {
                rewrite.numbers_of(element)?;
            }
        }
        Ok(rewrite)
    }

    /// The number of a function, which it has from now on.
    pub(super) fn number(&mut self, function: u32) -> Done<u32> {
        if let Some(number) = self.numbers.get(&function) {
            return Ok(*number);
        }
        let Some(signature) = self.survey.function_type(function) else {
            return unsupported("a function that is not there");
        };
        let ty = self.survey.functions[function as usize];
        let signature = self.signatures.number(ty, signature);
        self.numbered.push((function, signature));
        let number = count(&self.numbered);
        self.numbers.insert(function, number);
        Ok(number)
    }

    /// The numbers of a segment's elements.
    pub(super) fn numbers_of(&mut self, element: &wasmparser::Element<'_>) -> Done<Vec<u32>> {
        match &element.items {
            ElementItems::Functions(functions) => {
                let functions = functions.clone().into_iter();
                functions.map(|it| self.number(it?)).collect()
            }
            ElementItems::Expressions(ty, _) if ty.is_extern_ref() => {
                unsupported("elements that are values")
            }
            ElementItems::Expressions(_, each) => {
                let each = each.clone().into_iter();
                each.map(|it| self.number_of(&it?)).collect()
            }
        }
    }

    /// What a constant expression that is a function says.
    pub(super) fn number_of(&mut self, constant: &wasmparser::ConstExpr<'_>) -> Done<u32> {
        match constant.get_operators_reader().read()? {
            wasmparser::Operator::RefFunc { function_index } => self.number(function_index),
            wasmparser::Operator::RefNull { .. } => Ok(0),
            _ => unsupported("a function that an import decides"),
        }
    }

    /// The number of a type that is put behind the module's own.
    pub(super) fn type_of(&mut self, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let ty = (params, results);
        let at = self.types.iter().position(|it| *it == ty);
        let at = at.unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        });
        count(&self.survey.types) + u32::try_from(at).expect("they are few")
    }

    pub(super) fn hide(&mut self, hidden: Hidden) -> u32 {
        self.hidden.push(hidden);
        let own = count(&self.survey.functions) + self.added_imports();
        own + count(&self.hidden) - 1
    }

    pub(super) fn added_imports(&self) -> u32 {
        if self.anew {
            u32::try_from(hidden::TOLD.len()).expect("they are few")
        } else {
            0
        }
    }

    /// Whether a table is one that JavaScript holds, and by which number it knows it.
    pub(super) fn held(&self, table: u32) -> bool {
        let table = &self.survey.tables[table as usize];
        table.holds_values() || (self.tracks && table.holds_functions())
    }

    /// The table of all functions that have numbers.
    pub(super) fn all_functions(&self) -> u32 {
        let own = self.survey.tables.iter().filter(|it| !it.holds_values());
        u32::try_from(own.count()).expect("a module's tables are few")
    }

    fn code(&mut self) -> Done<CodeSection> {
        let mut code = CodeSection::new();
        let survey = self.survey;
        for body in &survey.bodies {
            if self.anew {
                self.body_in_numbers(&mut code, body)?;
            } else {
                code.raw(body.as_bytes());
            }
        }
        Ok(code)
    }

    fn finish(mut self, mut code: CodeSection) -> Done<Rewritten> {
        let globals = self.globals()?;
        let exports = self.exports()?;
        let data = self.data()?;
        let elements = self.elements()?;
        let tables = self.tables()?;
        let plan = self.plan()?;
        let mut functions = FunctionSection::new();
        for ty in &self.survey.functions[self.survey.imported_functions as usize..] {
            functions.function(*ty);
        }
        for hidden in &self.hidden {
            functions.function(hidden.ty);
            code.function(&hidden.body);
        }
        let mut module = Module::new();
        let imports = self.imports()?;
        module.section(&self.type_section()?).section(&imports);
        module.section(&functions).section(&tables);
        if let Some(memories) = self.memories()? {
            module.section(&memories);
        }
        if let Some(section) = self.survey.tags.clone() {
            let mut tags = wasm_encoder::TagSection::new();
            utils::parse_tag_section(&mut self, &mut tags, section)?;
            module.section(&tags);
        }
        module
            .section(&globals)
            .section(&exports)
            .section(&elements);
        if let Some(count) = data.count {
            module.section(&wasm_encoder::DataCountSection { count });
        }
        module.section(&code);
        if let Some(data) = &data.section {
            module.section(data);
        }
        Ok(Rewritten {
            bytes: module.finish(),
            plan,
        })
    }

    fn type_section(&mut self) -> Done<wasm_encoder::TypeSection> {
        let mut types = wasm_encoder::TypeSection::new();
        if let Some(section) = self.survey.type_section.clone() {
            utils::parse_type_section(self, &mut types, section)?;
        }
        for (params, results) in &self.types {
            types
                .ty()
                .function(params.iter().copied(), results.iter().copied());
        }
        Ok(types)
    }
}

pub(super) fn count<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).expect("a module has fewer than 2^32 of anything")
}

impl Reencode for Rewrite<'_, '_> {
    type Error = Unsupported;

    fn val_type(&mut self, ty: wasmparser::ValType) -> Done<ValType> {
        if self.anew && is_value(ty) {
            return Ok(ValType::I32);
        }
        if self.anew && matches!(ty, wasmparser::ValType::Ref(_)) {
            if ty != wasmparser::ValType::FUNCREF {
                return unsupported("references of other kinds");
            }
            self.finds_functions = true;
            return Ok(ValType::I32);
        }
        utils::val_type(self, ty)
    }

    fn function_index(&mut self, function: u32) -> Done<u32> {
        let own = function >= self.survey.imported_functions;
        Ok(function + if own { self.added_imports() } else { 0 })
    }

    /// Tables of values are not the module's any more.
    fn table_index(&mut self, table: u32) -> Done<u32> {
        let before = self.survey.tables.iter().take(table as usize);
        let left = before.filter(|it| !it.holds_values()).count();
        Ok(u32::try_from(left).expect("no more than there were"))
    }
}
