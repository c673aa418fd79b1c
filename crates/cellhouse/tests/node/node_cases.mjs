// Calls of Node.js's modules. The Worker answers with what each gave, by name; an error is its name, code and
// message. Run on Cellhouse and on miniflare.

import assert from "node:assert";
import assertStrict from "node:assert/strict";
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { Buffer as NodeBuffer, constants as bufferConstants, isAscii, isUtf8, transcode } from "node:buffer";
import consoleModule from "node:console";
import nodeConstants from "node:constants";
import crypto, { webcrypto } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import EventEmitter, { getEventListeners, on, once } from "node:events";
import module, { createRequire, isBuiltin } from "node:module";
import os from "node:os";
import path from "node:path";
import posix from "node:path/posix";
import win32 from "node:path/win32";
import process from "node:process";
import punycode from "node:punycode";
import querystring from "node:querystring";
import stream, { Duplex, PassThrough, Readable, Transform, Writable } from "node:stream";
import consumers from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import * as web from "node:stream/web";
import { StringDecoder } from "node:string_decoder";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import url from "node:url";
import util from "node:util";
import types from "node:util/types";
import zlib from "node:zlib";

const hex = (data) => Buffer.from(data).toString("hex");
// Of no use outside of these tests.
const RSA = {"kty":"RSA","n":"1SvLRvmKw7OwIlRwc5T_x0dXNF8MVmzSzXhmXxQNYg8rTV3qjTuazZVGdXxE1Ul_reQWdnm2kwVRVdepYVs4hLYXVuMzfMjiZkZmVCb1ti7yTgW9LJBXWt39CcYGaa5HpYIBYtf22kIH3kouVmuc4s5KU3m-R5YyVNWCgKJgxBs","e":"AQAB","d":"QR844XzYdILPWx16oQSywvk7XcdvqHNkTtrqQz-H-x3xN5hqUC0WVJm2xatqB9KFS-UzK4xxRybHuzbACvroH6wE0ouFWZuNE2VCZnuayAmI9tULg8zes4cDCc7snycSnOj4lA2s8qWS_0tzk5cX5ZQdowEsgw2-retuFR7DI0E","p":"8attarZwhC64rFjOyRGE7zZ57veMxL8gtPgIJKUnemcji6uOBVa0E0k6l4fJTEmbdqixuItt2pPPVvl0ew50Ow","q":"4c_BUQE_JbyhIW1IbQb9Pe5Hk8Gcd0LBs5sixg8hI_XwLNAIRc6ZQU10UV86KtO2Eunf3IriF47f_wpWmVlRoQ","dp":"hdbBrxLAt4PEhLZeNx67t1s9Jin0zNVowLCImfrZJUHPfr-Q1MYSzoeEqnzp75ToQ0vjuOeG_EFV174pUylLFw","dq":"hv5XeGDBaoLw5PXbBWrXPA3V9owZSOa8u-2zhSoISuI9Od0IBQt0bSirr_W45V95iqcMMGFKtoCwglyg1r4h4Q","qi":"MWgRF-jqkXW6IRW87p3UPQZKyGH7uXQOtdH6BUsPFb0tRpeMXoP0sKoZT5oHmI9cLyfDjRoUURdDszst8aJLxQ"};
const text = "Grüße, 世界 😀";

const cases = {
  // ---- globals
  globals: () => [typeof process.nextTick, Buffer === NodeBuffer, global === globalThis, typeof setImmediate],
  "process": () => [process.platform, process.version, process.versions.node, process.cwd(), process.pid, process.argv.length],
  "process is one": () => globalThis.process === process,
  "process.env": () => {
    process.env.ADDED = 5;
    return [process.env.TEXT, process.env.DATA, process.env.ADDED, process.env.NONE, "TEXT" in process.env];
  },
  "process.hrtime": () => [typeof process.hrtime.bigint(), process.hrtime().length, process.uptime() >= 0],
  "process.nextTick": async () => {
    const order = [];
    await new Promise((done) => {
      setTimeout(() => (order.push("timer"), done()), 1);
      process.nextTick((a) => order.push(a), "tick");
      Promise.resolve().then(() => order.push("promise"));
      order.push("now");
    });
    return order;
  },
  "process.getBuiltinModule": () => [process.getBuiltinModule("node:path") === path, process.getBuiltinModule("none")],
  timers: async () => {
    const order = [];
    const never = setTimeout(() => order.push("never"), 1);
    clearTimeout(never);
    const immediate = setImmediate(() => order.push("never"));
    clearImmediate(immediate);
    await new Promise((done) => setImmediate(done));
    order.push(await timersPromises.setTimeout(1, "late"), await timersPromises.setImmediate("soon"));
    const timeout = setTimeout(() => {}, 1);
    return [order, timeout.constructor.name, timeout.hasRef(), timeout.unref().hasRef(), typeof timers.setInterval];
  },
  "timers: abort": async () => timersPromises.setTimeout(1000, 0, { signal: AbortSignal.abort() }),
  "timers: no function": () => setTimeout("x"),

  // ---- async_hooks
  "AsyncLocalStorage": async () => {
    const storage = new AsyncLocalStorage();
    const seen = [];
    const note = () => seen.push(storage.getStore());
    await Promise.all([1, 2].map((id) => storage.run(id, async () => {
      note();
      await null;
      note();
      await new Promise((done) => setTimeout(done, 2 - id));
      note();
      queueMicrotask(note);
      process.nextTick(note);
      await Promise.resolve().then(note);
      await new Promise((done) => setImmediate(() => (note(), done())));
      await (async () => {
        await scheduler.wait(1);
        note();
      })();
    })));
    note();
    return seen.sort();
  },
  "AsyncLocalStorage: streams": async () => {
    const storage = new AsyncLocalStorage();
    const seen = [];
    await storage.run("in", async () => {
      const source = Readable.from(["a", "b"]);
      source.on("data", () => seen.push(storage.getStore()));
      await once(source, "end");
      seen.push(storage.getStore());
      for await (const _ of new Response("x").body) seen.push(storage.getStore());
      await pipeline(Readable.from(["a"]), new Transform({
        transform(chunk, _encoding, done) {
          seen.push(storage.getStore());
          done(null, chunk);
        },
      }), new PassThrough().resume());
    });
    return seen;
  },
  "AsyncLocalStorage: nested, exit, snapshot, bind": () => {
    const storage = new AsyncLocalStorage();
    return storage.run("outer", () => {
      const snapshot = AsyncLocalStorage.snapshot();
      const bound = AsyncLocalStorage.bind(() => storage.getStore());
      const inner = storage.run("inner", () => [storage.getStore(), snapshot(() => storage.getStore()), bound()]);
      return [inner, storage.exit(() => storage.getStore()), storage.getStore()];
    });
  },
  "AsyncLocalStorage: errors and generators": async () => {
    const storage = new AsyncLocalStorage();
    const seen = [];
    await storage.run("in", async () => {
      try {
        await Promise.reject(new Error("x"));
      } catch {
        seen.push(storage.getStore());
      }
      async function* numbers() {
        yield storage.getStore();
        await null;
        yield storage.getStore();
      }
      for await (const one of numbers()) seen.push(one);
    });
    return seen;
  },
  "AsyncResource": () => {
    const storage = new AsyncLocalStorage();
    const resource = storage.run("then", () => new AsyncResource("X"));
    return storage.run("now", () => resource.runInAsyncScope((a) => [a, storage.getStore()], null, 1));
  },

  // ---- buffer
  "Buffer.from": () => [
    hex(Buffer.from(text)), hex(Buffer.from("68c3a9", "hex")), Buffer.from("aGk=", "base64").toString(),
    hex(Buffer.from("aGk_", "base64url")), hex(Buffer.from("hé", "latin1")), hex(Buffer.from("hé", "utf16le")),
    hex(Buffer.from([256, -1, 3.7])), hex(Buffer.from(new Uint16Array([1, 258]))), Buffer.from(Buffer.from("x")).length,
  ],
  "Buffer.toString": () => ["utf8", "hex", "base64", "base64url", "latin1", "ascii", "ucs2", "binary"]
    .map((encoding) => Buffer.from(text).toString(encoding)),
  "Buffer: encodings": () => [Buffer.isEncoding("UTF-8"), Buffer.isEncoding("x"), Buffer.byteLength(text), Buffer.byteLength("aGk=", "base64")],
  "Buffer: unknown encoding": () => Buffer.from("x").toString("nope"),
  "Buffer: numbers": () => {
    const b = Buffer.alloc(32);
    b.writeUInt16BE(0x1234, 0);
    b.writeInt32LE(-5, 2);
    b.writeDoubleBE(Math.PI, 6);
    b.writeBigUInt64LE(123456789012345n, 14);
    b.writeUIntBE(0x123456, 22, 3);
    b.writeFloatLE(1.5, 25);
    return [hex(b), b.readUInt16LE(0), b.readInt32LE(2), b.readDoubleBE(6), `${b.readBigUInt64LE(14)}`, b.readUIntBE(22, 3), b.readFloatLE(25)];
  },
  "Buffer: out of range": () => Buffer.alloc(2).readUInt32LE(0),
  "Buffer: value out of range": () => Buffer.alloc(2).writeUInt8(300),
  "Buffer: search": () => {
    const b = Buffer.from("hello hello");
    return [b.indexOf("l"), b.lastIndexOf("hello"), b.includes(Buffer.from("lo h")), b.indexOf(111, 5), b.indexOf("nope")];
  },
  "Buffer: compare, equals, concat, fill, swap": () => [
    Buffer.compare(Buffer.from("a"), Buffer.from("b")), Buffer.from("ab").equals(new Uint8Array([97, 98])),
    Buffer.concat([Buffer.from("a"), new Uint8Array([98])]).toString(), Buffer.alloc(5, "ab").toString(),
    hex(Buffer.from("0102", "hex").swap16()), Buffer.from("abcdef").subarray(1, 3).toString(), Buffer.from("abc").slice(-2).toString(),
    Buffer.from("abc").compare(Buffer.from("xabcx"), 1, 4),
  ],
  "Buffer: JSON, inspect, iterate": () => [JSON.stringify(Buffer.from("ab")), util.inspect(Buffer.from("ab")), [...Buffer.from("ab").entries()]],
  "Buffer: write, copy": () => {
    const b = Buffer.alloc(6, ".");
    return [b.write("héé", 1, 3), b.toString("latin1"), Buffer.from("xyz").copy(b, 4), b.toString("latin1")];
  },
  "buffer: checks": () => [isAscii(Buffer.from("é")), isUtf8(Buffer.from([0xff])), hex(transcode(Buffer.from("€"), "utf8", "ucs2")), bufferConstants.MAX_LENGTH > 2 ** 30],
  "buffer: wrong argument": () => Buffer.from(5),

  // ---- crypto
  "createHash": () => ["md5", "sha1", "sha224", "SHA256", "sha384", "sha512", "RSA-SHA256", "sha512-256"]
    .map((name) => crypto.createHash(name).update("a").update(Buffer.from(text)).digest("hex")),
  "createHash: outputs": () => {
    const hash = crypto.createHash("sha256").update("x");
    const copy = hash.copy().update("y").digest("base64");
    return [hash.digest("base64url"), copy, crypto.hash("sha1", "x")];
  },
  "createHash: twice": () => {
    const hash = crypto.createHash("sha1");
    hash.digest();
    return hash.digest();
  },
  "createHash: stream": async () => {
    const hash = crypto.createHash("sha256");
    await pipeline(Readable.from(["a", "b"]), hash);
    return hash.read().toString("hex");
  },
  "createHmac": () => ["sha1", "sha256", "sha512", "md5"].map((name) => crypto.createHmac(name, "key".repeat(60)).update(text).digest("hex")),
  "createHmac: keys": () => {
    const key = crypto.createSecretKey(Buffer.from("00112233", "hex"));
    return [crypto.createHmac("sha256", key).update("x").digest("hex"), key.type, key.symmetricKeySize, hex(key.export()), key.export({ format: "jwk" })];
  },
  "random": () => {
    const filled = crypto.randomFillSync(new Uint8Array(8));
    const number = crypto.randomInt(5, 8);
    return [crypto.randomBytes(7000).length, crypto.randomUUID().length, filled.some((byte) => byte !== 0), number >= 5 && number < 8];
  },
  "random: callbacks": () => new Promise((done) => crypto.randomBytes(4, (error, bytes) => done([error, bytes.length, Buffer.isBuffer(bytes)]))),
  "timingSafeEqual": () => [crypto.timingSafeEqual(Buffer.from("ab"), Buffer.from("ab")), crypto.timingSafeEqual(Buffer.from("ab"), Buffer.from("ac"))],
  "timingSafeEqual: lengths": () => crypto.timingSafeEqual(Buffer.from("ab"), Buffer.from("a")),
  "pbkdf2": async () => [
    crypto.pbkdf2Sync("password", "salt", 10, 40, "sha512").toString("hex"),
    (await util.promisify(crypto.pbkdf2)("password", "salt", 10, 20, "sha1")).toString("hex"),
  ],
  "scrypt": async () => [
    crypto.scryptSync("password", "salt", 32, { N: 1024, r: 8, p: 2 }).toString("hex"),
    (await util.promisify(crypto.scrypt)("password", "salt", 16)).toString("hex"),
  ],
  "hkdf": async () => [
    hex(crypto.hkdfSync("sha256", "key", "salt", "info", 42)),
    hex(await util.promisify(crypto.hkdf)("sha512", Buffer.from("key"), "", "", 20)),
  ],
  "ciphers": () => ["aes-128-cbc", "aes-256-cbc", "aes-256-ctr", "aes-128-ecb", "aes-256-ecb"].map((name) => {
    const key = Buffer.alloc(Number(name.slice(4, 7)) / 8, 7);
    const iv = name.endsWith("ecb") ? Buffer.alloc(0) : Buffer.alloc(16, 9);
    const cipher = crypto.createCipheriv(name, key, iv);
    const sealed = cipher.update("0123456789", "utf8", "hex") + cipher.update(text, "utf8", "hex") + cipher.final("hex");
    const decipher = crypto.createDecipheriv(name, key, iv);
    return [sealed, decipher.update(sealed, "hex", "utf8") + decipher.final("utf8")];
  }),
  "ciphers: GCM": () => ["aes-128-gcm", "aes-256-gcm"].map((name) => {
    const key = Buffer.alloc(Number(name.slice(4, 7)) / 8, 7);
    const cipher = crypto.createCipheriv(name, key, Buffer.alloc(12, 3));
    cipher.setAAD(Buffer.from("header"));
    const sealed = Buffer.concat([cipher.update(Buffer.from("0123456789")), cipher.update(Buffer.from(text)), cipher.final()]);
    const tag = cipher.getAuthTag();
    const decipher = crypto.createDecipheriv(name, key, Buffer.alloc(12, 3));
    decipher.setAAD(Buffer.from("header"));
    decipher.setAuthTag(tag);
    return [hex(sealed), hex(tag), Buffer.concat([decipher.update(sealed), decipher.final()]).toString()];
  }),
  "sign and verify": () => [["rsa", { modulusLength: 1024 }], ["ec", { namedCurve: "P-256" }], ["ec", { namedCurve: "secp384r1" }]].map(([type, options]) => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync(type, options);
    const signature = crypto.createSign("SHA256").update("text").sign(privateKey);
    const again = crypto.sign("sha384", Buffer.from("text"), privateKey);
    return [
      crypto.createVerify("SHA256").update("text").verify(publicKey, signature), crypto.createVerify("SHA256").update("other").verify(publicKey, signature),
      crypto.verify("sha384", Buffer.from("text"), publicKey, again), privateKey.type, publicKey.asymmetricKeyType,
    ];
  }),
  "sign: what is always the same": () => {
    const rsa = crypto.createPrivateKey({ key: RSA, format: "jwk" });
    const ed = crypto.createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" }, format: "jwk" });
    return [
      crypto.createSign("RSA-SHA256").update(text).sign(rsa, "base64"), crypto.sign(null, Buffer.from(text), ed).toString("base64"),
      crypto.createPublicKey(rsa).export({ type: "spki", format: "pem" }), ed.export({ type: "pkcs8", format: "der" }).toString("hex"),
    ];
  },
  "sign: PSS, P1363": () => {
    const rsa = crypto.createPrivateKey({ key: RSA, format: "jwk" });
    const pss = { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
    const plain = crypto.sign("sha256", Buffer.from("x"), { key: privateKey.export({ type: "pkcs8", format: "pem" }), dsaEncoding: "ieee-p1363" });
    return [
      crypto.verify("sha256", Buffer.from("x"), { key: crypto.createPublicKey(rsa).export({ type: "spki", format: "pem" }), ...pss }, crypto.sign("sha256", Buffer.from("x"), { key: rsa.export({ type: "pkcs8", format: "pem" }), ...pss })),
      plain.length, crypto.verify("sha256", Buffer.from("x"), { key: publicKey.export({ type: "spki", format: "pem" }), dsaEncoding: "ieee-p1363" }, plain),
    ];
  },
  ...Object.fromEntries([["pkcs8", "spki", "rsa"], ["pkcs1", "pkcs1", "rsa"], ["pkcs8", "spki", "ec"], ["sec1", "spki", "ec"], ["pkcs8", "spki", "ed25519"]].map(([type, half, kind]) => [`keys: PEM, ${kind}, ${type}`, () => {
    const made = crypto.generateKeyPairSync(kind, { modulusLength: 1024, namedCurve: "P-256", privateKeyEncoding: { type, format: "pem" }, publicKeyEncoding: { type: half, format: "pem" } });
    const [key, other] = [crypto.createPrivateKey(made.privateKey), crypto.createPublicKey(made.publicKey)];
    return [made.privateKey.split("\n")[0], made.publicKey.split("\n")[0], crypto.createPublicKey(key).equals(other), key.asymmetricKeyDetails.modulusLength];
  }])),
  "crypto: members": () => `Certificate Cipher Cipheriv CryptoKey Decipher Decipheriv DiffieHellman DiffieHellmanGroup ECDH Hash Hmac KeyObject PrivateKeyObject PublicKeyObject SecretKeyObject Sign Verify X509Certificate checkPrime checkPrimeSync constants createCipher createCipheriv createDecipher createDecipheriv createDiffieHellman createDiffieHellmanGroup createECDH createHash createHmac createPrivateKey createPublicKey createSecretKey createSign createVerify fips generateKey generateKeyPair generateKeyPairSync generateKeySync generatePrime generatePrimeSync getCipherInfo getCiphers getCurves getDiffieHellman getFips getHashes getRandomValues hash hkdf hkdfSync pbkdf2 pbkdf2Sync privateDecrypt privateEncrypt pseudoRandomBytes publicDecrypt publicEncrypt randomBytes randomFill randomFillSync randomInt randomUUID scrypt scryptSync secureHeapUsed setEngine setFips sign subtle timingSafeEqual verify webcrypto`
    .split(" ").filter((name) => crypto[name] === undefined),
  "crypto: named": async () => {
    const named = await import("node:crypto");
    return Object.keys(crypto).filter((name) => name !== "default" && named[name] === undefined);
  },
  "ciphers: all of workerd's": () => ["aes-192-cbc", "aes-192-ctr", "aes-192-ecb", "aes-128-ofb", "aes-192-ofb", "aes-256-ofb", "des-ede-cbc", "des-ede3-cbc", "des-cbc", "des-ecb", "AES-128-CBC"].map((name) => {
    const { keyLength, ivLength = 0 } = crypto.getCipherInfo(name);
    const settings = [name, Buffer.alloc(keyLength, "0123456789abcdefghijklmnopqrstuv"), Buffer.alloc(ivLength, 9)];
    const cipher = crypto.createCipheriv(...settings);
    const sealed = cipher.update(text, "utf8", "hex") + cipher.update(text, "utf8", "hex") + cipher.final("hex");
    const decipher = crypto.createDecipheriv(...settings);
    return [keyLength, ivLength, sealed, decipher.update(sealed, "hex", "utf8") + decipher.final("utf8")];
  }),
  "ciphers: GCM, 192 bits, in pieces": () => {
    const settings = ["aes-192-gcm", Buffer.alloc(24, 7), Buffer.alloc(12, 3)];
    const cipher = crypto.createCipheriv(...settings);
    const sealed = Buffer.concat(["0", "123456789abcdefg", text].map((part) => cipher.update(Buffer.from(part))).concat(cipher.final()));
    const decipher = crypto.createDecipheriv(...settings);
    const tag = cipher.getAuthTag();
    decipher.setAuthTag(tag);
    return [hex(sealed), hex(tag), Buffer.concat([...sealed].map((byte) => decipher.update(Buffer.from([byte]))).concat(decipher.final())).toString()];
  },
  "ciphers: chacha20-poly1305": () => {
    const settings = ["chacha20-poly1305", Buffer.alloc(32, 7), Buffer.alloc(12, 3), { authTagLength: 16 }];
    const cipher = crypto.createCipheriv(...settings);
    cipher.setAAD(Buffer.from("header"));
    return [cipher.update(text, "utf8", "hex") + cipher.final("hex"), hex(cipher.getAuthTag())];
  },
  ...Object.fromEntries(Object.entries({
    "wrong tag": (cipher) => (cipher.setAuthTag(Buffer.alloc(16)), cipher.update("aabb", "hex"), cipher.final()), "no tag": (cipher) => (cipher.update("aabb", "hex"), cipher.final()),
    "a tag of 3 bytes": (cipher) => cipher.setAuthTag(Buffer.alloc(3)), "two tags": (cipher) => (cipher.setAuthTag(Buffer.alloc(16)), cipher.setAuthTag(Buffer.alloc(16))),
  }).map(([name, use]) => [`ciphers fail: GCM, ${name}`, () => {
    try {
      return `no error: ${use(crypto.createDecipheriv("aes-128-gcm", Buffer.alloc(16), Buffer.alloc(12)))}`;
    } catch (error) {
      return error instanceof Error;
    }
  }])),
  ...Object.fromEntries([["aes-128-cbc", 32], ["aes-128-cbc", 5]].map(([name, length]) => [`ciphers fail: bad decrypt, ${length} bytes`, () => {
    const decipher = crypto.createDecipheriv(name, Buffer.alloc(16), Buffer.alloc(16));
    decipher.update(Buffer.alloc(length));
    try {
      return decipher.final("hex");
    } catch (error) {
      return error instanceof Error;
    }
  }])),
  "ECDH": () => ["prime256v1", "secp384r1", "secp521r1"].map((curve) => {
    const [one, other] = [crypto.createECDH(curve), crypto.createECDH(curve)];
    one.setPrivateKey(Buffer.alloc(curve === "secp521r1" ? 66 : curve === "secp384r1" ? 48 : 32, 1).fill(0, 0, 2));
    other.generateKeys();
    return [one.getPublicKey("hex"), one.getPublicKey("hex", "compressed"), one.computeSecret(other.getPublicKey(), null, "hex") === other.computeSecret(one.getPublicKey("hex"), "hex", "hex"), crypto.ECDH.convertKey(one.getPublicKey("hex"), curve, "hex", "hex", "compressed")];
  }),
  "Diffie-Hellman": () => {
    const [one, other] = [crypto.getDiffieHellman("modp14"), crypto.createDiffieHellman(crypto.getDiffieHellman("modp14").getPrime(), 2)];
    one.generateKeys();
    other.generateKeys();
    return [one.getPrime("hex"), one.getGenerator("hex"), one.computeSecret(other.getPublicKey()).equals(other.computeSecret(one.getPublicKey()))];
  },
  "primes": () => [
    [0n, 1n, 2n, 3n, 4n, 97n, 2n ** 127n - 1n, 2n ** 129n + 1n].map((number) => crypto.checkPrimeSync(number)), crypto.generatePrimeSync(32, { add: 12n, rem: 11n, bigint: true }) % 12n,
    crypto.checkPrimeSync(crypto.generatePrimeSync(64)), crypto.generatePrimeSync(40, { bigint: true }).toString(2).length,
  ],
  "keys: with a passphrase": () => {
    const { privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-521" });
    const sealed = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "words" });
    const fails = (settings) => { try { return crypto.createPrivateKey(settings).type; } catch { return "fails"; } };
    return [sealed.split("\n")[0], crypto.createPrivateKey({ key: sealed, passphrase: "words" }).equals(privateKey), fails(sealed), fails({ key: sealed, passphrase: "other" })];
  },
  "RSA: encryption": () => {
    const key = crypto.createPrivateKey({ key: RSA, format: "jwk" });
    const [sealed, signed] = [crypto.publicEncrypt(crypto.createPublicKey(key), Buffer.from(text)), crypto.privateEncrypt(key, Buffer.from("x"))];
    return [sealed.length, crypto.privateDecrypt(key, sealed).toString(), hex(signed), crypto.publicDecrypt(crypto.createPublicKey(key), signed).toString()];
  },
  "X25519 keys": () => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("x25519");
    return [publicKey.asymmetricKeyType, privateKey.export({ type: "pkcs8", format: "pem" }).split("\n")[0], publicKey.export({ format: "jwk" }).crv];
  },
  "webcrypto": async () => [webcrypto.subtle === globalThis.crypto.subtle, hex(await crypto.subtle.digest("SHA-256", Buffer.from("x")))],

  // ---- events
  "EventEmitter": async () => {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on("a", (...args) => seen.push(args));
    emitter.once("a", () => seen.push("once"));
    emitter.prependListener("a", () => seen.push("first"));
    emitter.emit("a", 1, 2);
    emitter.emit("a");
    const waited = once(emitter, "b");
    emitter.emit("b", "x");
    return [seen, await waited, emitter.listenerCount("a"), emitter.eventNames(), getEventListeners(emitter, "a").length, emitter.emit("none")];
  },
  "EventEmitter: iterate": async () => {
    const emitter = new EventEmitter();
    process.nextTick(() => ["x", "y"].forEach((one) => emitter.emit("a", one)));
    const seen = [];
    for await (const [value] of on(emitter, "a")) {
      seen.push(value);
      if (seen.length === 2) break;
    }
    return seen;
  },
  "EventEmitter: error": () => new EventEmitter().emit("error", new Error("unheard")),
  "EventEmitter: error without an error": () => new EventEmitter().emit("error", "x"),
  "EventEmitter: no function": () => new EventEmitter().on("a", 5),
  "EventEmitter: as a base": () => {
    function Old() {
      EventEmitter.call(this);
    }
    util.inherits(Old, EventEmitter);
    let heard = 0;
    const old = new Old();
    old.on("x", (n) => (heard += n));
    old.emit("x", 2);
    return [heard, EventEmitter.EventEmitter === EventEmitter, EventEmitter.defaultMaxListeners];
  },

  // ---- util
  "util.format": () => [util.format("%s %d %i %f %j %o %O %%", "a", 1.5, 2.7, "3.5", { a: 1 }, [1], { b: 2 }), util.format("x", 1, { a: [] })],
  "util.inspect": () => [
    util.inspect({ a: 1, b: { c: { d: { e: 1 } } }, f() {}, [Symbol("s")]: 1 }), util.inspect(new Map([["a", new Set([1])]])),
    util.inspect("it's"), util.inspect([1, , 3]), util.inspect(new Error("x")).split("\n")[0], util.inspect(null), util.inspect(Object.create(null)),
    util.inspect(new (class Foo { x = 1; })()), util.inspect({ a: 1n, b: -0, c: undefined }), util.inspect(new Date(0)), util.inspect(/x/g),
    util.inspect({ a: { b: { c: {} } } }, { depth: 0 }), util.inspect("x".repeat(5), { colors: true }), util.inspect([..."abcdefgh"], { compact: false }),
  ],
  "util.inspect: own": () => util.inspect({ [util.inspect.custom]: (depth) => `own ${depth}` }),
  "util.promisify, callbackify": async () => {
    const late = util.promisify((value, done) => process.nextTick(done, null, value));
    const back = util.callbackify(async (x) => x * 2);
    return [await late(4), await new Promise((done) => back(4, (error, value) => done([error, value])))];
  },
  "util: deep equality": () => [
    util.isDeepStrictEqual({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] }), util.isDeepStrictEqual([1], ["1"]),
    util.isDeepStrictEqual(new Set([{ a: 1 }]), new Set([{ a: 1 }])), util.isDeepStrictEqual(NaN, NaN),
  ],
  "util.types": () => [types.isPromise(Promise.resolve()), types.isRegExp(/x/), types.isTypedArray(new Uint8Array()), util.types.isDate(new Date()), types.isMap({}), types.isAsyncFunction(async () => {}), types.isGeneratorFunction(function* () {}), types.isProxy(new Proxy({}, {})), types.isNativeError(new TypeError())],
  "util.parseArgs": () => util.parseArgs({ args: ["-f", "--bar", "b", "rest"], options: { foo: { type: "boolean", short: "f" }, bar: { type: "string" } }, allowPositionals: true }),
  "util: others": () => [
    util.stripVTControlCharacters("\u001b[31mx\u001b[0m"), util.toUSVString("a\ud800"), util.styleText("red", "x"),
    typeof util.debuglog("x"), new util.TextDecoder().decode(new util.TextEncoder().encode("ü")), `${new util.MIMEType("text/html; charset=utf-8")}`,
  ],
  "util.deprecate": () => util.deprecate(() => 5, "old", "DEP1")(),

  // ---- assert
  "assert": () => assert(false),
  "assert.strictEqual": () => assert.strictEqual(1, 2),
  "assert.deepStrictEqual": () => assert.deepStrictEqual({ a: 1 }, { a: 1 }),
  "assert.throws": () => [assert.throws(() => { throw new TypeError("x"); }, TypeError), assertStrict.equal === assert.strictEqual],
  "assert.rejects": async () => assert.rejects(async () => 5),
  "assert.match": () => assert.match("abc", /x/),
  "assert: own message": () => assert.equal(1, 2, "own"),
  "assert.ok(AssertionError)": () => {
    try {
      assert.notStrictEqual(1, 1);
    } catch (error) {
      return [error instanceof assert.AssertionError, error.code, error.actual, error.operator, error.generatedMessage];
    }
  },

  // ---- path, url, querystring, string_decoder, punycode
  "path": () => [
    path.join("/a", "..", "b", "./c"), path.resolve("/a", "b", "../c"), path.basename("/x/y.txt", ".txt"), path.extname("a.b.c"), path.dirname("/a/b"),
    path.relative("/a/b/c", "/a/d"), path.normalize("/a//b/../c/."), path.isAbsolute("a"), path.parse("/home/a.txt"), path.format({ dir: "/x", base: "y" }), path.sep,
    path.posix === posix, path.win32 === win32, win32.join("a", "b"), win32.resolve("C:\\a", "..\\b"), path.resolve("rel"),
  ],
  "path: no string": () => path.join(5),
  "url": () => [
    url.parse("https://u:p@h.example:8080/p/a?q=1#f").host, url.format({ protocol: "https", host: "x.example", pathname: "/a", query: { b: 1 } }),
    url.resolve("http://a.example/b/c", "../d"), url.fileURLToPath("file:///a%20b"), `${url.pathToFileURL("/a b")}`, url.domainToASCII("español.com"),
    url.domainToUnicode("xn--espaol-zwa.com"), url.urlToHttpOptions(new URL("http://a.example/b?c")).path, url.URL === URL,
  ],
  "url.parse": () => ({ ...url.parse("/a?b=1&b=2", true) }),
  "querystring": () => [querystring.parse("a=1&b=2&a=3&c=%20x+y"), querystring.stringify({ a: [1, 2], b: "x y", c: true }), querystring.escape("ü&"), querystring.unescape("%C3%BC")],
  "StringDecoder": () => {
    const decoder = new StringDecoder("utf8");
    const bytes = Buffer.from("€😀");
    return [[...bytes].map((byte) => decoder.write(Buffer.from([byte]))), decoder.end(Buffer.from([0xe2])), new StringDecoder("base64").write(Buffer.from("abcd")), new StringDecoder("utf16le").end(Buffer.from([0x61, 0, 0x62]))];
  },
  "punycode": () => [punycode.encode("mañana"), punycode.decode("maana-pta"), punycode.toASCII("mañana.com"), punycode.toUnicode("xn--maana-pta.com"), punycode.ucs2.decode("a😀")],

  // ---- stream
  "stream: read and write": async () => {
    const written = [];
    const sink = new Writable({ write: (chunk, _encoding, done) => (written.push(chunk.toString()), done()) });
    await pipeline(Readable.from(["a", "b", Buffer.from("c")]), new Transform({ transform: (chunk, _encoding, done) => done(null, `${chunk}`.toUpperCase()) }), sink);
    return [written, sink.writableFinished];
  },
  "stream: iterate, operators": async () => {
    const source = Readable.from([1, 2, 3, 4, 5]);
    return source.filter((n) => n % 2).map((n) => n * 10).toArray();
  },
  "stream: objects, back pressure": async () => {
    const pass = new PassThrough({ objectMode: true, highWaterMark: 1 });
    return [pass.write({ a: 1 }), pass.write({ a: 2 }), pass.readableLength + pass.writableLength, pass.read(), pass.read()];
  },
  "stream: errors": async () => {
    const source = new Readable({ read() { this.destroy(new Error("broken")); } });
    return pipeline(source, new PassThrough());
  },
  "stream: write after end": async () => {
    const pass = new PassThrough();
    pass.end();
    return new Promise((done, fail) => pass.on("error", fail).write("x"));
  },
  "stream: finished, duplex": async () => {
    const duplex = Duplex.from(async function* (source) {
      for await (const chunk of source) yield `${chunk}!`;
    });
    duplex.end("x");
    const read = [];
    duplex.on("data", (chunk) => read.push(`${chunk}`));
    await finished(duplex);
    return [read, stream.isErrored(duplex), stream === stream.Stream];
  },
  "stream: the web's": async () => {
    const readable = Readable.toWeb(Readable.from([Buffer.from("a"), Buffer.from("b")]));
    const back = Readable.fromWeb(new Response("web").body);
    return [await new Response(readable).text(), await consumers.text(back), web.ReadableStream === ReadableStream];
  },
  "stream: consumers": async () => [await consumers.json(Readable.from(['{"a":', "1}"])), (await consumers.buffer(Readable.from([Buffer.from("x")]))).toString()],
  "stream: compose": async () => (await stream.compose(Readable.from(["a", "b"]), async function* (source) { for await (const one of source) yield one + one; }).toArray()).map(String),
  "stream: setEncoding, unshift, pause": async () => {
    const source = new Readable({ read() {} });
    source.setEncoding("utf8");
    const bytes = Buffer.from("€");
    source.push(bytes.subarray(0, 1));
    source.push(bytes.subarray(1));
    source.push(null);
    const seen = [];
    for await (const chunk of source) seen.push(chunk);
    return [seen, source.readableEnded, source.destroyed];
  },

  // ---- zlib
  "zlib": () => {
    const long = Buffer.from(text.repeat(500));
    return [
      [zlib.gzipSync, zlib.gunzipSync], [zlib.deflateSync, zlib.inflateSync], [zlib.deflateRawSync, zlib.inflateRawSync],
      [zlib.brotliCompressSync, zlib.brotliDecompressSync], [zlib.gzipSync, zlib.unzipSync], [zlib.deflateSync, zlib.unzipSync],
    ].map(([pack, unpack]) => unpack(pack(long)).equals(long));
  },
  "zlib: what others packed": () => [
    zlib.gunzipSync(Buffer.from("H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==", "base64")).toString(),
    zlib.inflateSync(Buffer.from("eJzLSM3JyVcozy/KSQEAGgsEXQ==", "base64")).toString(),
    zlib.brotliDecompressSync(Buffer.from("CwWAaGVsbG8gd29ybGQD", "base64")).toString(),
  ],
  "zlib: callbacks": async () => {
    const packed = await util.promisify(zlib.gzip)("hello", { level: 9 });
    return (await util.promisify(zlib.gunzip)(packed)).toString();
  },
  "zlib: streams": async () => {
    const packed = Readable.from([text, text]).pipe(zlib.createGzip()).pipe(zlib.createGunzip());
    return consumers.text(packed);
  },
  "zlib: members, dictionaries, chunks": () => {
    const two = Buffer.concat([zlib.gzipSync("a"), zlib.gzipSync("b")]);
    const dictionary = Buffer.from("hello world");
    const packed = zlib.deflateSync("hello world", { dictionary });
    const small = zlib.inflateSync(zlib.deflateSync("x".repeat(5000)), { chunkSize: 64 });
    return [zlib.gunzipSync(two).toString(), zlib.inflateSync(packed, { dictionary }).toString(), small.length];
  },
  "zlib: zstd": async () => {
    const packed = zlib.zstdCompressSync(text);
    const level = zlib.constants.ZSTD_c_compressionLevel;
    const best = zlib.zstdCompressSync("x".repeat(100_000), { params: { [level]: 19 } });
    const unpacked = await new Promise((done) => zlib.zstdDecompress(best, (_error, data) => done(data)));
    const piped = Readable.from([text, text]).pipe(zlib.createZstdCompress()).pipe(zlib.createZstdDecompress());
    const two = Buffer.concat([packed, zlib.zstdCompressSync("b")]);
    return [
      hex(packed.subarray(0, 4)), zlib.zstdDecompressSync(packed).toString() === text, unpacked.length, best.length < 100,
      (await consumers.text(piped)) === text + text, zlib.zstdDecompressSync(two).toString() === `${text}b`,
      zlib.zstdDecompressSync(packed, { chunkSize: 64 }).toString() === text,
    ];
  },
  "zlib: zstd, not packed": () => zlib.zstdDecompressSync(Buffer.from("nothing of that kind")),
  "zlib: zstd, cut off": () => zlib.zstdDecompressSync(zlib.zstdCompressSync("hello world").subarray(0, 12)),
  "zlib: zstd, parameters": () => zlib.zstdCompressSync("a", { params: { 9999: 1 } }),
  "zlib: not packed": () => zlib.gunzipSync(Buffer.from("nothing of that kind")),
  "zlib: cut off": () => zlib.gunzipSync(zlib.gzipSync("hello world").subarray(0, 12)),
  "zlib.crc32": () => [zlib.crc32("hello"), zlib.crc32(Buffer.from("world"), zlib.crc32("hello "))],
  "zlib: constants": () => [zlib.constants.Z_BEST_COMPRESSION, zlib.constants.BROTLI_PARAM_QUALITY, zlib.codes?.Z_DATA_ERROR],

  // ---- others
  "diagnostics_channel": () => {
    const channel = diagnostics.channel("c");
    const seen = [];
    const hear = (message, name) => seen.push([message, name]);
    channel.subscribe(hear);
    channel.publish({ a: 1 });
    diagnostics.unsubscribe("c", hear);
    channel.publish({ a: 2 });
    return [seen, channel.hasSubscribers];
  },
  "diagnostics_channel: tracing": async () => {
    const seen = [];
    const channels = diagnostics.tracingChannel("t");
    channels.subscribe({ start: () => seen.push("start"), end: () => seen.push("end"), asyncStart: () => seen.push("asyncStart"), asyncEnd: () => seen.push("asyncEnd"), error: () => seen.push("error") });
    await channels.tracePromise(async () => 5, {});
    return seen;
  },
  "module": () => [isBuiltin("node:path"), isBuiltin("path"), isBuiltin("left-pad"), module.builtinModules.includes("crypto"), createRequire("/x/")("node:path") === path],
  "module: not built in": () => createRequire("/x/")("left-pad"),
  "os": () => [os.EOL, os.platform(), os.type(), os.endianness(), os.cpus().length],
  "os: the machine": () => [os.arch(), os.hostname(), os.homedir(), os.tmpdir(), os.machine(), os.release(), os.version(), os.userInfo(), os.networkInterfaces(), os.loadavg(), os.availableParallelism(), os.getPriority(), os.freemem(), os.constants.signals.SIGTERM, os.devNull],
  "os: arguments": () => os.setPriority("x"),
  "util: of old": () => [util.isArray([]), util.isBuffer(Buffer.alloc(1)), util.isDate(new Date()), util.isError(new Error()), util.isPrimitive({}), util.isRegExp(/x/), util.isNullOrUndefined(undefined), util.isObject(null), util.isString("")],
  "util.parseEnv": () => util.parseEnv("A=1\nB='two # x' # c\nexport C=three # c\n#D=4\nE=\"a\\nb\"\n"),
  "module: of old": () => [module.constants, module.globalPaths, module.getSourceMapsSupport(), Object.keys(module._extensions)],
  "module: not implemented": () => module.register(),
  "module: the class of old": () => [typeof module.prototype.require, typeof module.prototype.load, module.prototype.isPreloading, module.Module === module],
  "module: none can be made": () => new module("a"),
  "module: its prototype can be changed": () => {
    const before = module.prototype.require;
    module.prototype.require = (name) => `required ${name}`;
    const changed = module.prototype.require("a");
    module.prototype.require = before;
    return changed;
  },
  "console": () => [typeof consoleModule.log, consoleModule.log === console.log],
  "constants": () => [nodeConstants.SIGTERM, nodeConstants.ENOENT, nodeConstants.O_RDONLY],
};

function shown(value) {
  return value === undefined ? null : JSON.parse(JSON.stringify(value, (_key, one) => (typeof one === "bigint" ? `${one}n` : one)) ?? "null");
}

async function run(code) {
  try {
    return shown(await code());
  } catch (error) {
    return `${error.name} ${error.code}: ${error.message}`;
  }
}

export default {
  async fetch() {
    const answers = {};
    for (const name in cases) answers[name] = await run(cases[name]);
    return Response.json(answers);
  },
};
