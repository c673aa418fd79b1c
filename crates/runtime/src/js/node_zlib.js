// The streams that `node:zlib` is built on: they work on parts of buffers and tell in `rest` how much of the
// output and of the input is left. An error goes to the stream's `onerror(message, code)`.

(function () {
const {
  op_brotli_decode, op_brotli_decoder, op_brotli_encode, op_brotli_encoder, op_brotli_error, op_zlib,
  op_zlib_message, op_zlib_params, op_zlib_reset, op_zlib_write, op_zstd_decoder, op_zstd_encoder, op_zstd_message,
  op_zstd_write,
} = __bootstrap.core.ops;

class Handle {
  state;

  // Both do their work at once; who asks for `write` calls back later by itself.
  write(...args) {
    this.run(...args);
  }

  writeSync(...args) {
    this.run(...args);
  }

  close() {
    this.state = undefined;
  }

  reset() {}

  params() {}
}

class Zlib extends Handle {
  #mode;
  #oneMember = false;
  #settings;

  constructor(mode) {
    super();
    this.#mode = mode;
  }

  init(windowBits, level, _memoryLevel, _strategy, _callback, dictionary) {
    this.#settings = [windowBits, level, dictionary ?? null];
    this.#start();
    return 0;
  }

  #start() {
    this.state = op_zlib(this.#mode, ...this.#settings, this.#oneMember);
  }

  // Said before the first byte.
  setRejectGarbageAfterEnd(value) {
    this.#oneMember = value;
    this.#start();
  }

  reset() {
    op_zlib_reset(this.state);
    return 0;
  }

  params(level) {
    op_zlib_params(this.state, level);
  }

  run(flush, input, ...rest) {
    const code = op_zlib_write(this.state, flush, input ?? new Uint8Array(0), ...rest);
    if (code !== 0) this.onerror(op_zlib_message(this.state), code);
  }
}

class BrotliEncoder extends Handle {
  init(parameters) {
    try {
      this.state = op_brotli_encoder(parameters);
      return true;
    } catch {
      return false;
    }
  }

  run(operation, input, ...rest) {
    const went = op_brotli_encode(this.state, operation, input ?? new Uint8Array(0), ...rest);
    if (!went) this.onerror("Compression failed", -2, "ERR_BROTLI_COMPRESSION_FAILED");
  }
}

class BrotliDecoder extends Handle {
  init() {
    this.state = op_brotli_decoder();
    return true;
  }

  run(operation, input, ...rest) {
    const code = op_brotli_decode(this.state, input ?? new Uint8Array(0), ...rest);
    if (code < 0) {
      const name = op_brotli_error(this.state);
      this.onerror("Decompression failed", code, name);
    } else if (code === 0 && operation === 2 && rest.at(-1)[0] > 0) {
      this.onerror("unexpected end of file", -5, "Z_BUF_ERROR");
    }
  }
}

// Names of zstd's errors (zstd_errors.h) that a stream can meet.
const ZSTD_ERRORS = {
  10: "prefix_unknown", 12: "version_unsupported", 14: "frameParameter_unsupported",
  16: "frameParameter_windowTooLarge", 20: "corruption_detected", 22: "checksum_wrong", 24: "literals_headerWrong",
  30: "dictionary_corrupted", 32: "dictionary_wrong", 40: "parameter_unsupported", 42: "parameter_outOfBound",
  64: "memory_allocation", 72: "srcSize_wrong",
};

class Zstd extends Handle {
  #make;

  // Tells whether the parameters can be used.
  start(make) {
    this.#make = make;
    try {
      this.state = make();
      return true;
    } catch {
      return false;
    }
  }

  reset() {
    this.state = this.#make();
  }

  // What was asked for, and how it went: 0 at an end, 1 before it.
  ran() {}

  run(operation, input, offset, length, ...rest) {
    const code = op_zstd_write(this.state, operation, input ?? new Uint8Array(0), offset, length, ...rest);
    const [room, left] = rest.at(-1);
    if (code >= 0) this.ran(operation, code, room > 0, left < length);
    else this.onerror(op_zstd_message(code), code, `ZSTD_error_${ZSTD_ERRORS[-code] ?? "GENERIC"}`);
  }
}

class ZstdCompress extends Zstd {
  init(parameters, _callback, length) {
    const given = parameters.slice();
    return this.start(() => op_zstd_encoder(given, length));
  }
}

class ZstdDecompress extends Zstd {
  #isWithinFrame = false;

  ran(operation, code, hasRoom, hasRead) {
    this.#isWithinFrame = code !== 0 && (this.#isWithinFrame || hasRead);
    const isAllThereIs = operation === 2 && hasRoom;
    if (this.#isWithinFrame && isAllThereIs) this.onerror("unexpected end of file", -5, "Z_BUF_ERROR");
  }

  init(parameters) {
    const given = parameters.slice();
    return this.start(() => op_zstd_decoder(given));
  }
}

return { BrotliDecoder, BrotliEncoder, Zlib, ZstdCompress, ZstdDecompress };
})();
