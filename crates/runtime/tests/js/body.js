// Bodies: what they are made of, how they are read, what can be done with them once.

const USED = "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";
const LOCKED = "This ReadableStream is currently locked to a reader.";
// With workerd's comma.
const NOT_CLONEABLE = "This ReadableStream is currently locked to a reader,";

test("kinds of bodies", async () => {
  const read = (body) => new Response(body).text();
  equal(await read("é"), "é");
  equal(await read(bytes("ab")), "ab");
  equal(await read(bytes("abcd").buffer), "abcd");
  equal(await read(new Uint16Array([0x4241])), "AB");
  equal(await read(new DataView(bytes("abcd").buffer, 1, 2)), "bc");
  equal(await read(new Blob(["a", "b"])), "ab");
  equal(await read(new URLSearchParams("a=1&b=2")), "a=1&b=2");
  equal(await read(null), "");
  equal(await read(5), "5");
});

test("iterables of bytes", async () => {
  equal(await new Response([bytes("x"), bytes("y").buffer]).text(), "xy");
  equal(await new Response((async function* () { yield new Uint16Array([0x4241]); })()).text(), "AB");
  await throws(() => new Response([1]).text(), "TypeError", "This ReadableStream did not return bytes.");
});

test("streams of any bytes, and of nothing else", async () => {
  const stream = (chunk) => new ReadableStream({ start(controller) { controller.enqueue(chunk); controller.close(); } });
  equal(await new Response(stream(bytes("ab").buffer)).text(), "ab");
  equal(await new Response(stream(new DataView(bytes("ab").buffer))).text(), "ab");
  await throws(() => new Response(stream("text")).text(), "TypeError", "This ReadableStream did not return bytes.");
});

test("a body is a stream of bytes", async () => {
  const reader = new Response("abcdef").body.getReader({ mode: "byob" });
  equal(text((await reader.read(new Uint8Array(4))).value), "abcd");
  equal(text((await reader.read(new Uint8Array(4))).value), "ef");
  equal((await reader.read(new Uint8Array(4))).done, true);
  const empty = new Response("").body.getReader({ mode: "byob" });
  equal((await empty.read(new Uint8Array(1))).done, true);
});

test("readAtLeast", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const written = (async () => {
    for (const part of ["a", "b", "c"]) await writer.write(bytes(part));
    await writer.close();
  })();
  const reader = readable.getReader({ mode: "byob" });
  const two = await reader.readAtLeast(2, new Uint8Array(8));
  equal([text(two.value), two.done], ["ab", false]);
  const rest = await reader.readAtLeast(2, new Uint8Array(8));
  equal(text(rest.value), "c");
  await written;
});

test("read once", async () => {
  const response = new Response("x");
  await response.text();
  equal(response.bodyUsed, true);
  await throws(() => response.text(), "TypeError", USED);
  await throws(() => response.clone(), "TypeError", NOT_CLONEABLE);
  await throws(() => new Response(response.body), "TypeError", "This ReadableStream is disturbed (has already been read from), and cannot be used as a body.");
});

test("a locked body", async () => {
  const response = new Response("x");
  const reader = response.body.getReader();
  await throws(() => response.text(), "TypeError", LOCKED);
  await throws(() => response.clone(), "TypeError", NOT_CLONEABLE);
  reader.releaseLock();
  equal(await response.text(), "x");
});

test("a body that was passed on is one body", async () => {
  const first = new Response("abc");
  const second = new Response(first.body);
  equal(await second.text(), "abc");
  equal([first.bodyUsed, second.bodyUsed], [true, true]);
  await throws(() => first.text(), "TypeError", USED);
  const third = new Response("abc");
  const fourth = new Response(third.body);
  await third.text();
  await throws(() => fourth.text(), "TypeError", USED);
});

test("clones do not share bytes", async () => {
  const response = new Response(bytes("abc"));
  const second = response.clone();
  (await response.bytes())[0] = 0;
  equal(await second.text(), "abc");
  const request = new Request("http://h", { method: "POST", body: "abc" });
  equal([await request.clone().text(), await request.text()], ["abc", "abc"]);
});

test("tee", async () => {
  const [a, b] = new Response("abc").body.tee();
  equal([await new Response(a).text(), await new Response(b).text()], ["abc", "abc"]);
});

test("content types", () => {
  const type = (body) => new Response(body).headers.get("content-type");
  equal(type("x"), "text/plain;charset=UTF-8");
  equal(type(new URLSearchParams("a=1")), "application/x-www-form-urlencoded;charset=UTF-8");
  equal(type(new Blob(["x"], { type: "text/x" })), "text/x");
  equal(type(new Blob(["x"])), null);
  equal(type(bytes("x")), null);
  equal(type(new Response("x").body), null);
  ok(type(new FormData()).startsWith("multipart/form-data; boundary="));
});

test("ways of reading", async () => {
  const of = (body) => new Response(body);
  equal(await of('{"a":1}').json(), { a: 1 });
  equal(await of(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)).json(), 1);
  equal(await of("ab").arrayBuffer(), bytes("ab").buffer);
  equal(await of("ab").bytes(), bytes("ab"));
  equal((await of(Uint8Array.of(0xef, 0xbb, 0xbf, 65)).text()).length, 1);
  const blob = await new Response("ab", { headers: { "content-type": "text/HTML" } }).blob();
  equal([blob.size, blob.type], [2, "text/html"]);
  await throws(() => of("{").json(), "SyntaxError");
});

test("form data over the wire", async () => {
  const form = new FormData();
  form.append("text", "line1\nline2");
  form.append('q"', "é");
  form.append("file", new File(["content"], "n.txt", { type: "text/plain" }));
  form.append("blob", new Blob(["data"]));
  const back = await new Response(form).formData();
  equal([back.get("text"), back.get("q%22")], ["line1\nline2", "é"]);
  const file = back.get("file");
  equal([file.name, file.type, await file.text()], ["n.txt", "text/plain", "content"]);
  equal([back.get("blob").name, back.get("blob").type], ["blob", "application/octet-stream"]);
});

test("a blob in a form is a file of the field's name", async () => {
  const form = new FormData();
  form.append("field", new Blob(["x"]));
  form.set("other", new Blob(["x"]), "given.bin");
  equal([form.get("field").name, form.get("other").name], ["field", "given.bin"]);
  ok(form.get("field") instanceof File);
  await throws(() => form.append("a"), "TypeError");
});

test("form data of the wrong type", async () => {
  const read = (type, body = "x") => new Response(bytes(body), type && { headers: { "content-type": type } }).formData();
  await throws(() => read(), "TypeError", "Parsing a Body as FormData requires a Content-Type header.");
  await throws(() => read("text/plain"), "TypeError", "Unrecognized Content-Type header value. FormData can only parse the following MIME types: multipart/form-data, application/x-www-form-urlencoded");
  await throws(() => read("multipart/form-data"), "TypeError");
  await throws(() => read("multipart/form-data; boundary=B"), "TypeError");
  equal([...await read("application/x-www-form-urlencoded", "a=1&b=two+words")], [["a", "1"], ["b", "two words"]]);
});
