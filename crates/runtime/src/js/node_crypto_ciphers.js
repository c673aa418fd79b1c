// Ciphers of `node:crypto`: ours for AES and DES, those of Deno's crate for ChaCha20. What the scripts hold is
// an object here, where Deno has a number; padding is looked at here, as OpenSSL does.

(function () {
const { core } = __bootstrap;
const { ops } = core;
const {
  op_cipher, op_cipher_apply, op_cipher_authenticate, op_cipher_check, op_cipher_kind, op_cipher_tag,
} = ops;

const WHOLE_TAG = 16;
// What op_cipher_kind() says.
const BLOCKS = 1;
const AUTHENTICATED = 3;

const ALL = [
  "aes-128-cbc", "aes-128-ctr", "aes-128-ecb", "aes-128-gcm", "aes-128-ofb", "aes-192-cbc", "aes-192-ctr",
  "aes-192-ecb", "aes-192-gcm", "aes-192-ofb", "aes-256-cbc", "aes-256-ctr", "aes-256-ecb", "aes-256-gcm",
  "aes-256-ofb", "aes128", "aes128-wrap", "aes192", "aes192-wrap", "aes256", "aes256-wrap", "chacha20",
  "chacha20-poly1305", "des", "des-cbc", "des-ecb", "des-ede", "des-ede-cbc", "des-ede3", "des-ede3-cbc",
  "des3", "id-aes128-gcm", "id-aes128-wrap-pad", "id-aes192-gcm", "id-aes192-wrap-pad", "id-aes256-gcm",
  "id-aes256-wrap-pad",
];

function bytesOf(data) {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

function failed(message, code, make = Error) {
  return Object.assign(new make(message), { code });
}

function openssl(reason, code) {
  return Object.assign(failed(`error:1C80006B:Provider routines::${reason}`, code), {
    library: "Provider routines", reason,
  });
}

const wrongLength = () => openssl("wrong final block length", "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH");
const badDecrypt = () => openssl("bad decrypt", "ERR_OSSL_BAD_DECRYPT");

function badTag(length) {
  return failed(`Invalid authentication tag length: ${length}`, "ERR_CRYPTO_INVALID_AUTH_TAG", TypeError);
}

// Lengths that NIST SP 800-38D has.
function isTagLength(length) {
  return length === 4 || length === 8 || (length >= 12 && length <= WHOLE_TAG);
}

// ---- those of ours

class Cipher {
  constructor(name, key, iv, tagLength, encrypt) {
    const kind = op_cipher_kind(name);
    this.hasBlocks = kind === BLOCKS;
    this.hasTag = kind === AUTHENTICATED;
    this.tagLength = tagLength < 0 ? undefined : tagLength;
    if (this.hasTag && tagLength >= 0 && !isTagLength(tagLength)) throw badTag(tagLength);
    this.state = start(name, key, iv, encrypt);
  }

  apply(input, output) {
    op_cipher_apply(this.state, bytesOf(input), output);
    return true;
  }

  authenticate(bytes) {
    if (op_cipher_authenticate(this.state, bytesOf(bytes))) return true;
    throw failed("Invalid state for operation setAAD", "ERR_CRYPTO_INVALID_STATE");
  }

  tag() {
    return op_cipher_tag(this.state)?.subarray(0, this.tagLength) ?? null;
  }

  // Throws unless a tag that long may be compared.
  expect(length) {
    if (!this.hasTag) throw failed("Invalid state for operation setAuthTag", "ERR_CRYPTO_INVALID_STATE");
    const fits = this.tagLength === undefined ? isTagLength(length) : length === this.tagLength;
    if (!fits) throw badTag(length);
  }

  finish(pads, rest, output) {
    if (this.hasTag) return this.tag();
    if (!this.hasBlocks) return null;
    const size = output.length;
    if (!pads && rest.length !== size) throw wrongLength();
    const block = new Uint8Array(size).fill(pads ? size - rest.length : 0);
    block.set(rest);
    this.apply(block, output);
    return null;
  }

  finishDecryption(pads, rest, output, tag) {
    if (this.hasTag) return op_cipher_check(this.state, bytesOf(tag));
    if (!this.hasBlocks || (!pads && rest.length === 0)) return;
    if (rest.length !== output.length) throw wrongLength();
    this.apply(rest, output);
    const count = output[output.length - 1];
    const right = count > 0 && count <= output.length && output.subarray(-count).every((byte) => byte === count);
    if (pads && !right) throw badDecrypt();
  }
}

function start(name, key, iv, encrypt) {
  try {
    return op_cipher(name, key, iv, encrypt);
  } catch (error) {
    if (error.message === "Invalid key length") error.code = "ERR_CRYPTO_INVALID_KEYLEN";
    if (error.message === "Invalid initialization vector") error.code = "ERR_CRYPTO_INVALID_IV";
    throw error;
  }
}

// ---- ours or Deno's

// One of Deno's, by its resource: the first is 0, which the scripts take for none.
class Resource {
  constructor(id) {
    this.id = id;
  }
}

function create(theirs, encrypt) {
  return (name, key, iv, tagLength) => {
    const lower = name.toLowerCase();
    if (op_cipher_kind(lower) === 0) return new Resource(theirs(lower, key, iv, tagLength));
    return new Cipher(lower, key, iv, tagLength, encrypt);
  };
}

function either(theirs, ours) {
  return (cipher, ...rest) => cipher instanceof Cipher ? ours(cipher, ...rest) : theirs(cipher.id, ...rest);
}

const apply = (cipher, input, output) => cipher.apply(input, output);
const authenticate = (cipher, bytes) => cipher.authenticate(bytes);

// What Deno's list of ciphers has not: OpenSSL's names and numbers (obj_mac.h).
const INFOS = [
  ["aes-128-ofb", 420, 1, 16, 16, "ofb"], ["aes-192-ofb", 424, 1, 16, 24, "ofb"], ["aes-256-ofb", 428, 1, 16, 32, "ofb"],
  ["des-cbc", 31, 8, 8, 8, "cbc"], ["des-ecb", 29, 8, 0, 8, "ecb"], ["des-ede", 32, 8, 0, 16, "ecb"],
  ["des-ede-cbc", 43, 8, 8, 16, "cbc"], ["des-ede3", 33, 8, 0, 24, "ecb"],
].map(([name, nid, blockSize, ivLength, keyLength, mode]) => ({ name, nid, blockSize, ivLength, keyLength, mode }));

return {
  ops: {
    op_cipher_names: () => [...ALL],
    op_cipher_infos: () => INFOS,
    op_node_create_cipheriv: create(ops.op_node_create_cipheriv, true),
    op_node_create_decipheriv: create(ops.op_node_create_decipheriv, false),
    op_node_cipheriv_encrypt: either(ops.op_node_cipheriv_encrypt, apply),
    op_node_decipheriv_decrypt: either(ops.op_node_decipheriv_decrypt, apply),
    op_node_cipheriv_set_aad: either(ops.op_node_cipheriv_set_aad, authenticate),
    op_node_decipheriv_set_aad: either(ops.op_node_decipheriv_set_aad, authenticate),
    op_node_decipheriv_auth_tag: either(
      ops.op_node_decipheriv_auth_tag, (cipher, length) => cipher.expect(length),
    ),
    op_node_cipheriv_take: either(
      ops.op_node_cipheriv_take, (cipher) => cipher.hasTag ? cipher.tag() : null,
    ),
    op_node_cipheriv_final: either(
      ops.op_node_cipheriv_final, (cipher, ...rest) => cipher.finish(...rest),
    ),
    op_node_decipheriv_final: either(
      ops.op_node_decipheriv_final, (cipher, ...rest) => cipher.finishDecryption(...rest),
    ),
  },
};
})();
