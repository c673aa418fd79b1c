// Asks a Worker and this process the same of node:crypto, with random inputs, and says where they differ. What one
// makes, the other must be able to use. Arguments: the Worker's URL, a seed, how many rounds.

import crypto from "node:crypto";
import { run } from "./crypto_tasks.mjs";
import { CA, LEAF, LEAF_KEY, SPKAC } from "./crypto_certificates.mjs";

const [url, seedText, roundsText] = process.argv.slice(2);
const [seed, rounds] = [Number(seedText), Number(roundsText)];
let state = seed;

// Mulberry32.
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const below = (most) => Math.floor(random() * most);
const pick = (list) => list[below(list.length)];
const bytes = (length) => Buffer.from(Array.from({ length }, () => below(256))).toString("hex");
const chunks = () => Array.from({ length: 1 + below(4) }, () => bytes(pick([0, 1, 15, 16, 17, 33, below(200)])));

async function ask(tasks) {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(tasks) });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

const here = async (tasks) => JSON.parse(JSON.stringify(await Promise.all(tasks.map(run))));
const wrong = [];

const isPlain = (value) => value !== null && typeof value === "object" && !value.failed;

// What differs of two answers, by its path.
function differences(ours, theirs, path = "") {
  if (!isPlain(ours) || !isPlain(theirs)) return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ path, ours, theirs }];
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys].flatMap((key) => differences(ours[key], theirs[key], `${path}.${key}`));
}

function compare(task, ours, theirs) {
  if (ours?.failed && theirs?.failed) return;
  const found = differences(ours, theirs);
  if (found.length > 0) wrong.push({ task, found });
}

async function same(tasks) {
  const [ours, theirs] = [await ask(tasks), await here(tasks)];
  tasks.forEach((task, at) => compare(task, ours[at], theirs[at]));
  return theirs;
}

// What each side makes is used by the other: `use` makes tasks of an answer, `right` is what they give.
async function crossed(tasks, use, right, users = [here, ask]) {
  const [ours, theirs] = [await ask(tasks), await here(tasks)];
  for (const [made, other, side] of [[ours, users[0], "made by the Worker"], [theirs, users[1], "made by Node.js"]]) {
    const uses = made.flatMap((answer, at) => answer?.failed ? [] : [[at, use(tasks[at], answer)]]);
    made.forEach((answer, at) => answer?.failed && wrong.push({ task: tasks[at], side, answer }));
    const answers = await other(uses.map(([, task]) => task));
    answers.forEach((answer, n) => {
      const [at, task] = uses[n];
      const expected = right(tasks[at]);
      const found = differences(answer, expected);
      if (found.length > 0) wrong.push({ task, side, found });
    });
  }
}

const HASHES = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256", "sha512-224", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "ripemd160", "blake2b512", "blake2s256", "RSA-SHA256", "SHA256"];
const HMACS = ["md5", "sha1", "sha224", "sha256", "SHA384", "sha512", "sha512-256", "sha3-256"];
const SHAS = ["sha1", "sha256", "sha384", "sha512"];
const CURVES = ["prime256v1", "secp384r1", "secp521r1", "secp256k1", "secp224r1"];
const MODES = ["cbc", "ctr", "ecb", "gcm", "ofb"];

function digests() {
  const name = pick(HASHES);
  return [
    { do: "hash", name, chunks: chunks() }, { do: "hmac", name: pick(HMACS), key: bytes(below(300)), chunks: chunks() },
    { do: "pbkdf2", name: pick(SHAS), password: bytes(below(40)), salt: bytes(below(40)), iterations: 1 + below(20), length: below(100) },
    { do: "scrypt", password: bytes(below(40)), salt: bytes(below(40)), length: below(100), N: pick([2, 16, 64]), r: 1 + below(8), p: 1 + below(3) },
    { do: "hkdf", name: pick(SHAS), key: bytes(1 + below(90)), salt: bytes(below(70)), info: bytes(below(90)), length: below(200) },
    { do: "later", password: bytes(5), salt: bytes(5) },
  ];
}

function ciphers() {
  const mode = pick(MODES);
  const bits = pick([128, 192, 256]);
  const names = [[`aes-${bits}-${mode}`, bits / 8, mode === "ecb" ? 0 : mode === "gcm" ? pick([12, 12, 1, 8, 16, 60]) : 16], ["des-ede3-cbc", 24, 8], ["chacha20-poly1305", 32, 12], ["chacha20", 32, 16], [`AES-${bits}-CBC`, bits / 8, 16]];
  const [name, keyLength, ivLength] = below(3) > 0 ? names[0] : pick(names);
  const tagged = /gcm|poly/i.test(name);
  return {
    do: "encrypt", name, key: bytes(keyLength), iv: ivLength === 0 ? pick([null, ""]) : bytes(ivLength), tagged, chunks: chunks(), pad: pick([true, true, false]),
    aad: tagged ? pick([[], [""], [bytes(below(50))]]) : undefined, tagLength: name.includes("poly") ? 16 : tagged ? pick([undefined, 16, 12, 4, 8, 13]) : undefined,
  };
}

function opened(task, { out, tag }, change) {
  const cut = below(out.length / 2 + 1) * 2;
  const parts = [out.slice(0, cut), out.slice(cut)];
  const { tagged: _tagged, ...rest } = task;
  const opening = { ...rest, do: "decrypt", chunks: parts, tag };
  if (change === 1 && tag) opening.tag = bytes(tag.length / 2);
  if (change === 2 && out.length > 0) opening.chunks = [bytes(out.length / 2)];
  if (change === 3) opening.chunks = [out.slice(2)];
  if (change === 4 && tag) opening.aad = [bytes(3)];
  if (change === 5 && tag) opening.tag = undefined;
  return opening;
}

async function cipherRound() {
  const tasks = Array.from({ length: 12 }, ciphers);
  const sealed = await same(tasks);
  const all = tasks.flatMap((task, at) => sealed[at].failed ? [] : [opened(task, sealed[at], 0), opened(task, sealed[at], 1 + below(5))]);
  await same(all);
}

const pem = (type, settings) => {
  const { publicKey, privateKey } = crypto.generateKeyPairSync(type, settings);
  return { private: privateKey.export({ type: "pkcs8", format: "pem" }), public: publicKey.export({ type: "spki", format: "pem" }), key: privateKey };
};

const RSA = [1024, 1032, 2048].map((modulusLength) => pem("rsa", { modulusLength }));
const PSS = pem("rsa-pss", { modulusLength: 1024, hashAlgorithm: "sha256", mgf1HashAlgorithm: "sha256", saltLength: 32 });
const EC = CURVES.map((namedCurve) => pem("ec", { namedCurve }));
const OTHERS = ["ed25519", "ed448", "x25519", "x448"].map((type) => pem(type));
const DH = pem("dh", { group: "modp14" });

async function agreementRound() {
  const curve = pick(CURVES);
  const [one, two] = [crypto.createECDH(curve), crypto.createECDH(curve)];
  one.generateKeys();
  const theirs = two.generateKeys("hex", pick(["compressed", "uncompressed"]));
  const dh = crypto.createDiffieHellman(crypto.getDiffieHellman("modp14").getPrime());
  const prime = crypto.getDiffieHellman(pick(["modp2", "modp5"])).getPrime("hex");
  const at = below(CURVES.length);
  const type = pick(["x25519", "x448"]);
  await same([
    { do: "ecdh", curve, key: one.getPrivateKey("hex"), theirs }, { do: "dh", group: "modp14", key: bytes(32), theirs: dh.generateKeys("hex") },
    { do: "dh", prime, generator: pick([2, 5]), key: bytes(12), theirs: bytes(12) },
    { do: "agree", one: EC[at].private, other: pem("ec", { namedCurve: CURVES[at] }).public }, { do: "agree", one: pem(type).private, other: pem(type).public },
    { do: "agree", one: DH.private, other: pem("dh", { group: "modp14" }).public }, { do: "agree", one: EC[0].private, other: EC[1].public },
  ]);
}

const everyKey = () => pick([pick(RSA), pick(EC), pick(OTHERS), pick(EC), DH]);

async function keyRound() {
  const made = everyKey();
  const passphrase = bytes(1 + below(20));
  const cipher = pick(["aes-128-cbc", "aes-256-cbc", "des-ede3-cbc", "aes-192-cbc"]);
  const sealed = made.key.export({ type: "pkcs8", format: "pem", cipher, passphrase });
  const der = made.key.export({ type: "pkcs8", format: "der", cipher, passphrase }).toString("hex");
  const tasks = [
    { do: "key", key: made.private }, { do: "key", kind: "public", key: made.public }, { do: "key", kind: "public", key: made.private }, { do: "key", key: sealed, passphrase },
    { do: "key", key: der, format: "der", type: "pkcs8", passphrase }, { do: "key", key: sealed, passphrase: "other" }, { do: "key", key: sealed }, { do: "key", kind: "public", key: sealed, passphrase },
  ];
  if (made !== DH && made.key.asymmetricKeyDetails?.namedCurve !== "secp224r1") tasks.push({ do: "jwk", jwk: made.key.export({ format: "jwk" }) });
  if (made.key.asymmetricKeyType === "rsa") {
    tasks.push({ do: "key", key: made.key.export({ type: "pkcs1", format: "pem", cipher, passphrase }), passphrase });
  }
  if (made.key.asymmetricKeyType === "ec") tasks.push({ do: "key", key: made.key.export({ type: "sec1", format: "pem" }) });
  await same(tasks);
  const type = made.key.asymmetricKeyType === "rsa" ? pick(["pkcs8", "pkcs1"]) : "pkcs8";
  const [right] = await here([{ do: "key", key: made.private }]);
  if (made === DH || (type === "pkcs8" && cipher === "des-ede3-cbc")) return;
  await crossed([{ do: "encode", key: made.private, type, cipher, passphrase }], (_task, key) => ({ do: "key", key, passphrase }), () => right);
}

async function signRound() {
  const rsa = pick(RSA);
  const ec = pick(EC);
  const ed = pick(OTHERS.slice(0, 2));
  const data = bytes(below(100));
  const digest = pick(SHAS);
  await same([{ do: "sign", key: rsa.private, digest, data }, { do: "sign", key: ed.private, digest: null, data }, { do: "sign", key: OTHERS[2].private, digest, data }]);
  const tasks = [
    { do: "sign", key: ec.private, digest, data }, { do: "sign", key: ec.private, digest: pick(["md5", "sha224", "sha512"]), data, dsaEncoding: "ieee-p1363" },
    { do: "sign", key: rsa.private, digest: pick(["sha1", "sha256"]), data, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: pick([-1, -2, 0, 20]) },
    { do: "sign", key: PSS.private, digest: "sha256", data },
  ];
  const halves = [ec.public, ec.public, rsa.public, PSS.public];
  const use = (task, signature) => ({ ...task, do: "verify", key: halves[tasks.indexOf(task)], signature });
  await crossed(tasks, use, () => true);
  await crossed(tasks, (task, signature) => ({ ...use(task, signature), data: `${data}00` }), () => false);
}

async function rsaRound() {
  const rsa = pick(RSA);
  const oaep = { padding: 4, oaepHash: pick(["sha1", "sha256", "sha224"]), label: pick([undefined, bytes(5)]) };
  const settings = pick([oaep, oaep, { padding: 1 }]);
  const data = bytes(below(40));
  const task = { do: "publicEncrypt", key: rsa.public, data, ...settings };
  await crossed([task], (_task, out) => ({ ...settings, do: "privateDecrypt", key: rsa.private, data: out }), () => data,
    // Node.js 20 refuses to open what PKCS #1 padded.
    settings === oaep ? [here, ask] : [ask, ask]);
  const size = rsa.key.asymmetricKeyDetails.modulusLength / 8;
  const [sealed] = await same([{ do: "privateEncrypt", key: rsa.private, data }]);
  const raw = `00${bytes(size - 1)}`;
  await same([
    { do: "publicDecrypt", key: rsa.public, data: sealed }, { do: "publicDecrypt", key: rsa.public, data: bytes(size) }, { do: "publicEncrypt", key: rsa.public, data: raw, padding: 3 },
    { do: "privateDecrypt", key: rsa.private, data: raw, padding: 3 }, { do: "publicEncrypt", key: rsa.public, data: bytes(size) }, { do: "privateDecrypt", key: rsa.private, data: bytes(size) },
    { do: "privateEncrypt", key: rsa.private, data: bytes(size) }, { do: "publicEncrypt", key: EC[0].public, data },
  ]);
}

async function primeRound() {
  const number = (bits) => BigInt(`0x${bytes(bits / 8)}`);
  const tasks = [crypto.generatePrimeSync(256, { bigint: true }), number(64), number(256) | 1n, BigInt(below(2000)), crypto.generatePrimeSync(40, { bigint: true }) * crypto.generatePrimeSync(40, { bigint: true })];
  await same(tasks.map((candidate) => ({ do: "checkPrime", number: `${candidate}` })));
  await same([{ bits: 64 + below(64) }, { bits: 48, safe: true }, { bits: 64, add: "12", rem: "11" }, { bits: 40, add: "30", rem: "23", safe: true }, { bits: 3, safe: true }, { bits: 8, add: "512" }].map((task) => ({ do: "generatePrime", ...task })));
}

async function makingRound() {
  const tasks = [
    { type: "rsa", modulusLength: 1024 }, { type: "rsa", modulusLength: 512, publicExponent: 3 }, { type: "ec", namedCurve: pick(CURVES) }, { type: pick(["ed25519", "ed448"]) }, { type: pick(["x25519", "x448"]) }, { type: "dh", group: "modp5" },
  ];
  const pairs = await ask(tasks.flatMap((task) => [{ do: "makeKey", ...task }, { do: task.type === "dh" ? "makeKey" : "makeKeyLater", ...task }]));
  const checks = pairs.flatMap((pair, at) => {
    if (pair.failed) wrong.push({ task: tasks[at >> 1], pair });
    return pair.failed ? [] : [{ do: "key", key: pair.private, passphrase: at % 2 ? "words" : undefined }, { do: "key", kind: "public", key: pair.public }];
  });
  const answers = await here(checks);
  answers.forEach((answer, at) => {
    if (answer.failed || answer.spki !== answers[at ^ 1].spki) wrong.push({ task: checks[at], answer });
  });
}

function changed(hex) {
  const data = Buffer.from(hex, "hex");
  for (let n = 1 + below(3); n > 0; n--) data[below(Math.min(data.length, pick([8, 40, data.length])))] = pick([0, 1, 2, 0x30, 0x7f, 0x80, 0xff, below(256)]);
  return pick([data, data, data.subarray(0, below(data.length))]).toString("hex");
}

const DER = { format: "der" };

async function mutationRound() {
  const made = everyKey();
  const der = (kind, type) => (kind === "public" ? crypto.createPublicKey(made.key) : made.key).export({ type, ...DER }).toString("hex");
  const tasks = [
    ["private", der("private", "pkcs8")], ["public", der("public", "spki")], ["sign", der("private", "pkcs8")], ["encrypt", der("private", "pkcs8")], ["publicEncrypt", der("public", "spki")], ["spkac", Buffer.from(SPKAC).toString("hex")],
    ["certificate", Buffer.from(pick([CA, LEAF])).toString("hex")], ["certificate", new crypto.X509Certificate(pick([CA, LEAF])).raw.toString("hex")], ["pem", Buffer.from(made.private).toString("hex")],
    ["publicPem", Buffer.from(pick([made.private, made.public, LEAF_KEY])).toString("hex")], ["private", made.key.export({ type: "pkcs8", ...DER, cipher: "aes-256-cbc", passphrase: "x" }).toString("hex")],
    ["pkcs1", RSA[0].key.export({ type: "pkcs1", ...DER }).toString("hex")], ["sec1", pick(EC).key.export({ type: "sec1", ...DER }).toString("hex")],
  ];
  // What Node.js makes of it is of no interest: that there is an answer is all.
  await ask(tasks.map(([what, data]) => ({ do: "mutated", what, data: changed(data), passphrase: "x" })));
}

await same([
  ...["CA", "LEAF", "ED25519"].map((which) => ({ do: "certificate", which })), { do: "spkac" }, { do: "hashes", names: ["md5", "sha1", "sha256", "RSA-SHA256", "sha3-512", "ripemd160", "blake2b512"] },
  { do: "info", names: ["aes-128-gcm", "AES-256-CBC", "des-ede3-cbc", "chacha20-poly1305", "aes-192-ofb", "id-aes128-wrap-pad", "none"] },
]);
for (let round = 0; round < rounds; round++) {
  await same(digests());
  await cipherRound();
  for (const play of [agreementRound, keyRound, signRound, rsaRound, primeRound, mutationRound]) await play();
  if (round % 5 === 0) await makingRound();
  if (wrong.length > 0) break;
}
if (wrong.length > 0) {
  console.error(`seed ${seed}: ${wrong.length} differences`);
  for (const one of wrong.slice(0, 12)) console.error(JSON.stringify(one, null, 1).slice(0, 3000));
  process.exit(1);
}
