//! The function by which JavaScript acts on an instance: it tells results that are kept, changes tables
//! of functions, and lets an instance begin whose memory is imported.

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{BlockType, Function, Instruction, ValType};
use wasmparser::{DataKind, Operator};

use super::hidden::with;
use super::rewrite::{Done, Hidden, Rewrite, unsupported};

/// What the function `ACT` does, by its first parameter.
const TELL: i32 = 0;
const PUT: i32 = 1;
const ENLARGE: i32 = 2;
const OFFSET: i32 = 3;
const BEGIN: i32 = 4;
const GROW_MEMORY: i32 = 5;

/// Where a segment of elements begins.
pub(super) enum Offset {
    Known(u32),
    /// To be asked for, by this number.
    Asked(u32),
}

impl Rewrite<'_, '_> {
    /// Where the segments of tables begin that are known; `None` for those that no table has at first.
    pub(super) fn offsets(&self) -> Done<Vec<Option<(u32, Offset)>>> {
        let mut asked = 0;
        let mut offset = |element: &wasmparser::Element<'_>| {
            let wasmparser::ElementKind::Active {
                table_index,
                offset_expr,
            } = &element.kind
            else {
                return Ok(None);
            };
            let table = table_index.unwrap_or(0);
            let mut operators = offset_expr.get_operators_reader();
            if let Operator::I32Const { value } = operators.read()?
                && operators.is_end_then_eof()
            {
                return Ok(Some((table, Offset::Known(value.cast_unsigned()))));
            }
            asked += 1;
            Ok(Some((table, Offset::Asked(asked - 1))))
        };
        self.survey.elements.iter().map(&mut offset).collect()
    }

    /// The function that acts for JavaScript, if there is anything to do: what, and three arguments.
    pub(super) fn act(&mut self) -> Done<Option<Hidden>> {
        let mut body = Function::new([]);
        let kept = self.survey.global_count;
        for half in 0..self.signatures.kept() {
            let value = [Instruction::GlobalGet(kept + half)];
            on(&mut body, TELL, half, &value);
        }
        if self.tracks {
            self.act_on_tables(&mut body)?;
        }
        if self.survey.imported_memory.is_some() {
            self.begin(&mut body)?;
        }
        // Without such an instruction the interpreter takes the whole memory for one page.
        if self.survey.memory().is_some_and(|it| !it.memory64) {
            let grow = [Instruction::LocalGet(2), Instruction::MemoryGrow(0)];
            on(&mut body, GROW_MEMORY, 0, &grow);
        }
        if body.byte_len() == Function::new([]).byte_len() {
            return Ok(None);
        }
        with(&mut body, &[Instruction::I32Const(-1), Instruction::End]);
        let ty = self.type_of(vec![ValType::I32; 4], vec![ValType::I32]);
        Ok(Some(Hidden { ty, body }))
    }

    fn act_on_tables(&mut self, body: &mut Function) -> Done<()> {
        use Instruction::{I32Const, LocalGet, TableGet, TableGrow, TableSet};
        let all = self.all_functions();
        let survey = self.survey;
        for (number, table) in (0..).zip(&survey.tables) {
            if !table.holds_functions() {
                continue;
            }
            let own = self.table_index(number)?;
            let function = [LocalGet(3), TableGet(all)];
            let put = [
                LocalGet(2),
                LocalGet(3),
                TableGet(all),
                TableSet(own),
                I32Const(0),
            ];
            on(body, PUT, number, &put);
            let enlarge = [&function[..], &[LocalGet(2), TableGrow(own)]].concat();
            on(body, ENLARGE, number, &enlarge);
        }
        let mut offsets = self.offsets()?.into_iter();
        for element in &survey.elements {
            let offset = offsets.next().flatten();
            if let Some((_, Offset::Asked(number))) = offset
                && let wasmparser::ElementKind::Active { offset_expr, .. } = &element.kind
            {
                let instructions = self.constant(offset_expr)?;
                on(body, OFFSET, number, &instructions);
            }
        }
        Ok(())
    }

    /// Fills an imported memory, as far as the module does before its code runs.
    fn begin(&mut self, body: &mut Function) -> Done<()> {
        let mut instructions = Vec::new();
        let section = self.survey.data.clone();
        for (index, segment) in (0..).zip(section.into_iter().flatten()) {
            let segment = segment?;
            let DataKind::Active { offset_expr, .. } = &segment.kind else {
                continue;
            };
            instructions.extend(self.constant(offset_expr)?);
            let Ok(size) = i32::try_from(segment.data.len()) else {
                return unsupported("data of more than 2 GiB");
            };
            instructions.extend([
                Instruction::I32Const(0),
                Instruction::I32Const(size),
                Instruction::MemoryInit {
                    mem: 0,
                    data_index: index,
                },
                Instruction::DataDrop(index),
            ]);
        }
        instructions.push(Instruction::I32Const(0));
        on(body, BEGIN, 0, &instructions);
        Ok(())
    }

    /// The instructions of a constant expression.
    fn constant<'b>(
        &mut self,
        expression: &wasmparser::ConstExpr<'b>,
    ) -> Done<Vec<Instruction<'b>>> {
        let mut operators = expression.get_operators_reader();
        let mut instructions = Vec::new();
        while !operators.is_end_then_eof() {
            instructions.push(utils::instruction(self, operators.read()?)?);
        }
        Ok(instructions)
    }
}

/// Returns what `then` leaves, if the first parameter is `what` and the second `number`.
fn on(body: &mut Function, what: i32, number: u32, then: &[Instruction<'_>]) {
    use Instruction::{End, I32And, I32Const, I32Eq, If, LocalGet, Return};
    with(
        body,
        &[
            LocalGet(0),
            I32Const(what),
            I32Eq,
            LocalGet(1),
            I32Const(number.cast_signed()),
            I32Eq,
            I32And,
            If(BlockType::Empty),
        ],
    );
    with(body, then);
    with(body, &[Return, End]);
}
