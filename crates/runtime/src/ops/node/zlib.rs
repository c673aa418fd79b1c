//! deflate and gzip for `node:zlib`, piece by piece, on the caller's buffers.
//!
//! Codes, modes and flushes are zlib's own numbers (zlib.h). `memLevel` and `strategy` change how well
//! something is compressed, never what it decompresses to, and are not used.

use std::cell::RefCell;

use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::{part, part_mut, tell_rest};

const FINISH: i32 = 4;
const OK: i32 = 0;
const NEED_DICTIONARY: i32 = 2;
const DATA_ERROR: i32 = -3;
const BUFFER_ERROR: i32 = -5;
/// The first byte of gzip's header, with which no zlib stream begins.
const GZIP_FIRST: u8 = 0x1f;

/// As Node.js numbers them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Deflate = 1,
    Inflate,
    Gzip,
    Gunzip,
    DeflateRaw,
    InflateRaw,
    Unzip,
}

impl Mode {
    fn new(number: i32) -> Option<Self> {
        use Mode::*;
        let all = [
            Deflate, Inflate, Gzip, Gunzip, DeflateRaw, InflateRaw, Unzip,
        ];
        all.into_iter().find(|mode| *mode as i32 == number)
    }
}

enum Codec {
    Deflate(Compress),
    Inflate(Decompress),
}

/// One stream. Owned by its JavaScript object.
pub(crate) struct Zlib(RefCell<Stream>);

struct Stream {
    mode: Mode,
    window_bits: u8,
    level: Compression,
    dictionary: Option<Vec<u8>>,
    /// What follows the end of a gzip member is left to the caller.
    one_member: bool,
    codec: Codec,
    ended: bool,
    message: String,
}

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Zlib {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Zlib"
    }
}

/// Starts a stream. `level`: -1 for the default.
#[op2]
#[cppgc]
pub(crate) fn op_zlib(
    #[smi] mode: i32,
    #[smi] window_bits: i32,
    #[smi] level: i32,
    #[buffer] dictionary: Option<&[u8]>,
    one_member: bool,
) -> Result<Zlib, JsErrorBox> {
    let mode = Mode::new(mode).ok_or_else(|| JsErrorBox::type_error("bad argument"))?;
    // 0 means "as the header says", for which the largest window always does. zlib makes 9 of 8.
    let window_bits = match u8::try_from(window_bits) {
        Ok(bits @ 8..=15) => bits.max(9),
        _ => 15,
    };
    let level = compression(level);
    Ok(Zlib(RefCell::new(Stream::new(
        mode,
        window_bits,
        level,
        dictionary.map(<[u8]>::to_vec),
        one_member,
    ))))
}

/// Works on what is given. Answers with 0 or a code of zlib's, for which [`op_zlib_message`] has the words.
#[op2(fast)]
#[smi]
#[allow(clippy::too_many_arguments)] // what Node.js gives
pub(crate) fn op_zlib_write(
    #[cppgc] zlib: &Zlib,
    #[smi] flush: i32,
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
    let mut stream = zlib.0.borrow_mut();
    let (taken, given, code) = stream.write(flush, input, output);
    tell_rest(rest, output.len() - given, input.len() - taken);
    Ok(code)
}

/// What the last code means.
#[op2]
#[string]
pub(crate) fn op_zlib_message(#[cppgc] zlib: &Zlib) -> String {
    zlib.0.borrow().message.clone()
}

/// Begins anew, with the same settings.
#[op2(fast)]
pub(crate) fn op_zlib_reset(#[cppgc] zlib: &Zlib) {
    zlib.0.borrow_mut().reset();
}

/// Another level from here on.
#[op2(fast)]
pub(crate) fn op_zlib_params(#[cppgc] zlib: &Zlib, #[smi] level: i32) {
    let mut stream = zlib.0.borrow_mut();
    stream.level = compression(level);
    let level = stream.level;
    if let Codec::Deflate(codec) = &mut stream.codec {
        // Fails if the output has no room for what is left; the old level then stays.
        let _ = codec.set_level(level);
    }
}

#[op2(fast)]
pub(crate) fn op_zlib_crc32(#[buffer] bytes: &[u8], start: u32) -> u32 {
    crc32(bytes, start)
}

#[op2(fast)]
pub(crate) fn op_zlib_crc32_string(#[string] text: &str, start: u32) -> u32 {
    crc32(text.as_bytes(), start)
}

fn crc32(bytes: &[u8], start: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(start);
    hasher.update(bytes);
    hasher.finalize()
}

fn compression(level: i32) -> Compression {
    u32::try_from(level).map_or_else(|_| Compression::default(), Compression::new)
}

impl Stream {
    fn new(
        mode: Mode,
        window_bits: u8,
        level: Compression,
        dictionary: Option<Vec<u8>>,
        one_member: bool,
    ) -> Self {
        let mut stream = Stream {
            mode,
            window_bits,
            level,
            dictionary,
            one_member,
            codec: Codec::Inflate(Decompress::new(true)),
            ended: false,
            message: String::new(),
        };
        stream.reset();
        stream
    }

    fn reset(&mut self) {
        self.ended = false;
        self.codec = match self.mode {
            Mode::Deflate => Codec::Deflate(self.compress(true)),
            Mode::DeflateRaw => Codec::Deflate(self.compress(false)),
            Mode::Gzip => Codec::Deflate(Compress::new_gzip(self.level, self.window_bits)),
            Mode::InflateRaw => Codec::Inflate(self.raw_decompress()),
            Mode::Gunzip => Codec::Inflate(Decompress::new_gzip(self.window_bits)),
            Mode::Inflate | Mode::Unzip => {
                Codec::Inflate(Decompress::new_with_window_bits(true, self.window_bits))
            }
        };
    }

    fn compress(&self, header: bool) -> Compress {
        let mut codec = Compress::new_with_window_bits(self.level, header, self.window_bits);
        if let Some(dictionary) = &self.dictionary {
            // Refused only after a first write.
            let _ = codec.set_dictionary(dictionary);
        }
        codec
    }

    /// A raw stream does not say that it has a dictionary: it is there from the start.
    fn raw_decompress(&self) -> Decompress {
        let mut codec = Decompress::new_with_window_bits(false, self.window_bits);
        if let Some(dictionary) = &self.dictionary {
            // Refused for streams with a header only.
            let _ = codec.set_dictionary(dictionary);
        }
        codec
    }

    /// Bytes taken, bytes given, and a code.
    fn write(&mut self, flush: i32, input: &[u8], output: &mut [u8]) -> (usize, usize, i32) {
        if self.mode == Mode::Unzip
            && let Some(first) = input.first()
        {
            self.mode = match *first {
                GZIP_FIRST => Mode::Gunzip,
                _ => Mode::Inflate,
            };
            self.reset();
        }
        let (mut taken, mut given) = (0, 0);
        loop {
            let step = self.step(flush, &input[taken..], &mut output[given..]);
            taken += step.taken;
            given += step.given;
            let more = self.ended
                && self.mode == Mode::Gunzip
                && !self.one_member
                && input.get(taken).is_some_and(|byte| *byte != 0);
            if more && step.code == OK {
                self.reset();
                continue;
            }
            let code = match step.code {
                OK if !self.ended && flush == FINISH && given < output.len() => {
                    self.message = "unexpected end of file".to_owned();
                    BUFFER_ERROR
                }
                code => code,
            };
            return (taken, given, code);
        }
    }

    fn step(&mut self, flush: i32, input: &[u8], output: &mut [u8]) -> Step {
        if self.ended {
            return Step::default();
        }
        match &mut self.codec {
            Codec::Deflate(codec) => {
                let before = (codec.total_in(), codec.total_out());
                let status = codec.compress(input, output, compress_flush(flush));
                let after = (codec.total_in(), codec.total_out());
                match status {
                    Ok(status) => self.went(before, after, status),
                    Err(error) => self.failed(before, after, DATA_ERROR, error.message()),
                }
            }
            Codec::Inflate(codec) => {
                let before = (codec.total_in(), codec.total_out());
                let mut status = codec.decompress(input, output, decompress_flush(flush));
                if let Err(error) = &status
                    && error.needs_dictionary().is_some()
                {
                    let Some(dictionary) = &self.dictionary else {
                        let after = (codec.total_in(), codec.total_out());
                        return self.failed(
                            before,
                            after,
                            NEED_DICTIONARY,
                            Some("Missing dictionary"),
                        );
                    };
                    if codec.set_dictionary(dictionary).is_err() {
                        let after = (codec.total_in(), codec.total_out());
                        return self.failed(before, after, NEED_DICTIONARY, Some("Bad dictionary"));
                    }
                    let read = difference(before.0, codec.total_in());
                    status = codec.decompress(&input[read..], output, decompress_flush(flush));
                }
                let after = (codec.total_in(), codec.total_out());
                match status {
                    Ok(status) => self.went(before, after, status),
                    Err(error) => self.failed(before, after, DATA_ERROR, error.message()),
                }
            }
        }
    }

    fn went(&mut self, before: (u64, u64), after: (u64, u64), status: Status) -> Step {
        self.ended = status == Status::StreamEnd;
        Step {
            taken: difference(before.0, after.0),
            given: difference(before.1, after.1),
            code: OK,
        }
    }

    fn failed(
        &mut self,
        before: (u64, u64),
        after: (u64, u64),
        code: i32,
        message: Option<&str>,
    ) -> Step {
        self.message = message.unwrap_or("Zlib error").to_owned();
        Step {
            taken: difference(before.0, after.0),
            given: difference(before.1, after.1),
            code,
        }
    }
}

/// What one call of the codec did.
#[derive(Default)]
struct Step {
    taken: usize,
    given: usize,
    code: i32,
}

fn difference(before: u64, after: u64) -> usize {
    usize::try_from(after - before).expect("a codec moves no more than a buffer holds")
}

fn compress_flush(flush: i32) -> FlushCompress {
    match flush {
        1 => FlushCompress::Partial,
        2 => FlushCompress::Sync,
        3 => FlushCompress::Full,
        FINISH => FlushCompress::Finish,
        _ => FlushCompress::None,
    }
}

fn decompress_flush(flush: i32) -> FlushDecompress {
    match flush {
        2 | 3 => FlushDecompress::Sync,
        FINISH => FlushDecompress::Finish,
        _ => FlushDecompress::None,
    }
}
