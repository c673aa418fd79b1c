//! Code that has references, in numbers.

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{CodeSection, Function, Instruction};
use wasmparser::{FunctionBody, HeapType, Operator};

use super::hidden::{self, Helper};
use super::rewrite::{Done, Rewrite, count, unsupported};
use super::survey::Survey;

/// Whether code has functions as values, or changes tables of them.
pub(super) fn has_references(survey: &Survey<'_>) -> Done<bool> {
    for body in &survey.bodies {
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            if is_of_references(&operators.read()?) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_of_references(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::RefNull { .. }
            | Operator::RefFunc { .. }
            | Operator::RefIsNull
            | Operator::TableGet { .. }
            | Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
    )
}

impl Rewrite<'_, '_> {
    pub(super) fn body_in_numbers(
        &mut self,
        code: &mut CodeSection,
        body: &FunctionBody<'_>,
    ) -> Done<()> {
        let mut function = self.new_function_with_parsed_locals(body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            self.write(&mut function, operators.read()?)?;
        }
        code.function(&function);
        Ok(())
    }

    fn write(&mut self, function: &mut Function, operator: Operator<'_>) -> Done<()> {
        if let Some((told, numbers)) = self.on_values(&operator)? {
            for number in numbers {
                function.instruction(&Instruction::I32Const(number.cast_signed()));
            }
            function.instruction(&Instruction::Call(self.told(told)));
        } else if let Some(helper) = self.on_functions(&operator)? {
            let helper = self.helper(helper);
            function.instruction(&Instruction::Call(helper));
        } else {
            function.instruction(&self.in_numbers(operator)?);
        }
        Ok(())
    }

    /// What JavaScript does instead of an instruction, and the numbers it is told last: those of tables, and
    /// of a place in one.
    fn on_values(&mut self, operator: &Operator<'_>) -> Done<Option<(u32, Vec<u32>)>> {
        let (told, table) = match *operator {
            // What is in a table of functions JavaScript knows as well.
            Operator::TableGet { table } => {
                self.finds_functions |= !self.holds_values(table)?;
                return Ok(Some((hidden::GET, vec![table])));
            }
            Operator::GlobalGet { global_index } => {
                return Ok(self.place_of(global_index).map(|at| (hidden::GET, at)));
            }
            Operator::GlobalSet { global_index } => {
                return Ok(self.place_of(global_index).map(|at| (hidden::KEEP, at)));
            }
            Operator::TableSet { table } => (hidden::SET, table),
            Operator::TableSize { table } => (hidden::SIZE, table),
            Operator::TableGrow { table } => (hidden::GROW, table),
            Operator::TableFill { table } => (hidden::FILL, table),
            Operator::TableCopy {
                dst_table,
                src_table,
            } => {
                let values = self.holds_values(dst_table)?;
                return Ok(values.then(|| (hidden::COPY, vec![dst_table, src_table])));
            }
            Operator::TableInit { table, .. } if self.holds_values(table)? => {
                return unsupported("elements that are values");
            }
            _ => return Ok(None),
        };
        Ok(self.holds_values(table)?.then(|| (told, vec![table])))
    }

    /// The function that does an instruction on a table of functions, and tells of it.
    fn on_functions(&mut self, operator: &Operator<'_>) -> Done<Option<Helper>> {
        let helper = match *operator {
            Operator::TableSet { table } => Helper::Set(table),
            Operator::TableGrow { table } => Helper::Grow(table),
            Operator::TableFill { table } => Helper::Fill(table),
            // These two have no function as a value.
            Operator::TableCopy {
                dst_table,
                src_table,
            } if self.tracks => return Ok(Some(Helper::Copy(dst_table, src_table))),
            Operator::TableInit { elem_index, table } if self.tracks => {
                return Ok(Some(Helper::Init(table, elem_index)));
            }
            _ => return Ok(None),
        };
        self.finds_functions = true;
        Ok(Some(helper))
    }

    fn in_numbers<'b>(&mut self, operator: Operator<'b>) -> Done<Instruction<'b>> {
        match operator {
            Operator::RefNull { hty } => {
                self.finds_functions |= hty != HeapType::EXTERN;
                Ok(Instruction::I32Const(0))
            }
            Operator::RefFunc { function_index } => {
                self.finds_functions = true;
                let number = self.number(function_index)?;
                Ok(Instruction::I32Const(number.cast_signed()))
            }
            Operator::RefIsNull => Ok(Instruction::I32Eqz),
            _ => utils::instruction(self, operator),
        }
    }

    /// Where the value of a global is, if it holds one: among those of a table behind the module's own.
    fn place_of(&self, global: u32) -> Option<Vec<u32>> {
        if !self.survey.is_global_of_value(global) {
            return None;
        }
        let mut all = self.survey.globals_of_values();
        let place = all.position(|it| it == global)?;
        let place = u32::try_from(place).expect("they are numbered");
        Some(vec![place, count(&self.survey.tables)])
    }

    fn holds_values(&self, table: u32) -> Done<bool> {
        match self.survey.tables.get(table as usize) {
            Some(table) => Ok(table.holds_values()),
            None => unsupported("a table that is not there"),
        }
    }
}
