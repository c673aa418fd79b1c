// What stands between the scripts of `node:crypto` and Deno's functions in Rust: what those would not survive, what
// would never end or need too much memory, and keys that they write in a form of their own.

(function () {
const { core } = __bootstrap;
const { ops } = core;
const { dhPrime, dhUnwrapped, pem } = core.loadExtScript("ext:cellhouse_runtime/node_crypto_der.js");

// OPENSSL_RSA_MAX_MODULUS_BITS and OPENSSL_DH_MAX_MODULUS_BITS, which workerd has too.
const MOST_RSA_BITS = 16384;
const MOST_DH_BITS = 10000;
const LEAST_RSA_BITS = 512;
// Larger ones would take hours that nothing can interrupt.
const MOST_PRIME_BITS = 16384;
const MOST_CHECKED_BYTES = 4096;
// As much as an isolate's heap has by default.
const MOST_OUTPUT = 128 * 1024 * 1024;

function fail(message, code, make = Error) {
  const error = new make(message);
  if (code !== undefined) error.code = code;
  throw error;
}

const isZero = (bytes) => bytes.every((byte) => byte === 0);

// ---- RSA

function checkRsa(bits, exponent) {
  if (bits > MOST_RSA_BITS) fail(`RSA modulusLength exceeds maximum (${MOST_RSA_BITS})`, undefined, RangeError);
  if (bits < LEAST_RSA_BITS) {
    fail("error:02000078:rsa routines::key size too small", "ERR_OSSL_RSA_KEY_SIZE_TOO_SMALL");
  }
  if (exponent < 3 || exponent % 2 === 0) {
    fail("error:020000B2:rsa routines::pub exponent out of range", "ERR_OSSL_RSA_PUB_EXPONENT_OUT_OF_RANGE");
  }
}

function checkedRsa(name) {
  return (bits, exponent, ...rest) => {
    checkRsa(bits, exponent);
    return ops[name](bits, exponent, ...rest);
  };
}

// Bytes of the modulus of a key as text or DER; undefined if it is no private key that can be read.
function sizeOfPrivate(data) {
  const isPem = core.decode(data.subarray(0, 64)).includes("-----BEGIN");
  const forms = isPem ? [["pem", ""]] : [["der", "pkcs8"], ["der", "pkcs1"]];
  for (const [format, type] of forms) {
    try {
      const handle = ops.op_node_create_private_key(data, format, type, undefined);
      return ops.op_node_get_asymmetric_key_details(handle).modulusLength / 8;
    } catch {
      // Not of this form; who asks says what is wrong.
    }
  }
  return undefined;
}

const bytesOf = (data) => typeof data === "string" ? core.encode(data) : asBytes(data);

function asBytes(data) {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

// PKCS #1's padding takes 11 bytes: RFC 8017, section 7.2.
const PADDING_BYTES = 11;

function privateEncrypt(key, message, ...rest) {
  const size = sizeOfPrivate(bytesOf(key));
  if (size !== undefined && !(size > PADDING_BYTES)) {
    fail("error:0200007A:rsa routines::data too large for key size", "ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_KEY_SIZE");
  }
  return ops.op_node_private_encrypt(key, message, ...rest);
}

// ---- Diffie-Hellman

function checkModulus(prime) {
  const bytes = asBytes(prime);
  if (isZero(bytes)) fail("DiffieHellman init failed: invalid key");
  if (bytes.length * 8 > MOST_DH_BITS + 8) {
    fail("DiffieHellman init failed: key is too large", undefined, RangeError);
  }
}

const isDh = (handle) => ops.op_node_key_type(handle) !== "secret" && ops.op_node_get_asymmetric_key_type(handle) === "dh";

function derOf(handle) {
  return ops.op_node_key_type(handle) === "private"
    ? ops.op_node_export_private_key_der(handle, "pkcs8", null, null)
    : ops.op_node_export_public_key_der(handle, "spki");
}

// A key of Diffie-Hellman with a prime that cannot be reckoned with is none.
function usable(handle) {
  if (!isDh(handle)) return handle;
  checkModulus(dhPrime(derOf(handle)) ?? []);
  return handle;
}

const createPrivateKey = (...args) => usable(ops.op_node_create_private_key(...args));

// A private key gives its public one at once, so it is looked at before.
function createPublicKey(data, ...rest) {
  const bytes = asBytes(data);
  const prime = dhPrime(bytes);
  if (prime !== undefined) checkModulus(prime);
  if (core.decode(bytes).includes("PRIVATE KEY-----")) createPrivateKey(data, ...rest);
  return usable(ops.op_node_create_public_key(data, ...rest));
}

// Deno writes their parameters in one SEQUENCE too many.
function written(theirs, label) {
  return (handle, kind, cipher, passphrase) => {
    if (!isDh(handle)) return theirs(handle, kind, cipher, passphrase);
    if (cipher) fail("Keys of Diffie-Hellman are written without a passphrase", "ERR_METHOD_NOT_IMPLEMENTED");
    const der = dhUnwrapped(derOf(handle));
    return label === undefined ? der : pem(label, der);
  };
}

function withPrime(name) {
  return (prime, bits, generator) => {
    if (prime !== null && prime !== undefined) checkModulus(prime);
    else if (bits > MOST_DH_BITS) fail("DiffieHellman init failed: key is too large", undefined, RangeError);
    return ops[name](prime === null ? undefined : prime, bits, generator);
  };
}

function computeSecret(prime, privateKey, theirs) {
  checkModulus(prime);
  if (privateKey === undefined) fail("No private key", "ERR_CRYPTO_INVALID_STATE");
  return ops.op_node_dh_compute_secret(prime, privateKey, theirs);
}

// ---- primes

function checkPrime(candidate, checks) {
  if (asBytes(candidate).length > MOST_CHECKED_BYTES) {
    fail(
      `The value of "candidate" is out of range. It must have at most ${MOST_CHECKED_BYTES} bytes`,
      "ERR_OUT_OF_RANGE", RangeError,
    );
  }
  return ops.op_node_check_prime_bytes(candidate, checks);
}

function generatePrime(bits, safe, add, rem) {
  if (bits > MOST_PRIME_BITS) {
    fail(
      `The value of "size" is out of range. It must be >= 1 && <= ${MOST_PRIME_BITS}. Received ${bits}`,
      "ERR_OUT_OF_RANGE", RangeError,
    );
  }
  // No safe primes that small have both of their highest bits set.
  const tooSmall = bits < 2 || (safe && !add && bits < 6 && bits !== 3);
  if (tooSmall) fail("error:01800076:bignum routines::bits too small", "ERR_OSSL_BN_BITS_TOO_SMALL");
  if (add) return primeInSteps(bits, safe, numberOf(add), rem ? numberOf(rem) : safe ? 3n : 1n);
  return ops.op_node_gen_prime(bits, safe, null, null);
}

const numberOf = (bytes) => bytes.length === 0 ? 0n : BigInt(`0x${asBytes(bytes).toHex()}`);

function bytesOfNumber(number) {
  const hex = number.toString(16);
  return Uint8Array.fromHex(hex.padStart(hex.length + (hex.length % 2), "0"));
}

function gcd(a, b) {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

// Numbers that are looked at for each bit before there is said to be none.
const STEPS = 400;

// A prime of so many bits that is `rem` more than a multiple of `add`, from a random place on; there may be none.
function primeInSteps(bits, safe, add, rem) {
  const none = () => fail("Invalid values for add and rem", "ERR_OUT_OF_RANGE", RangeError);
  const [low, high] = [1n << BigInt(bits - 1), 1n << BigInt(bits)];
  const first = low + ((rem - low) % add + add) % add;
  const count = first < high ? (high - 1n - first) / add + 1n : 0n;
  if (count === 0n) none();
  // All of them have a factor in common, or what is half of them has.
  if (count > 2n && gcd(add, rem) !== 1n) none();
  if (safe && count > 2n && gcd(add, ((rem - 1n) % add + add) % add) > 2n) none();
  const random = numberOf(crypto.getRandomValues(new Uint8Array(16 + Math.ceil(bits / 8))));
  let step = random % count;
  const most = BigInt(STEPS * bits * (safe ? bits : 1));
  for (let tried = 0n; tried < count && tried < most; tried++) {
    const candidate = bytesOfNumber(first + step * add);
    if (isPrime(candidate) && (!safe || isPrime(bytesOfNumber((first + step * add) >> 1n)))) return candidate;
    step = (step + 1n) % count;
  }
  return none();
}

const isPrime = (bytes) => ops.op_node_check_prime_bytes(bytes, 0);

// ---- what would need too much memory

function checkOutput(length) {
  if (length > MOST_OUTPUT) fail("invalid digest size", "ERR_OUT_OF_RANGE", RangeError);
}

function createHash(name, length) {
  checkOutput(length);
  try {
    return ops.op_node_create_hash(name, length);
  } catch (error) {
    if (!error.message.startsWith("Digest method not supported")) throw error;
    return fail("Digest method not supported", "ERR_OSSL_EVP_UNSUPPORTED");
  }
}

function copyHash(hasher, length) {
  checkOutput(length);
  return ops.op_node_hash_clone(hasher, length);
}

// Bytes of scrypt's memory for each unit of r: RFC 7914, section 2.
const SCRYPT_UNIT = 128;

function scrypt(password, salt, length, logN, r, p, most, output) {
  if (SCRYPT_UNIT * r * (2 ** logN + p) > Math.min(most, 4 * MOST_OUTPUT)) {
    fail("Invalid scrypt params: memory limit exceeded", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", RangeError);
  }
  return ops.op_node_scrypt_sync(password, salt, length, logN, r, p, most, output);
}

// FIPS 186-4, section 4.2, and what is older; parameters of other lengths may not exist.
const DSA_LENGTHS = [[512, 160], [1024, 160], [2048, 224], [2048, 256], [3072, 256]];

function generateDsa(bits, divisor) {
  if (!DSA_LENGTHS.some(([l, n]) => l === bits && n === divisor)) {
    fail("Invalid modulusLength+divisorLength combination", "ERR_OUT_OF_RANGE", TypeError);
  }
  return ops.op_node_generate_dsa_key(bits, divisor);
}

return {
  op_node_generate_rsa_key: checkedRsa("op_node_generate_rsa_key"),
  op_node_generate_rsa_pss_key: checkedRsa("op_node_generate_rsa_pss_key"),
  op_node_generate_dsa_key: generateDsa,
  op_node_private_encrypt: privateEncrypt,
  op_node_create_private_key: createPrivateKey,
  op_node_create_public_key: createPublicKey,
  op_node_x509_public_key: (certificate) => usable(ops.op_node_x509_public_key(certificate)),
  op_node_export_private_key_der: written(ops.op_node_export_private_key_der),
  op_node_export_private_key_pem: written(ops.op_node_export_private_key_pem, "PRIVATE KEY"),
  op_node_export_public_key_der: written(ops.op_node_export_public_key_der),
  op_node_export_public_key_pem: written(ops.op_node_export_public_key_pem, "PUBLIC KEY"),
  op_node_dh_compute_secret: computeSecret,
  op_node_dh_keys_generate_and_export: withPrime("op_node_dh_keys_generate_and_export"),
  op_node_generate_dh_key: withPrime("op_node_generate_dh_key"),
  op_node_check_prime_bytes: checkPrime,
  op_node_gen_prime: generatePrime,
  op_node_create_hash: createHash,
  op_node_hash_clone: copyHash,
  op_node_scrypt_sync: scrypt,
};
})();
