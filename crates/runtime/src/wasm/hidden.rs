//! What a module that is written anew has beside its own: functions that it tells of its tables, which
//! stand behind its imports, and functions for its instructions on tables, which stand behind its own.

use wasm_encoder::{BlockType, Function, Instruction, ValType};

use super::rewrite::{Hidden, Rewrite};

/// The module of the imports that a rewritten module has beyond its own.
pub(super) const OWN_IMPORTS: &str = "cellhouse:references";
/// Names of hidden exports.
pub(super) const DOOR: &str = "cellhouse:door";
pub(super) const ACT: &str = "cellhouse:act";
pub(super) const MEMORY: &str = "cellhouse:memory";

/// What JavaScript is told, or does: how many parameters and results, all of them `i32`. The
/// last parameter is a table's number; `copy` has two.
pub(super) const TOLD: [(&str, usize, usize); 8] = [
    ("get", 2, 1),
    ("set", 3, 0),
    ("size", 1, 1),
    ("grow", 3, 1),
    ("fill", 4, 0),
    ("copy", 5, 0),
    ("init", 5, 0),
    ("keep", 3, 0),
];
pub(super) const GET: u32 = 0;
pub(super) const SET: u32 = 1;
pub(super) const SIZE: u32 = 2;
pub(super) const GROW: u32 = 3;
pub(super) const FILL: u32 = 4;
pub(super) const COPY: u32 = 5;
pub(super) const INIT: u32 = 6;
/// As `SET`, with the value before the index.
pub(super) const KEEP: u32 = 7;

/// An instruction on tables of functions, whose numbers follow (and that of a segment).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Helper {
    Set(u32),
    Grow(u32),
    Fill(u32),
    Copy(u32, u32),
    Init(u32, u32),
}

pub(super) fn with(body: &mut Function, instructions: &[Instruction<'_>]) {
    for instruction in instructions {
        body.instruction(instruction);
    }
}

impl Rewrite<'_, '_> {
    /// One of `TOLD`, as a function of the module.
    pub(super) fn told(&self, index: u32) -> u32 {
        self.survey.imported_functions + index
    }

    pub(super) fn helper(&mut self, helper: Helper) -> u32 {
        if let Some(function) = self.helpers.get(&helper) {
            return *function;
        }
        let hidden = self.write_helper(helper);
        let function = self.hide(hidden);
        self.helpers.insert(helper, function);
        function
    }

    /// Does the instruction, which may trap, and then tells of it.
    fn write_helper(&mut self, helper: Helper) -> Hidden {
        use Instruction::{Call, Drop, Else, End, I32Const, I32Eq, If, LocalGet, LocalTee};
        let all = self.all_functions();
        let own = |table: u32| {
            let before = self.survey.tables[..table as usize].iter();
            u32::try_from(before.filter(|it| !it.holds_values()).count())
                .expect("a module's tables are few")
        };
        let number = |it: u32| I32Const(it.cast_signed());
        let params = if matches!(helper, Helper::Set(_) | Helper::Grow(_)) {
            2
        } else {
            3
        };
        let results = usize::from(matches!(helper, Helper::Grow(_)));
        let mut body = Function::new([(1, ValType::I32)]);
        let arguments = [LocalGet(0), LocalGet(1), LocalGet(2)];
        match helper {
            Helper::Set(table) => {
                with(&mut body, &arguments[..2]);
                with(
                    &mut body,
                    &[
                        Instruction::TableGet(all),
                        Instruction::TableSet(own(table)),
                    ],
                );
                with(&mut body, &arguments[..2]);
                with(&mut body, &[number(table), Call(self.told(SET))]);
            }
            Helper::Grow(table) => with(
                &mut body,
                &[
                    LocalGet(0),
                    Instruction::TableGet(all),
                    LocalGet(1),
                    Instruction::TableGrow(own(table)),
                    LocalTee(2),
                    I32Const(-1),
                    I32Eq,
                    If(BlockType::Empty),
                    Else,
                    LocalGet(0),
                    LocalGet(1),
                    number(table),
                    Call(self.told(GROW)),
                    Drop,
                    End,
                    LocalGet(2),
                ],
            ),
            Helper::Fill(table) => {
                with(&mut body, &arguments[..2]);
                with(&mut body, &[Instruction::TableGet(all), LocalGet(2)]);
                with(&mut body, &[Instruction::TableFill(own(table))]);
                with(&mut body, &arguments);
                with(&mut body, &[number(table), Call(self.told(FILL))]);
            }
            Helper::Copy(to, from) => {
                with(&mut body, &arguments);
                with(
                    &mut body,
                    &[Instruction::TableCopy {
                        src_table: own(from),
                        dst_table: own(to),
                    }],
                );
                with(&mut body, &arguments);
                with(
                    &mut body,
                    &[number(to), number(from), Call(self.told(COPY))],
                );
            }
            Helper::Init(table, segment) => {
                with(&mut body, &arguments);
                with(
                    &mut body,
                    &[Instruction::TableInit {
                        elem_index: segment,
                        table: own(table),
                    }],
                );
                with(&mut body, &arguments);
                with(
                    &mut body,
                    &[number(segment), number(table), Call(self.told(INIT))],
                );
            }
        }
        body.instruction(&End);
        let ty = self.type_of(vec![ValType::I32; params], vec![ValType::I32; results]);
        Hidden { ty, body }
    }
}
