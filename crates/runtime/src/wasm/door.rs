//! The one function that JavaScript calls: it calls the function of a number, whose signature has a
//! number too.
//!
//! Its parameters are both, then the halves of whole numbers and references, then numbers with a
//! fraction. Its result is a fraction, which holds what fits; other results are kept, and told when
//! they are asked for.

use wasm_encoder::{BlockType, Function, Instruction, ValType};

use super::rewrite::{Hidden, Rewrite};
use super::signatures::{Kind, Signature};

/// The parameters before those that are passed on.
const FUNCTION: u32 = 0;
const SIGNATURE: u32 = 1;
const FIRST: u32 = 2;

/// Whole numbers up to this are exact as a fraction.
const EXACT: i64 = 1 << 53;

struct Layout {
    /// Where fractions begin.
    fractions: u32,
    /// A local of 64 bits.
    long: u32,
    /// The first global of results that are kept.
    kept: u32,
    all_functions: u32,
}

impl Rewrite<'_, '_> {
    pub(super) fn door(&mut self) -> Hidden {
        let (whole, fractions) = self.signatures.slots();
        let layout = Layout {
            fractions: FIRST + whole,
            long: FIRST + whole + fractions,
            kept: self.survey.global_count,
            all_functions: self.all_functions(),
        };
        let mut params = vec![ValType::I32; (FIRST + whole) as usize];
        params.extend(vec![ValType::F64; fractions as usize]);
        let ty = self.type_of(params, vec![ValType::F64]);
        let mut body = Function::new([(1, ValType::I64)]);
        let signatures = &self.signatures.list;
        let count = u32::try_from(signatures.len()).expect("they are fewer than types");
        for _ in 0..=count {
            body.instruction(&Instruction::Block(BlockType::Empty));
        }
        let places = (0..count).collect::<Vec<_>>();
        body.instruction(&Instruction::LocalGet(SIGNATURE));
        body.instruction(&Instruction::BrTable(places.into(), count));
        for signature in signatures {
            body.instruction(&Instruction::End);
            if signature.is_callable() {
                write_call(&mut body, signature, &layout);
            } else {
                body.instruction(&Instruction::Unreachable);
            }
        }
        body.instruction(&Instruction::End);
        body.instruction(&Instruction::Unreachable);
        body.instruction(&Instruction::End);
        Hidden { ty, body }
    }
}

fn write_call(body: &mut Function, signature: &Signature, layout: &Layout) {
    let (mut whole, mut fraction) = (FIRST, layout.fractions);
    for kind in &signature.params {
        if kind.is_fraction() {
            body.instruction(&Instruction::LocalGet(fraction));
            fraction += 1;
        } else {
            body.instruction(&Instruction::LocalGet(whole));
            whole += kind.halves();
        }
        match kind {
            Kind::F32 => {
                body.instruction(&Instruction::F32DemoteF64);
            }
            Kind::I64 => join(body, whole - 1),
            _ => {}
        }
    }
    body.instruction(&Instruction::LocalGet(FUNCTION));
    body.instruction(&Instruction::CallIndirect {
        type_index: signature.ty,
        table_index: layout.all_functions,
    });
    write_results(body, &signature.results, layout);
    body.instruction(&Instruction::Return);
}

/// Makes the half on the stack the lower one of a long number.
fn join(body: &mut Function, higher: u32) {
    body.instruction(&Instruction::I64ExtendI32U);
    body.instruction(&Instruction::LocalGet(higher));
    body.instruction(&Instruction::I64ExtendI32U);
    body.instruction(&Instruction::I64Const(32));
    body.instruction(&Instruction::I64Shl);
    body.instruction(&Instruction::I64Or);
}

fn write_results(body: &mut Function, results: &[Kind], layout: &Layout) {
    match results {
        [] => nothing(body),
        [Kind::F64] => {}
        [Kind::F32] => {
            body.instruction(&Instruction::F64PromoteF32);
        }
        [Kind::I64] => write_long(body, layout),
        [_] => {
            body.instruction(&Instruction::F64ConvertI32S);
        }
        several => {
            let mut at = layout.kept + several.iter().map(|it| it.halves()).sum::<u32>();
            for kind in several.iter().rev() {
                at -= kind.halves();
                match kind {
                    Kind::F32 => {
                        body.instruction(&Instruction::I32ReinterpretF32);
                        body.instruction(&Instruction::GlobalSet(at));
                    }
                    Kind::F64 => {
                        body.instruction(&Instruction::I64ReinterpretF64);
                        keep(body, at, layout);
                    }
                    Kind::I64 => keep(body, at, layout),
                    _ => {
                        body.instruction(&Instruction::GlobalSet(at));
                    }
                }
            }
            nothing(body);
        }
    }
}

fn nothing(body: &mut Function) {
    body.instruction(&Instruction::F64Const(0.0.into()));
}

/// Keeps the halves of the long number on the stack.
fn keep(body: &mut Function, at: u32, layout: &Layout) {
    body.instruction(&Instruction::LocalTee(layout.long));
    body.instruction(&Instruction::I32WrapI64);
    body.instruction(&Instruction::GlobalSet(at));
    body.instruction(&Instruction::LocalGet(layout.long));
    body.instruction(&Instruction::I64Const(32));
    body.instruction(&Instruction::I64ShrU);
    body.instruction(&Instruction::I32WrapI64);
    body.instruction(&Instruction::GlobalSet(at + 1));
}

/// A long number as a fraction; one that is not exact then is no number.
fn write_long(body: &mut Function, layout: &Layout) {
    keep(body, layout.kept, layout);
    body.instruction(&Instruction::LocalGet(layout.long));
    body.instruction(&Instruction::F64ConvertI64S);
    body.instruction(&Instruction::F64Const(f64::NAN.into()));
    body.instruction(&Instruction::LocalGet(layout.long));
    body.instruction(&Instruction::I64Const(EXACT));
    body.instruction(&Instruction::I64Add);
    body.instruction(&Instruction::I64Const(2 * EXACT));
    body.instruction(&Instruction::I64LeU);
    body.instruction(&Instruction::Select);
}
