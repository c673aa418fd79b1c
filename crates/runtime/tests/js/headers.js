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
  await throws(() => new Headers({ a: "中" }), "TypeError");
});

test("arguments", async () => {
  const headers = new Headers();
  await throws(() => headers.set("a"), "TypeError");
  await throws(() => headers.append("a"), "TypeError");
  await throws(() => headers.delete(), "TypeError");
  await throws(() => Headers.prototype.set.call({}, "a", "b"), "TypeError");
  equal([headers.set.length, headers.append.length, headers.delete.length, headers.set.name], [2, 2, 1, "set"]);
});
