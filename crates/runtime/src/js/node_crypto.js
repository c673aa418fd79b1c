// What the scripts of `node:crypto` ask of Rust: digests, what is derived from them, ciphers, secret keys.
// Keys of two halves are in node_crypto_keys.js; what is nowhere, `missing()` names.

(function () {
const { core } = __bootstrap;
const {
  op_cipher, op_cipher_apply, op_cipher_authenticate, op_cipher_check, op_cipher_tag, op_digest,
  op_digest_copy, op_digest_finish, op_digest_size, op_digest_update, op_digest_update_text, op_hkdf,
  op_pbkdf2, op_scrypt,
} = core.ops;
const crypto = globalThis.crypto;
const halves = core.loadExtScript("ext:cellhouse_runtime/node_crypto_keys.js");

// Those that Node.js names; others have an alias among them.
const HASHES = [
  "RSA-MD5", "RSA-SHA1", "RSA-SHA224", "RSA-SHA256", "RSA-SHA3-224", "RSA-SHA3-256", "RSA-SHA3-384",
  "RSA-SHA3-512", "RSA-SHA384", "RSA-SHA512", "RSA-SHA512/224", "RSA-SHA512/256", "md5", "sha1", "sha224",
  "sha256", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "sha384", "sha512", "sha512-224", "sha512-256",
];
// Web Crypto fills no more at once.
const MOST_RANDOM = 65536;

function bytesOf(data) {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

// Texts are UTF-8.
function dataOf(data) {
  return typeof data === "string" ? core.encode(data) : bytesOf(data);
}

function later(run) {
  return (...args) => new Promise((resolve) => resolve(run(...args)));
}

// ---- digests

class Hasher {
  constructor(state) {
    this.state = state;
  }
}

function checkLength(length, size) {
  if (length !== undefined && length !== size) {
    throw new Error("Output length mismatch for non-extendable algorithm");
  }
}

const digests = {
  Hasher,
  op_node_create_hash(name, length) {
    checkLength(length, op_digest_size(name) || length);
    const hasher = new Hasher(op_digest(name));
    hasher.size = op_digest_size(name);
    return hasher;
  },
  op_node_hash_clone({ state, size }, length) {
    checkLength(length, size);
    const hasher = new Hasher(op_digest_copy(state));
    hasher.size = size;
    return hasher;
  },
  op_node_hash_update: ({ state }, bytes) => op_digest_update(state, bytes),
  op_node_hash_update_str: ({ state }, text) => op_digest_update_text(state, text),
  op_node_hash_digest: ({ state }) => op_digest_finish(state) ?? null,
  op_node_hash_digest_hex: ({ state }) => op_digest_finish(state)?.toHex() ?? null,
  op_node_get_hashes: () => [...HASHES],
  op_node_get_hash_size: (name) => op_digest_size(name.toLowerCase()) || null,
};

// ---- derivation

function digestNamed(name) {
  if (op_digest_size(name) !== 0) return;
  const error = new TypeError(`Invalid digest: ${name}`);
  error.code = "ERR_CRYPTO_INVALID_DIGEST";
  throw error;
}

function derive(password, salt, iterations, digest, length) {
  const key = new Uint8Array(length);
  digestNamed(digest);
  op_pbkdf2(password, salt, iterations, digest, key);
  return key;
}

function scrypt(password, salt, length, logN, r, p, memory) {
  const key = new Uint8Array(length);
  op_scrypt(dataOf(password), dataOf(salt), logN, r, p, memory, key);
  return key;
}

function hkdf(digest, { bytes }, salt, info, length) {
  const key = new Uint8Array(length);
  if (length > 0) op_hkdf(digest, bytes, salt, info, key);
  return key;
}

const derivations = {
  op_node_pbkdf2: op_pbkdf2,
  op_node_pbkdf2_validate: digestNamed,
  op_node_pbkdf2_async: later(derive),
  op_node_scrypt_sync: (password, salt, length, logN, r, p, memory, output) =>
    new Uint8Array(output).set(scrypt(password, salt, length, logN, r, p, memory)),
  op_node_scrypt_async: later(scrypt),
  op_node_hkdf: (digest, key, salt, info, output) =>
    output.set(hkdf(digest, key, salt, info, output.length)),
  op_node_hkdf_async: later(hkdf),
};

// ---- random values

function random(bytes) {
  for (let at = 0; at < bytes.length; at += MOST_RANDOM) {
    crypto.getRandomValues(bytes.subarray(at, at + MOST_RANDOM));
  }
  return bytes;
}

// Evenly from `low` to below `high`, which are at most 2^48 apart.
function randomInteger(low, high) {
  const range = high - low;
  const limit = 2 ** 48 - (2 ** 48 % range);
  const bytes = new Uint8Array(6);
  for (;;) {
    const value = random(bytes).reduce((sum, byte) => sum * 256 + byte, 0);
    if (value < limit) return low + (value % range);
  }
}

const randoms = {
  op_node_fill_random: random,
  op_node_fill_random_async: later((size) => random(new Uint8Array(size))),
  op_node_random_int: randomInteger,
};

// ---- secret keys

class SecretKey {
  constructor(bytes) {
    this.bytes = bytes;
  }
}

const keys = {
  op_node_create_secret_key: (data) => new SecretKey(bytesOf(data).slice()),
  op_node_export_secret_key: ({ bytes }) => bytes.slice(),
  op_node_export_secret_key_b64url: ({ bytes }) =>
    bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
  op_node_get_symmetric_key_size: ({ bytes }) => bytes.length,
  op_node_key_type: (key) => {
    if (key instanceof SecretKey) return "secret";
    return key.isPrivate ? "private" : "public";
  },
  op_node_key_equals: (one, other) => {
    if (!(one instanceof SecretKey)) return halves.equal(one, other);
    return one.bytes.length === other.bytes.length && crypto.subtle.timingSafeEqual(one.bytes, other.bytes);
  },
};

// ---- ciphers

const BLOCK = 16;

class Cipher {
  constructor(name, key, iv, tagLength, encrypt) {
    const lower = name.toLowerCase();
    this.state = op_cipher(lower, key, iv, encrypt);
    this.tagLength = tagLength < 0 ? BLOCK : tagLength;
    this.hasTag = lower.endsWith("gcm");
  }

  apply(input, output) {
    op_cipher_apply(this.state, bytesOf(input), output);
    return true;
  }

  tag() {
    return op_cipher_tag(this.state)?.subarray(0, this.tagLength) ?? null;
  }
}

function finish(cipher, pads, rest, output) {
  if (cipher.hasTag) return cipher.tag();
  const block = new Uint8Array(BLOCK).fill(pads ? BLOCK - rest.length : 0);
  block.set(rest);
  cipher.apply(block, output);
  return null;
}

function finishDecryption(cipher, _pads, rest, output, tag) {
  if (cipher.hasTag) return op_cipher_check(cipher.state, bytesOf(tag));
  if (rest.length === BLOCK) cipher.apply(rest, output);
}

const ciphers = {
  op_node_create_cipheriv: (name, key, iv, tagLength) => new Cipher(name, key, iv, tagLength, true),
  op_node_create_decipheriv: (name, key, iv, tagLength) => new Cipher(name, key, iv, tagLength, false),
  op_node_cipheriv_encrypt: (cipher, input, output) => cipher.apply(input, output),
  op_node_decipheriv_decrypt: (cipher, input, output) => cipher.apply(input, output),
  op_node_cipheriv_set_aad: ({ state }, bytes) => op_cipher_authenticate(state, bytesOf(bytes)),
  op_node_decipheriv_set_aad: ({ state }, bytes) => op_cipher_authenticate(state, bytesOf(bytes)),
  op_node_decipheriv_auth_tag() {},
  op_node_cipheriv_take: (cipher) => cipher.hasTag ? cipher.tag() : null,
  op_node_cipheriv_final: finish,
  op_node_decipheriv_final: finishDecryption,
};

// ---- what is not there

// Names of Rust's functions that the scripts know, and what an app asked for with them.
const MISSING = [
  [/spkac|cert_/, "SPKAC"],
  [/448|sign|verify/, "signatures of that kind"],
  [/generate/, "keys of that kind"],
  [/dh|diffie/, "Diffie-Hellman"],
  [/x509/, "certificates"],
  [/prime/, "primes"],
  [/private_|public_|oaep/, "RSA"],
  [/aes_wrap|aes_unwrap/, "key wrapping"],
];

function missing(name) {
  const found = MISSING.find(([pattern]) => pattern.test(name));
  if (found === undefined) return undefined;
  return () => {
    const error = new Error(
      `node:crypto has no ${found[1]} in this version of Cellhouse`,
    );
    error.code = "ERR_METHOD_NOT_IMPLEMENTED";
    throw error;
  };
}

return { missing, ops: { ...digests, ...derivations, ...randoms, ...keys, ...halves.ops, ...ciphers } };
})();
