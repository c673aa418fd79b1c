// What the scripts of `node:crypto` ask of Rust for keys of two halves and for signatures. RSA, the curves P-256
// and P-384, and Ed25519; without passphrases.

(function () {
const { core } = __bootstrap;
const {
  op_key_der, op_key_ec_jwk, op_key_ec_to_jwk, op_key_ed25519, op_key_generate, op_key_half,
  op_key_is_private, op_key_kind, op_key_numbers, op_key_private, op_key_public, op_key_rsa, op_key_sign,
  op_key_sign_ed25519, op_key_verify, op_key_verify_ed25519,
} = core.ops;

// Labels of PEM, and what they hold.
const LABELS = {
  "PRIVATE KEY": "pkcs8", "RSA PRIVATE KEY": "pkcs1", "EC PRIVATE KEY": "sec1", "PUBLIC KEY": "spki",
  "RSA PUBLIC KEY": "pkcs1",
};
// Node.js's names of the curves.
const CURVES = { "P-256": "prime256v1", "P-384": "secp384r1" };
const CURVE_NAMES = {
  "P-256": "P-256", prime256v1: "P-256", secp256r1: "P-256", "P-384": "P-384", secp384r1: "P-384",
};
const PKCS1_PADDING = 1;
const LONGEST_SALT = -2;
const LINE = 64;

class AsymmetricKey {
  constructor(state) {
    this.state = state;
    this.isPrivate = op_key_is_private(state);
    this.kind = op_key_kind(state);
  }

  get isCurve() {
    return this.kind in CURVES;
  }
}

const base64url = { alphabet: "base64url", omitPadding: true };

function fail(code, message, make = Error) {
  const error = new make(message);
  error.code = code;
  throw error;
}

// ---- reading

function textOf(data) {
  return typeof data === "string" ? data : core.decode(data);
}

// DER and what it is, from PEM.
function unarmored(data) {
  const text = textOf(data);
  const match = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/.exec(text);
  if (match === null) {
    fail("ERR_OSSL_UNSUPPORTED", "error:1E08010C:DECODER routines::unsupported");
  }
  const [, label, body] = match;
  if (label.startsWith("ENCRYPTED") || body.includes("ENCRYPTED")) {
    fail("ERR_METHOD_NOT_IMPLEMENTED", "node:crypto reads no keys with a passphrase in this version of Cellhouse");
  }
  return [label, Uint8Array.fromBase64(body.replace(/\s/g, ""))];
}

function isPrivateLabel(label) {
  return label.endsWith("PRIVATE KEY");
}

function readPrivate(data, format, type) {
  if (format !== "pem") return new AsymmetricKey(op_key_private(data, type || "pkcs8"));
  const [label, der] = unarmored(data);
  return new AsymmetricKey(op_key_private(der, LABELS[label] ?? "pkcs8"));
}

function readPublic(data, format, type) {
  if (format !== "pem") return new AsymmetricKey(op_key_public(data, type || "spki"));
  const [label, der] = unarmored(data);
  if (isPrivateLabel(label)) return half(new AsymmetricKey(op_key_private(der, LABELS[label])));
  return new AsymmetricKey(op_key_public(der, LABELS[label] ?? "spki"));
}

function half(key) {
  return new AsymmetricKey(op_key_half(key.state));
}

const numberOf = (text) => Uint8Array.fromBase64(text ?? "", { alphabet: "base64url" });

function readRsaJwk(jwk) {
  const { n, e, d, p, q } = jwk;
  return new AsymmetricKey(op_key_rsa(...[n, e, d, p, q].map(numberOf)));
}

function readEdwards(curve, bytes, isPublic) {
  if (curve !== "Ed25519") fail("ERR_CRYPTO_UNSUPPORTED_OPERATION", `Unsupported curve: ${curve}`);
  return new AsymmetricKey(op_key_ed25519(bytes, !isPublic));
}

// ---- writing

function armored(label, der) {
  const lines = der.toBase64().match(new RegExp(`.{1,${LINE}}`, "g"));
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function write(key, kind, cipher) {
  if (cipher) {
    fail("ERR_METHOD_NOT_IMPLEMENTED", "node:crypto writes no keys with a passphrase in this version of Cellhouse");
  }
  return op_key_der(key.state, kind);
}

function labelOf(kind, isPrivate) {
  if (kind === "pkcs1") return isPrivate ? "RSA PRIVATE KEY" : "RSA PUBLIC KEY";
  if (kind === "sec1") return "EC PRIVATE KEY";
  return isPrivate ? "PRIVATE KEY" : "PUBLIC KEY";
}

function toJwk(key) {
  if (key.isCurve) {
    const { kty, x, y, crv, d } = JSON.parse(op_key_ec_to_jwk(key.state));
    return d === undefined ? { kty, x, y, crv } : { kty, x, y, crv, d };
  }
  const texts = op_key_numbers(key.state).map((number) => new Uint8Array(number).toBase64(base64url));
  if (key.kind === "rsa") {
    const [n, e, d, p, q, dp, dq, qi] = texts;
    return d === undefined ? { kty: "RSA", n, e } : { kty: "RSA", n, e, d, p, q, dp, dq, qi };
  }
  const [x, d] = texts;
  return d === undefined ? { crv: "Ed25519", x, kty: "OKP" } : { crv: "Ed25519", d, x, kty: "OKP" };
}

function details(key) {
  if (key.isCurve) return { namedCurve: CURVES[key.kind] };
  if (key.kind !== "rsa") return {};
  const [n, e] = op_key_numbers(key.state).map((number) => new Uint8Array(number));
  const publicExponent = e.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return { modulusLength: n.length * 8 - Math.clz32(n[0]) + 24, publicExponent };
}

// ---- making

function generateRsa(bits, exponent) {
  const key = new AsymmetricKey(op_key_generate("rsa", bits, Number(exponent)));
  return { private: key, public: half(key) };
}

function generateCurve(name) {
  const curve = CURVE_NAMES[name];
  if (curve === undefined) fail("ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name", TypeError);
  const key = new AsymmetricKey(op_key_generate(curve, 0, 0));
  return { private: key, public: half(key) };
}

function generateEdwards() {
  const key = new AsymmetricKey(op_key_generate("ed25519", 0, 0));
  return { private: key, public: half(key) };
}

const later = (run) => (...args) => new Promise((resolve) => resolve(run(...args)));

function equal(one, other) {
  if (one.isPrivate !== other.isPrivate || one.kind !== other.kind) return false;
  const kind = one.isPrivate ? "pkcs8" : "spki";
  return op_key_der(one.state, kind).toHex() === op_key_der(other.state, kind).toHex();
}

// ---- signatures

function sign(key, hash, digest, salt, padding, encoding) {
  return op_key_sign(
    key.state, digest.toLowerCase(), hash, padding ?? PKCS1_PADDING, salt ?? LONGEST_SALT, encoding ?? 0,
  );
}

function verify(key, hash, digest, signature, salt, padding, encoding) {
  return op_key_verify(
    key.state, digest.toLowerCase(), hash, signature, padding ?? PKCS1_PADDING, salt ?? LONGEST_SALT,
    encoding ?? 0,
  );
}

const ops = {
  op_node_create_private_key: readPrivate,
  op_node_create_public_key: readPublic,
  op_node_create_rsa_jwk: readRsaJwk,
  op_node_create_ec_jwk: (jwk, isPublic) =>
    new AsymmetricKey(op_key_ec_jwk(JSON.stringify(jwk), !isPublic)),
  op_node_create_ed_raw: readEdwards,
  op_node_derive_public_key_from_private_key: half,
  op_node_export_private_key_der: write,
  op_node_export_private_key_pem: (key, kind, cipher) => armored(labelOf(kind, true), write(key, kind, cipher)),
  op_node_export_private_key_jwk: toJwk,
  op_node_export_public_key_der: write,
  op_node_export_public_key_pem: (key, kind) => armored(labelOf(kind, false), write(key, kind)),
  op_node_export_public_key_jwk: (key) => toJwk(key.isPrivate ? half(key) : key),
  op_node_get_asymmetric_key_type: ({ kind, isCurve }) => isCurve ? "ec" : kind,
  op_node_get_asymmetric_key_details: details,
  op_node_generate_rsa_key: generateRsa,
  op_node_generate_rsa_key_async: later(generateRsa),
  op_node_generate_ec_key: generateCurve,
  op_node_generate_ec_key_async: later(generateCurve),
  op_node_generate_ed25519_key: generateEdwards,
  op_node_generate_ed25519_key_async: later(generateEdwards),
  op_node_get_public_key_from_pair: (pair) => pair.public,
  op_node_get_private_key_from_pair: (pair) => pair.private,
  op_node_sign: sign,
  op_node_verify: verify,
  op_node_sign_ed25519: (key, message, output) => output.set(op_key_sign_ed25519(key.state, message)),
  op_node_verify_ed25519: (key, message, signature) => op_key_verify_ed25519(key.state, message, signature),
};

return { AsymmetricKey, equal, ops };
})();
