//! Brotli for `node:zlib`, piece by piece, on the caller's buffers.

use std::cell::RefCell;

use brotli::enc::StandardAlloc;
use brotli::enc::encode::{
    BrotliEncoderOperation, BrotliEncoderParameter, BrotliEncoderStateStruct,
};
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;

use super::{part, part_mut, tell_rest};

/// A parameter that was not given, as Node.js has it.
const UNSET: u32 = u32::MAX;

/// One stream that compresses. Owned by its JavaScript object.
pub(crate) struct BrotliEncoder(RefCell<BrotliEncoderStateStruct<StandardAlloc>>);

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for BrotliEncoder {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"BrotliEncoder"
    }
}

/// One stream that decompresses. Owned by its JavaScript object.
pub(crate) struct BrotliDecoder(RefCell<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>);

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for BrotliDecoder {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"BrotliDecoder"
    }
}

/// `parameters`: by brotli's numbers of them (encode.h).
#[op2]
#[cppgc]
pub(crate) fn op_brotli_encoder(#[buffer] parameters: &[u32]) -> Result<BrotliEncoder, JsErrorBox> {
    use BrotliEncoderParameter::*;
    const KNOWN: [BrotliEncoderParameter; 7] = [
        BROTLI_PARAM_MODE,
        BROTLI_PARAM_QUALITY,
        BROTLI_PARAM_LGWIN,
        BROTLI_PARAM_LGBLOCK,
        BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING,
        BROTLI_PARAM_SIZE_HINT,
        BROTLI_PARAM_LARGE_WINDOW,
    ];
    let mut state = BrotliEncoderStateStruct::new(StandardAlloc::default());
    for (parameter, value) in KNOWN.into_iter().zip(parameters) {
        if *value != UNSET && !state.set_parameter(parameter, *value) {
            return Err(JsErrorBox::generic("Initialization failed"));
        }
    }
    Ok(BrotliEncoder(RefCell::new(state)))
}

#[op2(fast)]
#[allow(clippy::too_many_arguments)] // what Node.js gives
pub(crate) fn op_brotli_encode(
    #[cppgc] encoder: &BrotliEncoder,
    #[smi] operation: i32,
    #[buffer] input: &[u8],
    #[smi] in_offset: u32,
    #[smi] in_length: u32,
    #[buffer] output: &mut [u8],
    #[smi] out_offset: u32,
    #[smi] out_length: u32,
    #[buffer] rest: &mut [u32],
) -> Result<bool, JsErrorBox> {
    let input = part(input, in_offset, in_length)?;
    let output = part_mut(output, out_offset, out_length)?;
    let operation = match operation {
        0 => BrotliEncoderOperation::BROTLI_OPERATION_PROCESS,
        1 => BrotliEncoderOperation::BROTLI_OPERATION_FLUSH,
        2 => BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
        3 => BrotliEncoderOperation::BROTLI_OPERATION_EMIT_METADATA,
        _ => return Err(JsErrorBox::type_error("bad argument")),
    };
    let (mut in_left, mut out_left) = (input.len(), output.len());
    let went = encoder.0.borrow_mut().compress_stream(
        operation,
        &mut in_left,
        input,
        &mut 0,
        &mut out_left,
        output,
        &mut 0,
        &mut None,
        &mut |_, _, _, _| (),
    );
    tell_rest(rest, out_left, in_left);
    Ok(went)
}

#[op2]
#[cppgc]
pub(crate) fn op_brotli_decoder() -> BrotliDecoder {
    let alloc = StandardAlloc::default;
    BrotliDecoder(RefCell::new(BrotliState::new(alloc(), alloc(), alloc())))
}

/// Answers with 0: it needs more input; 1: more room; 2: it is at the end; or less than 0: the error.
#[op2(fast)]
#[smi]
#[allow(clippy::too_many_arguments)] // what Node.js gives
pub(crate) fn op_brotli_decode(
    #[cppgc] decoder: &BrotliDecoder,
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
    let (mut in_left, mut out_left) = (input.len(), output.len());
    let mut state = decoder.0.borrow_mut();
    let result = BrotliDecompressStream(
        &mut in_left,
        &mut 0,
        input,
        &mut out_left,
        &mut 0,
        output,
        &mut 0,
        &mut state,
    );
    tell_rest(rest, out_left, in_left);
    Ok(match result {
        BrotliResult::NeedsMoreInput => 0,
        BrotliResult::NeedsMoreOutput => 1,
        BrotliResult::ResultSuccess => 2,
        BrotliResult::ResultFailure => (state.error_code as i32).min(-1),
    })
}

/// The name that Node.js gives the decoder's error.
#[op2]
#[string]
pub(crate) fn op_brotli_error(#[cppgc] decoder: &BrotliDecoder) -> String {
    let name = format!("{:?}", decoder.0.borrow().error_code);
    format!("ERR_{}", name.trim_start_matches("BROTLI_DECODER"))
}
