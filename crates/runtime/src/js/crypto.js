// crypto: Deno's, and what only Workers have: DigestStream, timingSafeEqual(), MD5.

(function () {
const { core } = __bootstrap;
const {
  op_hasher_finish, op_hasher_new, op_hasher_update, op_timing_safe_equal,
} = core.ops;
const { crypto, Crypto, CryptoKey, SubtleCrypto } = core.loadExtScript(
  "ext:deno_crypto/00_crypto.js",
);
const { WritableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { asBytes } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { locking } = core.loadExtScript("ext:cellhouse_runtime/gated_ops.js");

function define(object, name, value, length) {
  if (length !== undefined) Object.defineProperty(value, "length", { value: length, configurable: true });
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

// ---- MD5

function algorithmName(algorithm) {
  const name = typeof algorithm === "string" ? algorithm : algorithm?.name;
  if (name === undefined) throw new TypeError("Missing algorithm name.");
  return `${name}`.toUpperCase();
}

function md5(data) {
  const bytes = asBytes(data);
  if (bytes === undefined) {
    throw new TypeError(
      "Failed to execute 'digest' on 'SubtleCrypto': parameter 2 is not of type " +
        "'ArrayBuffer or ArrayBufferView'.",
    );
  }
  const hasher = op_hasher_new("MD5");
  op_hasher_update(hasher, bytes);
  return op_hasher_finish(hasher).buffer;
}

const { digest } = SubtleCrypto.prototype;
define(SubtleCrypto.prototype, "digest", {
  async digest(...args) {
    if (args.length >= 2 && algorithmName(args[0]) === "MD5") return md5(args[1]);
    return await digest.apply(this, args);
  },
}.digest, 2);

// ---- Ed25519 under the name that it had in Workers before it was a standard

const OLD_NAME = "NODE-ED25519";

function isOld(algorithm) {
  const name = typeof algorithm === "string" ? algorithm : algorithm?.name;
  return typeof name === "string" && name.toUpperCase() === OLD_NAME;
}

function named(key) {
  Object.defineProperty(key, "algorithm", { value: { name: OLD_NAME, namedCurve: OLD_NAME }, configurable: true });
}

// A method with an algorithm at that place among its arguments.
function withOldName(name, place) {
  const method = SubtleCrypto.prototype[name];
  const wrapped = {
    async [name](...args) {
      if (!isOld(args[place])) return await method.apply(this, args);
      args[place] = "Ed25519";
      const made = await method.apply(this, args);
      if (made instanceof CryptoKey) named(made);
      if (made?.publicKey instanceof CryptoKey) [made.publicKey, made.privateKey].forEach(named);
      return made;
    },
  };
  define(SubtleCrypto.prototype, name, wrapped[name], method.length);
}

for (const [name, place] of [["generateKey", 0], ["importKey", 2], ["sign", 0], ["verify", 0]]) withOldName(name, place);

// ---- at once, as far as an object can tell

for (
  const name of [
    "decrypt", "deriveBits", "deriveKey", "digest", "encrypt", "exportKey", "generateKey", "importKey",
    "sign", "unwrapKey", "verify", "wrapKey",
  ]
) {
  const method = SubtleCrypto.prototype[name];
  const locked = locking(method);
  Object.defineProperty(locked, "name", { value: name, configurable: true });
  define(SubtleCrypto.prototype, name, locked, method.length);
}

// ---- comparison

define(SubtleCrypto.prototype, "timingSafeEqual", {
  timingSafeEqual(a, b) {
    const [left, right] = [asBytes(a), asBytes(b)];
    if (left === undefined || right === undefined) {
      const which = left === undefined ? 1 : 2;
      throw new TypeError(
        `Failed to execute 'timingSafeEqual' on 'SubtleCrypto': parameter ${which} is not of type ` +
          "'ArrayBuffer or ArrayBufferView'.",
      );
    }
    if (left.byteLength !== right.byteLength) {
      throw new TypeError("Input buffers must have the same byte length.");
    }
    return op_timing_safe_equal(left, right);
  },
}.timingSafeEqual, 2);

// ---- random values

const QUOTA = 65536;
const { getRandomValues } = Crypto.prototype;
define(Crypto.prototype, "getRandomValues", {
  getRandomValues(array) {
    if (!ArrayBuffer.isView(array)) {
      throw new TypeError(
        "Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'.",
      );
    }
    return getRandomValues.call(this, array);
  },
}.getRandomValues, 1);

// ---- DigestStream

class DigestStream extends WritableStream {
  #digest;
  #settle;
  #hasher;
  #written = 0;

  constructor(algorithm) {
    let self;
    super({
      write: (chunk) => self.#write(chunk),
      close: () => self.#close(),
      abort: (reason) => self.#fail(reason),
    });
    self = this;
    this.#hasher = op_hasher_new(algorithmName(algorithm));
    const { promise, ...settle } = Promise.withResolvers();
    this.#digest = promise;
    this.#settle = settle;
    // Nobody has to look at the digest of a stream that failed.
    promise.catch(() => {});
  }

  get digest() {
    return this.#digest;
  }

  get bytesWritten() {
    return BigInt(this.#written);
  }

  #write(chunk) {
    const bytes = typeof chunk === "string" ? core.encode(chunk) : asBytes(chunk);
    if (bytes === undefined) {
      throw new TypeError(
        "DigestStream is a byte stream but received an object of " +
          "non-ArrayBuffer/ArrayBufferView/string type on its writable side.",
      );
    }
    if (this.#hasher === null) throw new TypeError("The DigestStream was disposed.");
    op_hasher_update(this.#hasher, bytes);
    this.#written += bytes.byteLength;
  }

  #close() {
    if (this.#hasher === null) throw new TypeError("The DigestStream was disposed.");
    this.#settle.resolve(op_hasher_finish(this.#hasher).buffer);
    this.#hasher = null;
  }

  #fail(reason) {
    this.#hasher = null;
    this.#settle.reject(reason);
  }

  [Symbol.dispose]() {
    if (this.#hasher !== null) this.#fail(new TypeError("The DigestStream was disposed."));
  }
}
Object.defineProperty(DigestStream.prototype, Symbol.toStringTag, {
  value: "DigestStream", configurable: true,
});
Object.defineProperty(Crypto.prototype, "DigestStream", {
  value: DigestStream, writable: true, enumerable: false, configurable: true,
});

return { crypto, Crypto, CryptoKey, SubtleCrypto };
})();
