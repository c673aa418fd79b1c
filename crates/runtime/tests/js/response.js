// Response: construction, statuses, statics, and what only Workers' have.

test("statuses", async () => {
  const message = "Responses may only be constructed with status codes in the range 200 to 599, inclusive.";
  for (const status of [0, 99, 100, 101, 199, 600, NaN, null]) {
    await throws(() => new Response(null, { status }), "RangeError", message);
  }
  for (const status of [200, 299, 404, 599, "404"]) equal(new Response(null, { status }).status, Number(status));
});

test("status texts", async () => {
  const of = (status) => new Response(null, { status }).statusText;
  equal([of(200), of(404), of(418), of(299), of(499), of(599)], ["OK", "Not Found", "I'm a teapot", "Successful", "Client Error", "Server Error"]);
  equal(new Response(null, { statusText: "Fine" }).statusText, "Fine");
  await throws(() => new Response(null, { statusText: "a\nb" }), "TypeError");
});

test("statuses without a body", async () => {
  for (const status of [204, 205, 304]) {
    for (const body of [null, undefined, "", new Uint8Array(0), new ArrayBuffer(0), new Blob([])]) {
      const response = new Response(body, { status });
      equal([response.body, response.headers.get("content-type")], [null, null]);
    }
    const message = "Response with null body status (101, 204, 205, or 304) cannot have a body.";
    await throws(() => new Response("x", { status }), "TypeError", message);
    await throws(() => new Response(new ReadableStream(), { status }), "TypeError", message);
    await throws(() => Response.json({}, { status }), "TypeError", message);
  }
});

test("init from another response", async () => {
  const first = new Response("a", { status: 404, statusText: "Nope", headers: { a: "1" }, cf: { b: 2 } });
  const second = new Response("b", first);
  equal([second.status, second.statusText, second.headers.get("a"), second.cf, await second.text()], [404, "Nope", "1", { b: 2 }, "b"]);
  const third = new Response("c", new Response("x"));
  equal([third.statusText, third.headers.get("content-type")], ["OK", "text/plain;charset=UTF-8"]);
});

test("headers", () => {
  equal(new Response("x", { headers: { "Content-Type": "text/html" } }).headers.get("content-type"), "text/html");
  equal(new Response("x", { headers: new Headers({ a: "1" }) }).headers.get("a"), "1");
  equal([...new Response(null, { headers: [["a", "1"], ["a", "2"]] }).headers], [["a", "1, 2"]]);
});

test("cf, webSocket, encodeBody", async () => {
  const cf = { a: [1] };
  const response = new Response("x", { cf });
  equal(response.cf, cf);
  equal(response.cf === cf, false);
  equal([new Response("x").cf, new Response("x").webSocket], [undefined, null]);
  equal(new Response("x", { encodeBody: "manual" }).status, 200);
  await throws(() => new Response("x", { encodeBody: "nope" }), "TypeError", "encodeBody: unexpected value: nope");
  const [client] = Object.values(new WebSocketPair());
  await throws(() => new Response(null, { status: 200, webSocket: client }), "RangeError", "Responses with a WebSocket must have status code 101.");
  const upgrade = new Response(null, { status: 101, webSocket: client });
  equal([upgrade.status, upgrade.webSocket === client], [101, true]);
  await throws(() => upgrade.clone(), "TypeError", "Cannot clone a response to a WebSocket handshake.");
});

test("a used or locked body is not cloned", async () => {
  const message = "This ReadableStream is currently locked to a reader,";
  const request = () => new Request("http://x/", { method: "POST", body: "x" });
  for (const make of [() => new Response("x"), request]) {
    const [used, locked] = [make(), make()];
    await used.text();
    locked.body.getReader();
    for (const one of [used, locked]) await throws(() => one.clone(), "TypeError", message);
  }
});

test("Response.json", async () => {
  const response = Response.json({ a: [1, null] }, { status: 201, headers: { "x-a": "1" } });
  equal([response.status, response.headers.get("content-type"), response.headers.get("x-a"), await response.text()], [201, "application/json", "1", '{"a":[1,null]}']);
  equal(Response.json(1, { headers: { "content-type": "application/x" } }).headers.get("content-type"), "application/x");
  await throws(() => Response.json(1n), "TypeError");
  await throws(() => Response.json(1, { status: 101 }), "RangeError");
});

test("Response.redirect", async () => {
  const response = Response.redirect("http://h/a b", 301);
  equal([response.status, response.headers.get("location"), response.statusText], [301, "http://h/a%20b", "Moved Permanently"]);
  equal(Response.redirect("http://h").status, 302);
  await throws(() => Response.redirect("/relative"), "TypeError", "Unable to parse URL: /relative");
  await throws(() => Response.redirect("http://h", 200), "RangeError", "200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.");
  await throws(() => response.headers.set("a", "1"), "TypeError", "Can't modify immutable headers.");
});

test("Response.error", () => {
  const response = Response.error();
  equal([response.type, response.status, response.ok], ["error", 0, false]);
});

test("clone", async () => {
  const response = new Response("abc", { status: 201, headers: { a: "1" }, cf: { b: 1 } });
  const second = response.clone();
  second.headers.set("a", "2");
  equal([await response.text(), await second.text(), response.headers.get("a"), second.headers.get("a"), second.status, second.cf], ["abc", "abc", "1", "2", 201, { b: 1 }]);
});

test("a clone has the type of a body that nobody has looked at", async () => {
  const type = "application/x-www-form-urlencoded;charset=UTF-8";
  for (const init of [undefined, {}, { status: 200 }, { headers: {} }]) {
    const response = new Response(new URLSearchParams({ a: "1" }), init);
    const second = response.clone();
    equal([second.headers.get("content-type"), response.headers.get("content-type"), await second.text()], [type, type, "a=1"]);
  }
  const text = new Response("x", { status: 201 }).clone();
  equal([[...text.headers], text.status], [[["content-type", "text/plain;charset=UTF-8"]], 201]);
});

test("a text that is looked at before and after its headers", async () => {
  const make = () => new Response("x", { headers: { "X-A": "1", "content-type": "text/html" } });
  const response = make();
  ok(!response.bodyUsed && response.body instanceof ReadableStream);
  equal([[...response.headers], await response.text(), response.bodyUsed], [[["content-type", "text/html"], ["x-a", "1"]], "x", true]);
  await throws(() => response.text(), "TypeError");
  const other = make();
  other.headers.append("x-a", "2");
  equal([await other.text(), other.headers.get("x-a"), other.url, other.redirected, other.type], ["x", "1, 2", "", false, "default"]);
  equal(await new Response(make().body, make()).text(), "x");
});

test("subclasses", async () => {
  class Mine extends Response {
    constructor(body) {
      super(body, { status: 201 });
    }
    mine() {
      return true;
    }
  }
  const response = new Mine("x");
  ok(response instanceof Mine && response instanceof Response);
  equal([response.mine(), response.status, await response.text()], [true, 201, "x"]);
  equal(new Response("x").constructor === Response, true);
  equal([Response.name, Response.length], ["Response", 0]);
  await throws(() => Response("x"), "TypeError");
});

test("the type of a body's Blob is that of the header", async () => {
  const type = async (value) => (await new Response("x", { headers: { "content-type": value } }).blob()).type;
  equal(await type("TEXT/Html; Charset=GBK"), "text/html;charset=GBK");
  equal(await type('multipart/form-data; boundary="A B"'), 'multipart/form-data;boundary="A B"');
  equal(await type("nonsense"), "");
});

test("a form that was cut off", async () => {
  const part = (name) => `--Line\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nvalue\r\n`;
  const form = (body) => new Response(body, { headers: { "content-type": "multipart/form-data; boundary=Line" } }).formData();
  equal([...(await form(`${part("a")}${part("b")}--Line--`)).keys()], ["a", "b"]);
  for (const rest of ["", "--Lin", "--Line", "--Line-junk", part("c")]) {
    await throws(() => form(`${part("a")}${part("b")}${rest}`), "TypeError");
  }
});
