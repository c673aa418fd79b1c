//! The compressors and decompressors that all sockets share.
//!
//! Each is taken for one whole message and given back at its end, so there are never more than threads that
//! work at once: about 300 KB for each thread, whatever the number of sockets. Knows nothing of frames.

use bytes::Bytes;
use flate2::{
    Compress, CompressError, Compression, Decompress, FlushCompress, FlushDecompress, Status,
};
use parking_lot::Mutex;

use super::super::frame::Violation;

/// The end of what a compressor flushes, which is left out of messages (RFC 7692, 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// Measured on 2 KB of JSON: level 2 makes 757 bytes of it in 13 us, the default 6 makes 712 in 16 us, and 1
/// makes 986 in 5 us; on 500 KB level 2 is 2.7 times as fast as 6.
const LEVEL: Compression = Compression::new(2);

/// After so many bytes of a message it is clear whether it gets smaller at all.
const PROBE_BYTES: usize = 64 << 10;

/// Room for the compressor to write to, at least: zlib wants more than 6 bytes to flush properly.
const STEP_BYTES: usize = 256;

/// Messages are expected to become this many times larger, as text does.
const EXPANSION: usize = 4;

/// Compressors and decompressors that are not in use. One that failed is not used again.
#[derive(Debug, Default)]
pub(crate) struct Codecs {
    compressors: Mutex<Vec<Compress>>,
    decompressors: Mutex<Vec<Decompress>>,
}

impl Codecs {
    /// A whole message as it is sent; `None` if that would not be smaller.
    pub(super) fn compress(&self, payload: &[u8], window_bits: u8) -> Option<Bytes> {
        let free = self.compressors.lock().pop();
        let mut compressor = free.unwrap_or_else(|| Compress::new(LEVEL, false));
        let output = compress(&mut compressor, payload, window_bits).ok()?;
        self.compressors.lock().push(compressor);
        output.map(Bytes::from)
    }

    /// A whole message as it was meant.
    pub(super) fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, Violation> {
        let free = self.decompressors.lock().pop();
        let mut decompressor = free.unwrap_or_else(|| Decompress::new(false));
        let output = decompress(&mut decompressor, payload, limit)?;
        self.decompressors.lock().push(decompressor);
        Ok(output)
    }
}

/// A window that is smaller than the compressor's own is kept by starting anew as often.
fn compress(
    compressor: &mut Compress,
    payload: &[u8],
    window_bits: u8,
) -> Result<Option<Vec<u8>>, CompressError> {
    let window = match window_bits {
        15 => usize::MAX,
        bits => 1 << bits,
    };
    let mut output = Vec::with_capacity(payload.len() / 2 + STEP_BYTES);
    for block in payload.chunks(window) {
        compressor.reset();
        let pieces = block.chunks(PROBE_BYTES);
        let last = pieces.len() - 1;
        for (index, piece) in pieces.enumerate() {
            let flush = match index == last {
                true => FlushCompress::Sync,
                false => FlushCompress::None,
            };
            feed(compressor, piece, &mut output, flush)?;
            let taken = index * PROBE_BYTES + piece.len();
            if window == usize::MAX && index > 0 && output.len() > taken / 8 * 7 {
                // No block may stay open: at level 1, reset() of zlib-rs 0.6 would not close it.
                feed(compressor, &[], &mut output, FlushCompress::Sync)?;
                return Ok(None);
            }
        }
    }
    debug_assert!(output.ends_with(&TAIL));
    output.truncate(output.len() - TAIL.len());
    Ok((output.len() < payload.len()).then_some(output))
}

fn feed(
    compressor: &mut Compress,
    mut input: &[u8],
    output: &mut Vec<u8>,
    flush: FlushCompress,
) -> Result<(), CompressError> {
    loop {
        output.reserve(STEP_BYTES);
        let before = compressor.total_in();
        compressor.compress_vec(input, output, flush)?;
        input = &input[(compressor.total_in() - before) as usize..];
        if input.is_empty() && output.len() < output.capacity() {
            return Ok(());
        }
    }
}

fn decompress(
    decompressor: &mut Decompress,
    payload: &[u8],
    limit: usize,
) -> Result<Vec<u8>, Violation> {
    decompressor.reset(false);
    let expected = payload.len().saturating_mul(EXPANSION) + STEP_BYTES;
    let mut output = Vec::with_capacity(expected.min(limit.saturating_add(1)));
    for input in [payload, &TAIL] {
        expand(decompressor, input, &mut output, limit)?;
    }
    if output.capacity() / 2 > output.len() {
        output.shrink_to_fit();
    }
    Ok(output)
}

fn expand(
    decompressor: &mut Decompress,
    mut input: &[u8],
    output: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Violation> {
    loop {
        if output.len() == output.capacity() {
            // One byte more than allowed shows that there are too many.
            let allowed = (limit - output.len()).saturating_add(1);
            output.reserve_exact(output.len().clamp(1, allowed));
        }
        let (read, written) = (decompressor.total_in(), output.len());
        let status = decompressor
            .decompress_vec(input, output, FlushDecompress::Sync)
            .map_err(|_| Violation::Compression)?;
        let read = (decompressor.total_in() - read) as usize;
        input = &input[read..];
        if output.len() > limit {
            return Err(Violation::TooBig(limit));
        }
        match status {
            // A compressor may end its stream within a message (RFC 7692, 7.2.3.4); another begins.
            Status::StreamEnd => decompressor.reset(false),
            _ if read == 0 && output.len() == written && !input.is_empty() => {
                return Err(Violation::Compression);
            }
            _ => {}
        }
        if input.is_empty() && output.len() < output.capacity() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
