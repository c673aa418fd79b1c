// Headers.

test("set-cookie", async () => {
  const headers = new Headers();
  headers.append("set-cookie", "a=1");
  headers.append("Set-Cookie", "b=2, c");
  headers.append("other", "z");
  const cookies = ["a=1", "b=2, c"];
  equal([headers.getSetCookie(), headers.getAll("SET-COOKIE"), headers.get("set-cookie")], [cookies, cookies, "a=1, b=2, c"]);
  equal([...headers], [["other", "z"], ["set-cookie", "a=1"], ["set-cookie", "b=2, c"]]);
  await throws(() => headers.getAll("other"), "TypeError", 'getAll() can only be used with the header name "Set-Cookie".');
});

test("sorted and combined", () => {
  const headers = new Headers({ z: "1", "A-b": "4" });
  headers.append("Z", "2");
  equal([...headers], [["a-b", "4"], ["z", "1, 2"]]);
  equal([headers.get("nope"), headers.has("Z")], [null, true]);
  headers.delete("z");
  equal([...headers.keys()], ["a-b"]);
});

test("names and values", async () => {
  for (const name of ["a b", "a:b", "a\n", "(x)"]) await throws(() => new Headers().set(name, "v"), "TypeError");
  for (const value of ["a\nb", "a\0b"]) await throws(() => new Headers().set("x", value), "TypeError");
  equal(new Headers({ a: " é\t" }).get("a"), "é");
  // Not as the standard has it, but as workerd.
  equal([...new Headers({ a: "中", b: "\ud800" })], [["a", "中"], ["b", "\ufffd"]]);
});

test("whatever they are made from", () => {
  const list = [["a", "1"], ["b", "2"], ["A", ""]];
  const expected = [["a", "1, "], ["b", "2"]];
  for (const init of [list, new Headers(list), new Map(list.slice(0, 2)), { a: "1", b: "2", A: "" }]) {
    const entries = [...new Headers(init)];
    equal(entries, init instanceof Map ? [["a", "1"], ["b", "2"]] : expected);
    equal([...new Response("", { headers: init }).headers].slice(0, 2), entries);
    equal([...new Request("http://h", { headers: init }).headers], entries);
  }
  equal([...new Headers({ n: 1.5, t: true, o: { toString: () => "text" }, u: undefined })], [["n", "1.5"], ["o", "text"], ["t", "true"], ["u", "undefined"]]);
});

test("an empty value is one of several", () => {
  const headers = new Headers({ a: "" });
  headers.append("a", "2");
  equal([headers.get("a"), [...headers]], [", 2", [["a", ", 2"]]]);
});

test("iterators", async () => {
  const headers = new Headers({ b: "2", a: "1" });
  const iterator = headers.entries();
  headers.delete("b");
  headers.set("a", "3");
  // What there was when it was made.
  equal([...iterator], [["a", "1"], ["b", "2"]]);
  equal([[...headers.keys()], [...headers.values()], [...headers]], [["a"], ["3"], [["a", "3"]]]);
  equal(headers.keys().map((name) => `${name}!`).toArray(), ["a!"]);
  equal(`${iterator}`, "[object Headers Iterator]");
  const seen = [];
  headers.forEach(function (...all) {
    seen.push(this, ...all);
  }, "self");
  equal(seen.map(String), ["self", "3", "a", "[object Headers]"]);
  for (const name of ["entries", "keys", "values", "forEach"]) await throws(() => headers[name].call({}, () => {}), "TypeError");
  await throws(() => headers.forEach(), "TypeError");
});

test("names that an app makes up without end", () => {
  for (let i = 0; i < 3_000; i++) equal(new Headers({ [`X-${i}`]: `${i}` }).get(`x-${i}`), `${i}`);
});

test("arguments", async () => {
  const headers = new Headers();
  await throws(() => headers.set("a"), "TypeError");
  await throws(() => headers.append("a"), "TypeError");
  await throws(() => headers.delete(), "TypeError");
  await throws(() => Headers.prototype.set.call({}, "a", "b"), "TypeError");
  equal([headers.set.length, headers.append.length, headers.delete.length, headers.set.name], [2, 2, 1, "set"]);
});
