//! Decompression that knows whether the data was whole: `deflate` and `deflate-raw`. Deno's takes what is
//! cut off for complete; its gzip does not, for it has a checksum to miss.

use std::cell::{Cell, RefCell};

use deno_core::convert::Uint8Array;
use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use flate2::{Decompress, FlushDecompress, Status};

/// Room that is made for output at a time.
const OUTPUT: usize = 16 << 10;

/// A decompression under way. Owned by its JavaScript object.
pub(crate) struct Inflater {
    state: RefCell<Decompress>,
    complete: Cell<bool>,
}

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Inflater {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Inflater"
    }
}

/// `zlib`: whether header and checksum of `deflate` surround the data.
#[op2]
#[cppgc]
pub(crate) fn op_inflater_new(zlib: bool) -> Inflater {
    Inflater {
        state: RefCell::new(Decompress::new(zlib)),
        complete: Cell::new(false),
    }
}

/// What comes out after this piece.
#[op2]
pub(crate) fn op_inflater_write(
    #[cppgc] inflater: &Inflater,
    #[buffer] input: &[u8],
) -> Result<Uint8Array, JsErrorBox> {
    let mut output = Vec::new();
    inflater.write(input, &mut output)?;
    Ok(output.into())
}

/// Whether the end of the data was seen.
#[op2(fast)]
pub(crate) fn op_inflater_is_complete(#[cppgc] inflater: &Inflater) -> bool {
    inflater.complete.get()
}

impl Inflater {
    fn write(&self, mut input: &[u8], output: &mut Vec<u8>) -> Result<(), JsErrorBox> {
        let mut state = self.state.borrow_mut();
        while !self.complete.get() {
            if output.capacity() == output.len() {
                output.reserve(OUTPUT);
            }
            let before = state.total_in();
            let status = state
                .decompress_vec(input, output, FlushDecompress::None)
                .map_err(|error| JsErrorBox::type_error(error.to_string()))?;
            let taken = usize::try_from(state.total_in() - before).unwrap_or(input.len());
            input = &input[taken..];
            self.complete.set(status == Status::StreamEnd);
            if input.is_empty() && output.len() < output.capacity() {
                break;
            }
        }
        match self.complete.get() && !input.is_empty() {
            true => Err(JsErrorBox::type_error(
                "Trailing bytes after end of compressed data",
            )),
            false => Ok(()),
        }
    }
}
