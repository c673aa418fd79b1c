// What can be asked of node:crypto, as data: each task gives one answer of texts and numbers. Run in a Worker on
// Cellhouse and in Node.js, whose answers must be the same.

import crypto from "node:crypto";
import { Buffer } from "node:buffer";
import { CA, CA_KEY, ED25519, LEAF, LEAF_KEY, SPKAC } from "./crypto_certificates.mjs";

const bytes = (hex) => Buffer.from(hex, "hex");
const hex = (data) => Buffer.from(data).toString("hex");

function keyOf({ key, kind = "private", passphrase, type, format = "pem" }) {
  const make = kind === "private" ? crypto.createPrivateKey : crypto.createPublicKey;
  return make({ key: format === "der" ? bytes(key) : key, passphrase, type, format });
}

function feed(cipher, chunks) {
  return hex(Buffer.concat([...chunks.map((chunk) => cipher.update(bytes(chunk))), cipher.final()]));
}

function options({ tagLength }) {
  return tagLength === undefined ? undefined : { authTagLength: tagLength };
}

function shown(key) {
  const details = { ...key.asymmetricKeyDetails };
  if (details.publicExponent !== undefined) details.publicExponent = `${details.publicExponent}`;
  const answer = { type: key.type, kind: key.asymmetricKeyType, details };
  if (key.type === "private") answer.pkcs8 = hex(key.export({ type: "pkcs8", format: "der" }));
  answer.spki = crypto.createPublicKey(key.type === "private" ? key.export({ type: "pkcs8", format: "pem" }) : key.export({ type: "spki", format: "pem" }))
    .export({ type: "spki", format: "pem" });
  if (!["dh", "rsa-pss"].includes(key.asymmetricKeyType) && details.namedCurve !== "secp224r1") answer.jwk = key.export({ format: "jwk" });
  if (key.asymmetricKeyType === "rsa") answer.pkcs1 = key.export({ type: "pkcs1", format: "pem" });
  if (key.asymmetricKeyType === "ec" && key.type === "private") answer.sec1 = hex(key.export({ type: "sec1", format: "der" }));
  return answer;
}

function certificate(pem) {
  const cert = new crypto.X509Certificate(pem);
  const ca = new crypto.X509Certificate(CA);
  return {
    subject: cert.subject, issuer: cert.issuer, names: cert.subjectAltName, access: cert.infoAccess, usage: cert.keyUsage,
    serial: cert.serialNumber, from: cert.validFrom, to: cert.validTo, isCa: cert.ca, prints: [cert.fingerprint, cert.fingerprint256, cert.fingerprint512],
    hosts: ["example.com", "www.example.org", "example.net", "EXAMPLE.com"].map((host) => cert.checkHost(host)),
    emails: ["me@example.com", "you@example.com"].map((email) => cert.checkEmail(email)), ips: ["127.0.0.1", "2001:db8::1", "10.0.0.1"].map((ip) => cert.checkIP(ip)),
    key: cert.publicKey.export({ type: "spki", format: "pem" }), issued: cert.checkIssued(ca), verified: cert.verify(ca.publicKey),
    fits: [cert.checkPrivateKey(crypto.createPrivateKey(LEAF_KEY)), cert.checkPrivateKey(crypto.createPrivateKey(CA_KEY))],
    raw: hex(cert.raw), text: `${cert}`, json: cert.toJSON(),
  };
}

const CERTIFICATES = { CA, LEAF, ED25519 };

const tasks = {
  hash({ name, chunks }) {
    const hash = crypto.createHash(name);
    for (const chunk of chunks) hash.update(bytes(chunk));
    const copy = hash.copy();
    return [hash.digest("hex"), copy.update("more").digest("base64url"), crypto.hash?.(name, bytes(chunks[0]), "hex")];
  },
  hmac: ({ name, key, chunks }) => {
    const hmac = crypto.createHmac(name, bytes(key));
    for (const chunk of chunks) hmac.update(bytes(chunk));
    return hmac.digest("hex");
  },
  pbkdf2: ({ name, password, salt, iterations, length }) => hex(crypto.pbkdf2Sync(bytes(password), bytes(salt), iterations, length, name)),
  scrypt: ({ password, salt, length, N, r, p }) => hex(crypto.scryptSync(bytes(password), bytes(salt), length, { N, r, p })),
  hkdf: ({ name, key, salt, info, length }) => hex(crypto.hkdfSync(name, bytes(key), bytes(salt), bytes(info), length)),
  later: async ({ password, salt }) => {
    const wait = (run) => new Promise((resolve, reject) => run((error, value) => error ? reject(error) : resolve(hex(value))));
    return [
      await wait((done) => crypto.pbkdf2(bytes(password), bytes(salt), 3, 20, "sha256", done)), await wait((done) => crypto.scrypt(bytes(password), bytes(salt), 20, { N: 16 }, done)),
      await wait((done) => crypto.hkdf("sha256", bytes(password), bytes(salt), "", 20, done)),
      await new Promise((done) => crypto.checkPrime(97n, (_error, is) => done(is))),
    ];
  },
  encrypt(task) {
    const cipher = crypto.createCipheriv(task.name, bytes(task.key), task.iv === null ? null : bytes(task.iv), options(task));
    if (task.pad === false) cipher.setAutoPadding(false);
    for (const aad of task.aad ?? []) cipher.setAAD(bytes(aad));
    const out = feed(cipher, task.chunks);
    return { out, tag: task.tagged ? hex(cipher.getAuthTag()) : undefined };
  },
  decrypt(task) {
    const cipher = crypto.createDecipheriv(task.name, bytes(task.key), task.iv === null ? null : bytes(task.iv), options(task));
    if (task.pad === false) cipher.setAutoPadding(false);
    for (const aad of task.aad ?? []) cipher.setAAD(bytes(aad));
    if (task.tag !== undefined) cipher.setAuthTag(bytes(task.tag));
    return feed(cipher, task.chunks);
  },
  ecdh({ curve, key, theirs }) {
    const ecdh = crypto.createECDH(curve);
    ecdh.setPrivateKey(bytes(key));
    const forms = ["uncompressed", "compressed", "hybrid"];
    return [
      ecdh.computeSecret(theirs, "hex", "hex"), forms.map((form) => ecdh.getPublicKey("hex", form)), ecdh.getPrivateKey("hex"),
      forms.map((form) => crypto.ECDH.convertKey(theirs, curve, "hex", "hex", form)),
    ];
  },
  dh({ group, prime, generator, key, theirs }) {
    const dh = group === undefined ? crypto.createDiffieHellman(prime, "hex", generator) : crypto.createDiffieHellman(crypto.getDiffieHellman(group).getPrime());
    dh.setPrivateKey(key, "hex");
    dh.generateKeys();
    return [dh.getPublicKey("hex"), dh.computeSecret(theirs, "hex", "hex"), dh.getGenerator("hex"), hex(dh.getPrime())];
  },
  agree: ({ one, other }) => hex(crypto.diffieHellman({ privateKey: keyOf({ key: one }), publicKey: keyOf({ key: other, kind: "public" }) })),
  key: (task) => shown(keyOf(task)),
  jwk: ({ jwk }) => shown((jwk.d === undefined ? crypto.createPublicKey : crypto.createPrivateKey)({ key: jwk, format: "jwk" })),
  encode: ({ key, type, cipher, passphrase }) => keyOf({ key }).export({ type, format: "pem", cipher, passphrase }),
  sign: ({ key, digest, data, ...settings }) => hex(crypto.sign(digest, bytes(data), { key: keyOf({ key }), ...settings })),
  verify: ({ key, digest, data, signature, ...settings }) => crypto.verify(digest, bytes(data), { key: keyOf({ key, kind: "public" }), ...settings }, bytes(signature)),
  publicEncrypt: ({ key, data, label, ...settings }) => hex(crypto.publicEncrypt({ key, oaepLabel: label && bytes(label), ...settings }, bytes(data))),
  privateDecrypt: ({ key, data, label, ...settings }) => hex(crypto.privateDecrypt({ key, oaepLabel: label && bytes(label), ...settings }, bytes(data))),
  privateEncrypt: ({ key, data, ...settings }) => hex(crypto.privateEncrypt({ key, ...settings }, bytes(data))),
  publicDecrypt: ({ key, data, ...settings }) => hex(crypto.publicDecrypt({ key, ...settings }, bytes(data))),
  checkPrime: ({ number }) => crypto.checkPrimeSync(BigInt(number)),
  generatePrime({ bits, ...settings }) {
    const number = (text) => (text === undefined ? undefined : BigInt(text));
    const prime = crypto.generatePrimeSync(bits, { ...settings, add: number(settings.add), rem: number(settings.rem), bigint: true });
    return [prime.toString(2).length, crypto.checkPrimeSync(prime), settings.safe ? crypto.checkPrimeSync(prime >> 1n) : true, settings.add ? `${prime % BigInt(settings.add)}` : ""];
  },
  makeKey({ type, ...settings }) {
    const made = crypto.generateKeyPairSync(type, settings);
    return { private: made.privateKey.export({ type: "pkcs8", format: "pem" }), public: made.publicKey.export({ type: "spki", format: "pem" }) };
  },
  makeKeyLater: ({ type, ...settings }) => new Promise((resolve, reject) => {
    crypto.generateKeyPair(type, { ...settings, privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "words" }, publicKeyEncoding: { type: "spki", format: "pem" } },
      (error, publicKey, privateKey) => error ? reject(error) : resolve({ private: privateKey, public: publicKey }));
  }),
  certificate: ({ which }) => certificate(CERTIFICATES[which]),
  // Whatever comes of it: the process has to live on.
  mutated({ what, data, passphrase }) {
    const uses = {
      private: () => shown(crypto.createPrivateKey({ key: bytes(data), format: "der", type: "pkcs8", passphrase })), public: () => shown(crypto.createPublicKey({ key: bytes(data), format: "der", type: "spki" })),
      pkcs1: () => shown(crypto.createPrivateKey({ key: bytes(data), format: "der", type: "pkcs1" })), sec1: () => shown(crypto.createPrivateKey({ key: bytes(data), format: "der", type: "sec1" })),
      pem: () => shown(crypto.createPrivateKey({ key: bytes(data), passphrase })), publicPem: () => shown(crypto.createPublicKey({ key: bytes(data), passphrase })),
      certificate: () => certificate(bytes(data)), spkac: () => [crypto.Certificate.verifySpkac(bytes(data)), hex(crypto.Certificate.exportChallenge(bytes(data))), hex(crypto.Certificate.exportPublicKey(bytes(data)))],
      encrypt: () => hex(crypto.privateEncrypt(bytes(data), Buffer.from("x"))), publicEncrypt: () => hex(crypto.publicEncrypt({ key: bytes(data), padding: 1 }, Buffer.from("x"))),
      sign: () => hex(crypto.sign("sha256", Buffer.from("x"), { key: bytes(data), format: "der", type: "pkcs8" })),
    };
    uses[what]();
    return true;
  },
  spkac: () => [crypto.Certificate.verifySpkac(SPKAC), crypto.Certificate.exportChallenge(SPKAC).toString(), crypto.Certificate.exportPublicKey(SPKAC).toString()],
  hashes: ({ names }) => names.filter((name) => !crypto.getHashes().includes(name)),
  info: ({ names }) => names.map((name) => crypto.getCipherInfo(name)?.keyLength),
};

export async function run(task) {
  try {
    return (await tasks[task.do](task)) ?? null;
  } catch (error) {
    return { failed: true, code: `${error.name} ${error.code}: ${error.message}` };
  }
}
