//! Zstandard for `node:zlib`, piece by piece, on the caller's buffers.

use std::cell::RefCell;

use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use zstd_safe::zstd_sys::ZSTD_EndDirective;
use zstd_safe::{
    CCtx, CParameter, DCtx, DParameter, ErrorCode, InBuffer, OutBuffer, SafeResult, Strategy,
};

use super::{part, part_mut, tell_rest};

/// A parameter that was not given, as Node.js has it.
const UNSET: u32 = u32::MAX;

/// One stream. Owned by its JavaScript object.
pub(crate) struct Zstd(RefCell<Coder>);

enum Coder {
    Compress(CCtx<'static>),
    Decompress(DCtx<'static>),
}

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Zstd {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Zstd"
    }
}

fn failed(_code: ErrorCode) -> JsErrorBox {
    JsErrorBox::generic("Setting parameter failed")
}

/// `parameters`: by zstd's numbers of them (zstd.h). `length`: of all that will come, or negative.
#[op2]
#[cppgc]
pub(crate) fn op_zstd_encoder(
    #[buffer] parameters: &[u32],
    length: f64,
) -> Result<Zstd, JsErrorBox> {
    let mut context = CCtx::create();
    for (number, value) in parameters.iter().enumerate() {
        if *value != UNSET
            && let Some(parameter) = parameter(number, *value)?
        {
            context.set_parameter(parameter).map_err(failed)?;
        }
    }
    if length >= 0.0 {
        let length = Some(length as u64);
        context.set_pledged_src_size(length).map_err(failed)?;
    }
    Ok(Zstd(RefCell::new(Coder::Compress(context))))
}

/// None of those that only say how many threads do it: it is one.
fn parameter(number: usize, value: u32) -> Result<Option<CParameter>, JsErrorBox> {
    let flag = value != 0;
    Ok(Some(match number {
        100 => CParameter::CompressionLevel(value as i32),
        101 => CParameter::WindowLog(value),
        102 => CParameter::HashLog(value),
        103 => CParameter::ChainLog(value),
        104 => CParameter::SearchLog(value),
        105 => CParameter::MinMatch(value),
        106 => CParameter::TargetLength(value),
        107 => CParameter::Strategy(strategy(value)?),
        160 => CParameter::EnableLongDistanceMatching(flag),
        161 => CParameter::LdmHashLog(value),
        162 => CParameter::LdmMinMatch(value),
        163 => CParameter::LdmBucketSizeLog(value),
        164 => CParameter::LdmHashRateLog(value),
        200 => CParameter::ContentSizeFlag(flag),
        201 => CParameter::ChecksumFlag(flag),
        202 => CParameter::DictIdFlag(flag),
        _ => return Ok(None),
    }))
}

fn strategy(value: u32) -> Result<Strategy, JsErrorBox> {
    Ok(match value {
        1 => Strategy::ZSTD_fast,
        2 => Strategy::ZSTD_dfast,
        3 => Strategy::ZSTD_greedy,
        4 => Strategy::ZSTD_lazy,
        5 => Strategy::ZSTD_lazy2,
        6 => Strategy::ZSTD_btlazy2,
        7 => Strategy::ZSTD_btopt,
        8 => Strategy::ZSTD_btultra,
        9 => Strategy::ZSTD_btultra2,
        _ => return Err(failed(0)),
    })
}

#[op2]
#[cppgc]
pub(crate) fn op_zstd_decoder(#[buffer] parameters: &[u32]) -> Result<Zstd, JsErrorBox> {
    let mut context = DCtx::create();
    if let Some(window) = parameters.get(100).filter(|value| **value != UNSET) {
        let window = DParameter::WindowLogMax(*window);
        context.set_parameter(window).map_err(failed)?;
    }
    Ok(Zstd(RefCell::new(Coder::Decompress(context))))
}

/// Answers with 0: it is at the end of what it was asked for; 1: there is more; or less than 0: the error's number.
#[op2(fast)]
#[smi]
#[allow(clippy::too_many_arguments)] // what Node.js gives
pub(crate) fn op_zstd_write(
    #[cppgc] stream: &Zstd,
    #[smi] operation: i32,
    #[buffer] input: &[u8],
    #[smi] in_offset: u32,
    #[smi] in_length: u32,
    #[buffer] output: &mut [u8],
    #[smi] out_offset: u32,
    #[smi] out_length: u32,
    #[buffer] rest: &mut [u32],
) -> Result<i32, JsErrorBox> {
    let input = part(input, in_offset, in_length)?;
    let output = part_mut(output, out_offset, out_length)?;
    let (in_all, out_all) = (input.len(), output.len());
    let operation = match operation {
        0 => ZSTD_EndDirective::ZSTD_e_continue,
        1 => ZSTD_EndDirective::ZSTD_e_flush,
        2 => ZSTD_EndDirective::ZSTD_e_end,
        _ => return Err(JsErrorBox::type_error("bad argument")),
    };
    let mut input = InBuffer::around(input);
    let mut output = OutBuffer::around(output);
    let result = run(
        &mut stream.0.borrow_mut(),
        operation,
        &mut input,
        &mut output,
    );
    tell_rest(rest, out_all - output.pos(), in_all - input.pos);
    Ok(match result {
        Ok(0) => 0,
        Ok(_) => 1,
        // Numbers of errors are small, and are given as sizes below zero.
        Err(code) => -i32::try_from(code.wrapping_neg()).unwrap_or(1),
    })
}

/// Until the input is used up and nothing is left to be said of it, or the output is full.
fn run(
    coder: &mut Coder,
    operation: ZSTD_EndDirective,
    input: &mut InBuffer<'_>,
    output: &mut OutBuffer<'_, [u8]>,
) -> SafeResult {
    loop {
        let before = (input.pos, output.pos());
        let left = match coder {
            Coder::Compress(context) => context.compress_stream2(output, input, operation)?,
            Coder::Decompress(context) => context.decompress_stream(output, input)?,
        };
        let is_full = output.pos() == output.capacity();
        let goes_on = input.pos < input.src.len()
            || (left > 0
                && matches!(coder, Coder::Compress(_))
                && operation != ZSTD_EndDirective::ZSTD_e_continue);
        if is_full || !goes_on || before == (input.pos, output.pos()) {
            return Ok(left);
        }
    }
}

/// What zstd says of an error.
#[op2]
#[string]
pub(crate) fn op_zstd_message(#[smi] number: i32) -> String {
    let code = (number.unsigned_abs() as usize).wrapping_neg();
    zstd_safe::get_error_name(code).to_owned()
}
