// IdentityTransformStream, FixedLengthStream, compression, and streams in general.

test("identity passes bytes", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const read = new Response(readable).text();
  await writer.write(bytes("ab"));
  await writer.write(bytes("cd").buffer);
  await writer.write(new Uint8Array(0));
  await writer.close();
  equal(await read, "abcd");
});

test("a write is done when it was read", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  let written = false;
  const write = writer.write(bytes("abcdef")).then(() => written = true);
  await wait();
  equal(written, false);
  const reader = readable.getReader({ mode: "byob" });
  equal(text((await reader.read(new Uint8Array(4))).value), "abcd");
  await wait();
  equal(written, false);
  equal(text((await reader.read(new Uint8Array(4))).value), "ef");
  await write;
  writer.close();
  equal((await reader.read(new Uint8Array(4))).done, true);
});

test("identity takes no strings", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const read = new Response(readable).text();
  read.catch(() => {});
  const message = "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.";
  await throws(() => writable.getWriter().write("text"), "TypeError", message);
  await throws(() => read, "TypeError", message);
});

test("identity in pipes", async () => {
  const source = () => new Response("hello").body;
  equal(await new Response(source().pipeThrough(new IdentityTransformStream())).text(), "hello");
  const stream = new IdentityTransformStream();
  const piped = source().pipeTo(stream.writable);
  equal(await new Response(stream.readable).text(), "hello");
  await piped;
  ok(stream instanceof TransformStream);
});

test("identity ends with either side", async () => {
  const cancelled = new IdentityTransformStream();
  const writer = cancelled.writable.getWriter();
  const write = writer.write(bytes("x"));
  await cancelled.readable.cancel(new RangeError("no"));
  await throws(() => write, "RangeError", "no");
  const aborted = new IdentityTransformStream();
  const read = new Response(aborted.readable).text();
  aborted.writable.abort(new RangeError("stop"));
  await throws(() => read, "RangeError", "stop");
});

test("fixed length", async () => {
  const stream = new FixedLengthStream(5);
  const writer = stream.writable.getWriter();
  const read = new Response(stream.readable).text();
  await writer.write(bytes("hello"));
  await writer.close();
  equal(await read, "hello");
  ok(stream instanceof IdentityTransformStream);
});

test("fixed length: too much, too little, wrong", async () => {
  const more = new FixedLengthStream(2);
  new Response(more.readable).text().catch(() => {});
  await throws(() => more.writable.getWriter().write(bytes("abc")), "TypeError", "Attempt to write too many bytes through a FixedLengthStream.");
  const less = new FixedLengthStream(5);
  const read = new Response(less.readable).text();
  read.catch(() => {});
  const writer = less.writable.getWriter();
  await writer.write(bytes("abc"));
  const message = "FixedLengthStream did not see all expected bytes before close().";
  await throws(() => writer.close(), "TypeError", message);
  await throws(() => read, "TypeError", message);
  for (const length of [-1, 1.5, NaN, 2 ** 53]) await throws(() => new FixedLengthStream(length), "TypeError");
  equal(new FixedLengthStream(3n).readable.locked, false);
});

test("compression", async () => {
  for (const format of ["gzip", "deflate", "deflate-raw"]) {
    const packed = await new Response(new Response("hello ".repeat(100)).body.pipeThrough(new CompressionStream(format))).bytes();
    ok(packed.length < 100);
    equal((await new Response(new Response(packed).body.pipeThrough(new DecompressionStream(format))).text()).length, 600);
    const cut = new Response(packed.slice(0, -5)).body.pipeThrough(new DecompressionStream(format));
    await throws(() => new Response(cut).text(), "TypeError");
    if (format === "gzip") continue;
    const junk = new Response(new Blob([packed, "junk"])).body.pipeThrough(new DecompressionStream(format));
    await throws(() => new Response(junk).text(), "TypeError");
  }
  await throws(() => new CompressionStream("nope"), "TypeError");
});

test("ReadableStream.from", async () => {
  equal(await collect(ReadableStream.from([1, 2])), [1, 2]);
  equal(await collect(ReadableStream.from((async function* () { yield "a"; })())), ["a"]);
});

test("pipes", async () => {
  const got = [];
  const sink = () => new WritableStream({ write: (chunk) => void got.push(chunk), close: () => void got.push("end") });
  await ReadableStream.from([1, 2]).pipeTo(sink());
  equal(got, [1, 2, "end"]);
  const controller = new AbortController();
  const pipe = new ReadableStream({ async pull(c) { await wait(1); c.enqueue(1); } }).pipeTo(new WritableStream(), { signal: controller.signal });
  controller.abort(new RangeError("stop"));
  await throws(() => pipe, "RangeError", "stop");
});

test("text streams", async () => {
  const halves = [Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0x8e, 0x89, 0x61)];
  equal((await collect(ReadableStream.from(halves).pipeThrough(new TextDecoderStream()))).join(""), "🎉a");
  const encoded = await collect(ReadableStream.from(["\ud83c", "\udf89"]).pipeThrough(new TextEncoderStream()));
  equal(encoded.flatMap((chunk) => [...chunk]), [0xf0, 0x9f, 0x8e, 0x89]);
});

test("a string as a source", async () => {
  equal(await collect(ReadableStream.from("a🎉")), ["a", "🎉"]);
  await throws(() => ReadableStream.from(5), "TypeError");
});
