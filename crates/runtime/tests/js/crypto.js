// Web Crypto, and what Workers add to it.

const S = crypto.subtle;

test("digests", async () => {
  equal(hex(await S.digest("MD5", bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  equal(hex(await S.digest({ name: "md5" }, bytes("").buffer)), "d41d8cd98f00b204e9800998ecf8427e");
  equal(hex(await S.digest("sha-1", bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  ok((await S.digest("SHA-256", bytes("x"))) instanceof ArrayBuffer);
  await throws(() => S.digest("MD5", "abc"), "TypeError");
  await throws(() => S.digest("SHA-7", bytes("x")), "NotSupportedError");
  await throws(() => S.digest("MD5"), "TypeError");
});

test("DigestStream", async () => {
  for (const [algorithm, expected] of [["MD5", "900150983cd24fb0d6963f7d28e17f72"], ["SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"], [{ name: "SHA-256" }, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]]) {
    const stream = new crypto.DigestStream(algorithm);
    const writer = stream.getWriter();
    await writer.write(bytes("a"));
    await writer.write("b");
    await writer.write(bytes("c").buffer);
    await writer.close();
    equal([hex(await stream.digest), stream.bytesWritten], [expected, 3n]);
  }
});

test("DigestStream in a pipe, with the lengths of WebCrypto", async () => {
  for (const name of ["SHA-384", "SHA-512"]) {
    const stream = new crypto.DigestStream(name);
    await new Response("abc").body.pipeTo(stream);
    equal(hex(await stream.digest), hex(await S.digest(name, bytes("abc"))));
    ok(stream instanceof WritableStream);
  }
});

test("DigestStream fails", async () => {
  await throws(() => new crypto.DigestStream("nope"), "NotSupportedError");
  await throws(() => new crypto.DigestStream("SHA-1").getWriter().write(5), "TypeError", "DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.");
  const aborted = new crypto.DigestStream("SHA-1");
  await aborted.abort(new RangeError("stop"));
  await throws(() => aborted.digest, "RangeError", "stop");
  const disposed = new crypto.DigestStream("SHA-1");
  disposed[Symbol.dispose]();
  await throws(() => disposed.digest, "TypeError", "The DigestStream was disposed.");
});

test("timingSafeEqual", async () => {
  equal([S.timingSafeEqual(bytes("ab"), bytes("ab").buffer), S.timingSafeEqual(bytes("ab"), bytes("ac")), S.timingSafeEqual(new Uint8Array(0), new Uint8Array(0))], [true, false, true]);
  await throws(() => S.timingSafeEqual(bytes("a"), bytes("ab")), "TypeError", "Input buffers must have the same byte length.");
  await throws(() => S.timingSafeEqual("a", "a"), "TypeError");
});

test("random values", async () => {
  const array = new Uint8Array(32);
  equal(crypto.getRandomValues(array) === array, true);
  ok(array.some((byte) => byte !== 0));
  await throws(() => crypto.getRandomValues(new Uint8Array(65537)), "QuotaExceededError");
  await throws(() => crypto.getRandomValues(new Float32Array(2)), "TypeMismatchError");
  await throws(() => crypto.getRandomValues([1]), "TypeError");
  const ids = new Set(Array.from({ length: 300 }, () => crypto.randomUUID()));
  equal(ids.size, 300);
  ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test([...ids][0]));
});

test("keys", async () => {
  const hmac = await S.importKey("raw", bytes("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const signature = await S.sign("HMAC", hmac, bytes("m"));
  equal(await S.verify("HMAC", hmac, signature, bytes("m")), true);
  await throws(() => S.exportKey("raw", hmac), "InvalidAccessError");
  const aes = await S.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const iv = new Uint8Array(12);
  const sealed = new Uint8Array(await S.encrypt({ name: "AES-GCM", iv }, aes, bytes("hi")));
  equal(text(await S.decrypt({ name: "AES-GCM", iv }, aes, sealed)), "hi");
  sealed[0] ^= 1;
  await throws(() => S.decrypt({ name: "AES-GCM", iv }, aes, sealed), "OperationError");
  const pair = await S.generateKey("Ed25519", true, ["sign", "verify"]);
  const signed = await S.sign("Ed25519", pair.privateKey, bytes("m"));
  equal(await S.verify("Ed25519", pair.publicKey, signed, bytes("m")), true);
  await throws(() => structuredClone(aes), "DataCloneError");
});
