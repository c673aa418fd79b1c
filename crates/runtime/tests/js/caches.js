// The Cache API. Messages and classes are those of workerd 2026-07-30.

let next = 0;
const url = () => `http://cache.test/${next++}`;
const kept = (body, headers = {}, init = {}) =>
  new Response(body, { ...init, headers: { "cache-control": "max-age=100", ...headers } });
const found = async (key) => await (await caches.default.match(key))?.text();

test("arguments", async () => {
  const cache = caches.default;
  const wrong = (method, index, type, of = "Cache") =>
    `Failed to execute '${method}' on '${of}': parameter ${index} is not of type '${type}'.`;
  for (const method of ["match", "put", "delete"]) {
    await throws(() => cache[method](), "TypeError", wrong(method, 1, "Request or string"));
    await throws(() => cache[method]("/x", kept("")), "TypeError", "Invalid URL: /x");
    const badUrl = "Invalid URL. Cache API keys must be fully-qualified, valid URLs.";
    for (const bad of ["data:text/plain,a", "http://u:p@h/"]) {
      await throws(() => cache[method](bad, kept("")), "TypeError", badUrl);
    }
    await throws(() => cache[method]("ftp://h/", kept("")), "TypeError", "Fetch API cannot load: ftp://h/");
  }
  await throws(() => cache.put(url()), "TypeError", wrong("put", 2, "Response"));
  await throws(() => cache.put(url(), "x"), "TypeError", wrong("put", 2, "Response"));
  for (const method of ["match", "delete"]) {
    await throws(() => cache[method](url(), 5), "TypeError", wrong(method, 2, "CacheQueryOptions"));
    ok(!(await cache[method](url(), null)));
  }
  await throws(() => caches.open(), "TypeError", wrong("open", 1, "string", "CacheStorage"));
  await throws(() => caches.open("é".repeat(512)), "TypeError", "Cache name is too long.");
  ok(await caches.open("a".repeat(1023)) instanceof Cache);
});

test("classes", async () => {
  for (const type of [Cache, CacheStorage]) await throws(() => new type(), "TypeError", "Illegal constructor");
  equal([String(caches), String(caches.default)], ["[object CacheStorage]", "[object Cache]"]);
  ok(caches.default === caches.default);
  ok(await caches.open("x") !== await caches.open("x"));
  const missing = (name, type) => `Failed to execute '${name}' on '${type}': the method is not implemented.`;
  for (const name of ["add", "addAll", "matchAll", "keys"]) {
    await throws(() => caches.default[name]("http://h/"), "Error", missing(name, "Cache"));
  }
  for (const name of ["match", "has", "delete", "keys"]) {
    await throws(() => caches[name]("a"), "Error", missing(name, "CacheStorage"));
  }
  await throws(() => Cache.prototype.match.call({}, "http://h/"), "TypeError");
});

test("what cannot be put", async () => {
  const put = (response, key = url()) => caches.default.put(key, response);
  const cannot = "Cannot cache response to non-GET request.";
  for (const method of ["POST", "HEAD"]) await throws(() => put(kept(""), new Request(url(), { method })), "TypeError", cannot);
  await throws(() => put(kept("", {}, { status: 206 })), "TypeError", "Cannot cache response to a range request (206 Partial Content).");
  await throws(() => put(kept("", { vary: "accept, *" })), "TypeError", "Cannot cache response with 'Vary: *' header.");
  await throws(() => put(Response.error()), "TypeError", "Cache is unable to store an error response");
  const used = kept("a");
  await used.text();
  await throws(() => put(used), "TypeError", "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");
  const pair = new WebSocketPair();
  await throws(() => put(new Response(null, { status: 101, webSocket: pair[0] })), "TypeError");
  const unread = kept(null, {}, { status: 304 });
  equal([await put(unread), unread.bodyUsed], [undefined, false]);
});

test("a body is used up as soon as it is put", async () => {
  for (const body of ["text", bytes("bytes"), new Blob(["blob"]), new Response("stream").body]) {
    const response = kept(body);
    const key = url();
    const putting = caches.default.put(key, response);
    ok(response.bodyUsed);
    equal(await putting, undefined);
    ok((await found(key)).length > 3);
  }
  const clone = kept("twice");
  const key = url();
  await caches.default.put(key, clone.clone());
  equal([clone.bodyUsed, await clone.text(), await found(key), await found(key)], [false, "twice", "twice", "twice"]);
});

test("the error of a body is the error of put", async () => {
  const error = new RangeError("no more");
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes("begun"));
    },
    pull(controller) {
      controller.error(error);
    },
  });
  const key = url();
  ok(await throws(() => caches.default.put(key, kept(body)), "RangeError", "no more") === error);
  equal(await found(key), undefined);
});

test("a body that arrives slowly is seen when it is complete", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const key = url();
  const putting = caches.default.put(key, kept(readable));
  const writer = writable.getWriter();
  await writer.write(bytes("one "));
  await wait(5);
  equal(await found(key), undefined);
  await writer.write(bytes("two"));
  await writer.close();
  await putting;
  equal(await found(key), "one two");
});

test("what is not stored is read to its end and leaves what is there", async () => {
  const key = url();
  await caches.default.put(key, kept("old"));
  const { readable, writable } = new IdentityTransformStream();
  const putting = caches.default.put(key, new Response(readable, { headers: { "cache-control": "no-store" } }));
  const writer = writable.getWriter();
  for (let i = 0; i < 3; i++) await writer.write(bytes("new"));
  await writer.close();
  equal([await putting, await found(key)], [undefined, "old"]);
});

test("keys", async () => {
  const cache = caches.default;
  const key = url();
  await cache.put(`${key}?b=1&a=2#part`, kept("1"));
  equal([await found(`${key}?b=1&a=2`), await found(`${key}?a=2&b=1`), await found(key)], ["1", undefined, undefined]);
  equal(await found(key.replace("cache.test", "CACHE.test") + "?b=1&a=2#x"), "1");
  equal(await found(new URL(`${key}?b=1&a=2`)), "1");
  await cache.put(new Request(url(), { cf: { cacheKey: "mine" } }), kept("2"));
  equal(await found(new Request(url(), { cf: { cacheKey: "mine" } })), "2");
  const named = await caches.open("named");
  await named.put(key, kept("3"));
  equal([await found(key), await (await (await caches.open("named")).match(key)).text()], [undefined, "3"]);
  const post = new Request(`${key}?b=1&a=2`, { method: "POST" });
  equal(await cache.match(post), undefined);
  equal(await (await cache.match(post, { ignoreMethod: true })).text(), "1");
  equal([await cache.delete(post), await cache.delete(post, { ignoreMethod: true })], [false, true]);
});

test("what is found", async () => {
  const key = url();
  const headers = { "x-a": "1", "content-length": "99", date: "Tue, 13 Sep 2022 12:00:00 GMT", etag: '"v"', age: "7" };
  await caches.default.put(key, kept("body", headers, { status: 404, statusText: "Nope" }));
  const response = await caches.default.match(key);
  const { status, statusText, redirected, type } = response;
  equal([status, statusText, response.url, redirected, type], [404, "Not Found", "", false, "default"]);
  equal([...response.headers], [
    ["age", "7"], ["cache-control", "max-age=100"], ["cf-cache-status", "HIT"], ["content-length", "4"],
    ["content-type", "text/plain;charset=UTF-8"], ["date", headers.date], ["etag", '"v"'], ["x-a", "1"],
  ]);
  await throws(() => response.headers.set("a", "b"), "TypeError", "Can't modify immutable headers.");
  const copy = new Response(response.body, response);
  copy.headers.set("a", "b");
  equal([await copy.text(), copy.headers.get("x-a")], ["body", "1"]);
});

test("conditions and ranges", async () => {
  const key = url();
  await caches.default.put(key, kept("0123456789", { etag: '"v"' }));
  const of = async (headers) => {
    const response = await caches.default.match(new Request(key, { headers }));
    return [response.status, response.headers.get("content-range"), await response.text()];
  };
  equal(await of({ range: "bytes=2-4" }), [206, "bytes 2-4/10", "234"]);
  equal(await of({ range: "bytes=10-" }), [416, "bytes */10", ""]);
  equal(await of({ range: "bytes=0-1,4-5" }), [200, null, "0123456789"]);
  equal(await of({ range: "bytes=2-4", "if-none-match": '"v"' }), [304, null, ""]);
  equal(await of({ "if-none-match": '"w"' }), [200, null, "0123456789"]);
});
