//! What the scripts know of a module that was written anew.

use serde_json::{Value, json};
use wasmparser::{ExternalKind, TypeRef};

use super::act::Offset;
use super::rewrite::{Done, Rewrite, count, unsupported};
use super::signatures::{Kind, Signature};

impl Rewrite<'_, '_> {
    /// As `wasm_instances.js` describes it.
    pub(super) fn plan(&mut self) -> Done<Value> {
        let imports = self.planned_imports()?;
        let exports = self.planned_exports()?;
        let signatures = self.signatures.list.iter().map(|it| it.letters());
        let signatures = signatures.collect::<Vec<_>>();
        let start = match self.survey.start {
            Some(function) => self.number(function)?,
            None => 0,
        };
        Ok(json!({
            "imports": imports,
            "exports": exports,
            "signatures": signatures,
            "slots": self.signatures.slots(),
            "functions": self.numbered.iter().map(|it| it.0).collect::<Vec<_>>(),
            "kinds": self.numbered.iter().map(|it| it.1).collect::<Vec<_>>(),
            "tables": self.planned_tables(),
            "elements": if self.tracks { self.planned_elements()? } else { Vec::new() },
            "start": start,
            "memory": self.survey.memory().map(|it| (it.initial, it.maximum)),
            "references": self.anew,
            "own": [self.survey.imported_functions, count(&self.survey.functions), self.added_imports()],
        }))
    }

    fn planned_imports(&self) -> Done<Vec<Value>> {
        let mut tables = 0_u32;
        let mut planned = Vec::new();
        for import in &self.survey.imports {
            let (kind, about) = match import.ty {
                TypeRef::Func(ty) => {
                    let types = &self.survey.types;
                    let Some(signature) = types.get(ty as usize).and_then(Option::as_ref) else {
                        return unsupported("a type that is not there");
                    };
                    ("function", json!(Signature::of(ty, signature).letters()))
                }
                TypeRef::Table(ty) => {
                    tables += 1;
                    ("table", json!([tables - 1, ty.initial, ty.maximum]))
                }
                TypeRef::Memory(ty) => ("memory", json!([ty.initial, ty.maximum])),
                TypeRef::Global(ty) => ("global", json!(Kind::of(ty.content_type).letter())),
                TypeRef::Tag(_) | TypeRef::FuncExact(_) => ("tag", Value::Null),
            };
            planned.push(json!([import.module, import.name, kind, about]));
        }
        Ok(planned)
    }

    fn planned_exports(&mut self) -> Done<Vec<Value>> {
        let mut planned = Vec::new();
        for export in &self.survey.exports {
            let (kind, about) = match export.kind {
                ExternalKind::Func => ("function", json!(self.number(export.index)?)),
                ExternalKind::Table if self.held(export.index) => ("table", json!(export.index)),
                ExternalKind::Table => ("table", Value::Null),
                ExternalKind::Memory => ("memory", Value::Null),
                ExternalKind::Global => ("global", self.planned_global(export.index)),
                ExternalKind::Tag | ExternalKind::FuncExact => ("tag", Value::Null),
            };
            planned.push(json!([export.name, kind, about]));
        }
        Ok(planned)
    }

    /// For each table that JavaScript holds whether it is one of values, and its size.
    fn planned_tables(&self) -> Vec<Value> {
        let tables = (0..).zip(&self.survey.tables);
        let planned = tables.map(|(number, table)| {
            if !self.held(number) {
                return Value::Null;
            }
            json!([table.holds_values(), table.ty.initial, table.ty.maximum])
        });
        // The last one is that of globals.
        let globals = self.survey.globals_of_values().count();
        let globals = (globals > 0).then(|| json!([true, globals, globals]));
        planned.chain(globals).collect()
    }

    /// Of an exported global that is a reference its letter, the place of its value if JavaScript has it, and
    /// whether it changes.
    fn planned_global(&self, global: u32) -> Value {
        let Some(ty) = self.survey.own_global(global) else {
            return Value::Null;
        };
        let kind = Kind::of(ty.content_type);
        if !matches!(kind, Kind::Value | Kind::Function) {
            return Value::Null;
        }
        let place = self.survey.globals_of_values().position(|it| it == global);
        json!([kind.letter(), place, ty.mutable])
    }

    /// For each segment the table it is in at first, where, or what to ask for, and its functions.
    fn planned_elements(&mut self) -> Done<Vec<Value>> {
        let survey = self.survey;
        let offsets = self.offsets()?;
        let mut planned = Vec::new();
        for (element, offset) in survey.elements.iter().zip(offsets) {
            let numbers = self.numbers_of(element)?;
            planned.push(match offset {
                None => json!([null, 0, 0, numbers]),
                Some((table, Offset::Known(at))) => json!([table, at, null, numbers]),
                Some((table, Offset::Asked(what))) => json!([table, null, what, numbers]),
            });
        }
        Ok(planned)
    }
}
