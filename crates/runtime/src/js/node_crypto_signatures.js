// ECDSA of `node:crypto` as OpenSSL has it: with digests of any length, and with either of the two signatures that
// are right. The rest is Deno's.

(function () {
const { core } = __bootstrap;
const { ops } = core;
const { elements, read, write } = core.loadExtScript("ext:cellhouse_runtime/node_crypto_der.js");

const [INTEGER, SEQUENCE] = [0x02, 0x30];
// dsaEncoding: both numbers one after the other.
const PLAIN = 1;

// Digests that are less than half as long as a curve's numbers are refused; zeros before them change nothing.
const HALVES = { secp384r1: 24, secp521r1: 33 };

function curveOf(handle) {
  const isCurve = ops.op_node_key_type(handle) !== "secret" && ops.op_node_get_asymmetric_key_type(handle) === "ec";
  return isCurve ? ops.op_node_get_asymmetric_key_details(handle).namedCurve : undefined;
}

function lengthened(curve, digest) {
  const least = HALVES[curve] ?? 0;
  if (digest.length >= least) return digest;
  const longer = new Uint8Array(least);
  longer.set(digest, least - digest.length);
  return longer;
}

// The order of secp256k1: SEC 2, section 2.4.1.
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const BYTES = 32;

const numberOf = (bytes) => bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
const bytesOf = (number) => Uint8Array.fromHex(number.toString(16).padStart(2 * BYTES, "0"));

// Of two numbers s that are right, Deno takes the lower one only.
function lower(s) {
  const number = numberOf(s);
  return number > ORDER / 2n && number < ORDER ? bytesOf(ORDER - number) : undefined;
}

function withLower(signature, encoding) {
  if (encoding === PLAIN) {
    const s = signature.length === 2 * BYTES ? lower(signature.subarray(BYTES)) : undefined;
    if (s === undefined) return signature;
    const changed = signature.slice();
    changed.set(s, BYTES);
    return changed;
  }
  const outer = read(signature);
  const parts = outer?.tag === SEQUENCE && outer.rest.length === 0 ? elements(outer.content) : [];
  const s = parts.length === 2 ? lower(parts[1].content) : undefined;
  // Below half the order, no bit says that it is negative; what was long may be short now.
  return s === undefined ? signature : write(SEQUENCE, write(INTEGER, parts[0].content), write(INTEGER, trimmed(s)));
}

function trimmed(bytes) {
  const first = bytes.findIndex((byte) => byte !== 0);
  const rest = bytes.subarray(first);
  return rest[0] & 0x80 ? bytes.subarray(first - 1) : rest;
}

function sign(handle, digest, ...rest) {
  return ops.op_node_sign(handle, lengthened(curveOf(handle), digest), ...rest);
}

function verify(handle, digest, name, signature, salt, padding, encoding) {
  const curve = curveOf(handle);
  const taken = curve === "secp256k1" ? withLower(new Uint8Array(signature), encoding) : signature;
  return ops.op_node_verify(handle, lengthened(curve, digest), name, taken, salt, padding, encoding);
}

return { op_node_sign: sign, op_node_verify: verify };
})();
