// Request: construction, copies, and what only Workers' have.

test("defaults", () => {
  const request = new Request("http://h/p?q#f");
  const { url, method, body, bodyUsed, redirect, keepalive, integrity, cache, cf, fetcher } = request;
  equal({ url, method, body, bodyUsed, redirect, keepalive, integrity, cache, cf, fetcher }, {
    url: "http://h/p?q#f", method: "GET", body: null, bodyUsed: false, redirect: "follow", keepalive: false,
    integrity: "", cache: undefined, cf: undefined, fetcher: null,
  });
  ok(request.signal instanceof AbortSignal);
  equal(["mode", "credentials", "referrer", "destination"].filter((name) => name in request), []);
});

test("methods", async () => {
  for (const method of ["get", "Patch", "PROPFIND", "m-search", "trace"]) {
    equal(new Request("http://h", { method }).method, method.toUpperCase());
  }
  for (const method of ["CONNECT", "TRACK", "custom", "a b", ""]) {
    await throws(() => new Request("http://h", { method }), "TypeError", `Invalid HTTP method string: ${method}`);
  }
});

test("redirect and cache modes", async () => {
  equal(["follow", "manual", "MANUAL"].map((redirect) => new Request("http://h", { redirect }).redirect), ["follow", "manual", "manual"]);
  await throws(() => new Request("http://h", { redirect: "error" }), "TypeError");
  equal(["no-store", "no-cache", "reload"].map((cache) => new Request("http://h", { cache }).cache), ["no-store", "no-cache", "reload"]);
  await throws(() => new Request("http://h", { cache: "default" }), "TypeError", "Unsupported cache mode: default");
});

test("options of browsers are ignored", () => {
  const request = new Request("http://h", { mode: "nope", credentials: "nope", referrer: "nope", keepalive: true, duplex: "half", priority: 5, window: null, client: {} });
  equal(request.url, "http://h/");
});

test("integrity is refused", async () => {
  equal(new Request("http://h", { integrity: "" }).integrity, "");
  await throws(() => new Request("http://h", { integrity: "sha256-x" }), "TypeError");
});

test("cf", async () => {
  const cf = { cacheTtl: 5 };
  const request = new Request("http://h", { cf });
  equal(request.cf, cf);
  equal(request.cf === cf, false);
  equal([new Request(request).cf, request.clone().cf], [cf, cf]);
  equal(new Request(request, { cf: { a: 1 } }).cf, { a: 1 });
  await throws(() => new Request("http://h", { cf: { cacheControl: "x", cacheTtl: 1 } }), "TypeError");
});

test("URLs", async () => {
  equal(new Request("HTTP://H:80/a b").url, "http://h/a%20b");
  equal(new Request(new URL("http://u:p@h/x")).url, "http://u:p@h/x");
  await throws(() => new Request("nope"), "TypeError", "Invalid URL: nope");
  await throws(() => new Request(), "TypeError");
  await throws(() => Request("http://h"), "TypeError");
});

test("bodies", async () => {
  const message = "Request with a GET or HEAD method cannot have a body.";
  await throws(() => new Request("http://h", { body: "x" }), "TypeError", message);
  await throws(() => new Request("http://h", { method: "head", body: "x" }), "TypeError", message);
  equal(new Request("http://h", { method: "POST", body: null }).body, null);
  const request = new Request("http://h", { method: "POST", body: "x" });
  await throws(() => new Request(request, { method: "GET" }), "TypeError", message);
  const second = new Request(request);
  equal([request.bodyUsed, await second.text()], [true, "x"]);
  await throws(() => new Request(request), "TypeError", "Cannot reconstruct a Request with a used body.");
  equal(await new Request(request, { body: "other" }).text(), "other");
});

test("copies", async () => {
  const request = new Request("http://h/a", { method: "POST", body: "x", headers: { a: "1" } });
  const copy = new Request("http://h/b", request);
  equal([copy.method, copy.url, copy.headers.get("a"), await copy.text()], ["POST", "http://h/b", "1", "x"]);
  const changed = new Request(new Request("http://h", { headers: { a: "1" } }), { headers: { b: "2" } });
  equal([...changed.headers], [["b", "2"]]);
});

test("signals", () => {
  const controller = new AbortController();
  const request = new Request("http://h", { signal: controller.signal });
  const copy = request.clone();
  controller.abort("why");
  equal([request.signal.aborted, request.signal.reason, copy.signal.aborted], [true, "why", true]);
  ok(new Request("http://h", { signal: null }).signal instanceof AbortSignal);
});

test("subclasses", () => {
  class Mine extends Request {
    get mine() {
      return true;
    }
  }
  const request = new Mine("http://h/");
  equal([request instanceof Mine, request.mine, request.url], [true, true, "http://h/"]);
  equal([Request.name, new Request("http://h").constructor === Request], ["Request", true]);
});
