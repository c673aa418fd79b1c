// HTMLRewriter: tokens, handlers that take their time, streams in and out, errors. Expected values are those that
// workerd of July 2026 gives, but where a comment says so.

const rewriter = (...rules) => {
  const made = new HTMLRewriter();
  for (const [selector, handlers] of rules) {
    if (selector === null) made.onDocument(handlers);
    else made.on(selector, handlers);
  }
  return made;
};
const run = (html, ...rules) => rewriter(...rules).transform(new Response(html)).text();
const on = (html, element) => run(html, ["p", { element }]);
const streamOf = (...chunks) => new ReadableStream({
  start(controller) {
    for (const chunk of chunks) controller.enqueue(typeof chunk === "string" ? bytes(chunk) : chunk);
    controller.close();
  },
});
const GONE = "This content token is no longer valid. Content tokens are only valid during the execution of the " +
  "relevant content handler.";
const LOCKED_STREAM = "The ReadableStream has been locked to a reader.";

test("selectors and handlers are checked", async () => {
  const made = new HTMLRewriter();
  const refused = (call, message) => throws(call, "TypeError", message);
  await refused(() => made.on(), "Failed to execute 'on' on 'HTMLRewriter': parameter 1 is not of type 'string'.");
  await refused(() => made.on("p"), "Failed to execute 'on' on 'HTMLRewriter': parameter 2 is not of type 'ElementContentHandlers'.");
  await refused(() => made.on("p", 5), "Failed to execute 'on' on 'HTMLRewriter': parameter 2 is not of type 'ElementContentHandlers'.");
  await refused(() => made.on("p", { element: null }), "Incorrect type for the 'element' field on 'ElementContentHandlers': the provided value is not of type 'function'.");
  await refused(() => made.onDocument({ end: "x" }), "Incorrect type for the 'end' field on 'DocumentContentHandlers': the provided value is not of type 'function'.");
  await refused(() => made.onDocument(), "Failed to execute 'onDocument' on 'HTMLRewriter': parameter 1 is not of type 'DocumentContentHandlers'.");
  const selector = (text, message) => refused(() => made.on(text, {}), `Parser error: ${message}`);
  await selector("p:::x", "Unsupported pseudo-class or pseudo-element in selector.");
  await selector("", "The selector is empty.");
  await selector("p >", "Dangling combinator in selector.");
  await selector("a ~ b", "Unsupported combinator `~` in selector.");
  equal(made.on("p", null) === made && made.onDocument({}) === made, true);
  equal(Object.prototype.toString.call(made), "[object HTMLRewriter]");
});

test("what is no response, or has no body", async () => {
  const made = new HTMLRewriter();
  const message = "Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.";
  await throws(() => made.transform(), "TypeError", message);
  await throws(() => made.transform("x"), "TypeError", message);
  await throws(() => made.transform(Response.error()), "TypeError", "HTMLRewriter cannot transform an error response");
  const empty = new Response(null);
  equal(made.transform(empty) === empty, true);
  const used = new Response("x");
  await used.text();
  await throws(() => made.transform(used), "TypeError", LOCKED_STREAM);
  const locked = new Response("x");
  locked.body.getReader();
  await throws(() => made.transform(locked), "TypeError", LOCKED_STREAM);
});

test("the response is another one with the same head", async () => {
  const headers = { "content-type": "text/html", etag: "x", "content-length": "3", "set-cookie": "a=b" };
  const response = new Response("abc", { status: 201, statusText: "Yo", headers });
  const transformed = new HTMLRewriter().transform(response);
  equal([response.bodyUsed, transformed.bodyUsed], [true, false]);
  equal([transformed.status, transformed.statusText, [...transformed.headers].length], [201, "Yo", 4]);
  transformed.headers.set("x-mine", "1");
  equal(await transformed.text(), "abc");
  equal(await new HTMLRewriter().transform(new Response(new Uint8Array([1, 255]))).bytes(), Uint8Array.of(1, 255));
});

test("charsets", async () => {
  const as = (type) => new HTMLRewriter().transform(new Response("x", { headers: { "content-type": type } })).text();
  for (const type of ["text/html; charset=", 'text/html; charset="windows-1252"', "text/html; CHARSET = UTF-8", ";;charset=utf-8"]) {
    equal(await as(type), "x");
  }
  await throws(() => as("text/html; charset=nope"), "TypeError", "Parser error: Unknown character encoding has been provided.");
  await throws(() => as("text/html; charset=utf-16"), "TypeError", "Parser error: Expected ASCII-compatible encoding.");
  const latin = new Response(Uint8Array.of(60, 112, 62, 0xe9, 60, 47, 112, 62), { headers: { "content-type": "text/html;charset=iso-8859-1" } });
  const written = rewriter(["p", { element(p) { p.append("ü€日"); }, text(chunk) { if (chunk.text) equal(chunk.text, "é"); } }]);
  equal([...await written.transform(latin).bytes()], [60, 112, 62, 233, 252, 128, 38, 35, 50, 54, 48, 56, 53, 59, 60, 47, 112, 62]);
});

test("elements", async () => {
  let seen;
  const html = await on("<P A=1 b='2' c>x</P>", (p) => {
    p.setAttribute("z", '"q"');
    seen = [p.tagName, p.namespaceURI, p.removed, [...p.attributes], p.getAttribute("A"), p.getAttribute("no"), p.hasAttribute("B"), p.hasAttribute("no")];
  });
  equal(html, '<P A=1 b=\'2\' c z="&quot;q&quot;">x</P>');
  equal(seen, ["p", "http://www.w3.org/1999/xhtml", false, [["a", "1"], ["b", "2"], ["c", ""], ["z", '"q"']], "1", null, true, false]);
  equal(await on("<p>x</p>", (p) => { p.tagName = "Div"; equal(p.tagName, "div"); }), "<Div>x</Div>");
  equal(await on("<p a=1 b=2>", (p) => equal(p.removeAttribute("a") === p, true)), "<p b=2>");
  equal(await on("<p>x</p>", (p) => p.before("1").before("2").after("3").after("4").prepend("5").prepend("6").append("7").append("8")), "12<p>65x78</p>43");
  equal(await on("a<p>x<b>y</b></p>b", (p) => { p.removeAndKeepContent(); equal(p.removed, true); }), "ax<b>y</b>b");
  equal(await on("a<p>x</p>b", (p) => p.remove()), "ab");
  equal(await on("<p>x</p>", (p) => p.setInnerContent("<z>")), "<p>&lt;z&gt;</p>");
  equal(await on("<p>x</p>", (p) => p.setInnerContent("<z>", { html: true })), "<p><z></p>");
  equal(await on("a<p>x</p>b", (p) => p.replace("<r>", { html: 1 })), "a<r>b");
  equal(await run("<br>", ["br", { element(br) { br.prepend("x").append("y").setInnerContent("z").after("a"); } }]), "<br>a");
});

test("attributes while they change", async () => {
  const message = "The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes.";
  await throws(() => on("<p a=1 b=2>", (p) => { for (const [name] of p.attributes) p.setAttribute(name, "x"); }), "Error", message);
  await on("<p a=1>", (p) => {
    const attributes = p.attributes;
    equal(Object.prototype.toString.call(attributes), "[object AttributesIterator]");
    equal([attributes[Symbol.iterator]() === attributes, p.attributes === attributes], [true, false]);
    equal([attributes.next(), attributes.next().done, attributes.next().done], [{ done: false, value: ["a", "1"] }, true, true]);
    equal(p.attributes.map(([name]) => name).toArray(), ["a"]);
  });
});

test("what the engine refuses", async () => {
  const refused = (act, message) => throws(() => on("<p>x</p>", act), "TypeError", `Parser error: ${message}`);
  await refused((p) => { p.tagName = ""; }, "Tag name can't be empty.");
  await refused((p) => { p.tagName = "1"; }, "The first character of the tag name should be an ASCII alphabetical character.");
  await refused((p) => { p.tagName = "a>b"; }, "`>` character is forbidden in the tag name");
  await refused((p) => { p.setAttribute("", "x"); }, "Attribute name can't be empty.");
  await refused((p) => { p.setAttribute("a=b", "x"); }, "`=` character is forbidden in the attribute name");
  await throws(() => run("<br>", ["br", { element(br) { br.onEndTag(() => {}); } }]), "TypeError", "Parser error: No end tag.");
  await throws(() => run("<p><!--a-->", ["p", { comments(comment) { comment.text = "a-->b"; } }]), "TypeError");
  const caught = await on("<p>x</p>", (p) => { try { p.tagName = ""; } catch (error) { p.append(error.name); } });
  equal(caught, "<p>xTypeError</p>");
  await throws(() => run("<select><xmp></select>", ["p", {}]), "TypeError");
});

test("arguments", async () => {
  const refused = (act, message) => throws(() => on("<p>x</p>", act), "TypeError", `Failed to execute ${message}`);
  await refused((p) => p.setAttribute("a"), "'setAttribute' on 'Element': parameter 2 is not of type 'string'.");
  await refused((p) => p.getAttribute(), "'getAttribute' on 'Element': parameter 1 is not of type 'string'.");
  await refused((p) => p.before(), "'before' on 'Element': parameter 1 is not of type 'string or ReadableStream or Response'.");
  await refused((p) => p.before("x", true), "'before' on 'Element': parameter 2 is not of type 'ContentOptions'.");
  await refused((p) => p.onEndTag(5), "'onEndTag' on 'Element': parameter 1 is not of type 'function'.");
  equal(await on("<p>x</p>", (p) => p.before(undefined).before(5).before(null).before({}, null)), "undefined5null[object Object]<p>x</p>");
  await on("<p>", (p) => throws(() => new p.constructor(), "TypeError", "Illegal constructor"));
});

test("end tags", async () => {
  const seen = [];
  const html = await on("<p>x</p>", (p) => p.onEndTag((tag) => {
    seen.push(tag.name, Object.prototype.toString.call(tag));
    tag.name = "b";
    tag.before("<i>").after("<u>", { html: true });
  }));
  equal([html, seen], ["<p>x&lt;i&gt;</b><u>", ["p", "[object EndTag]"]]);
  equal(await on("<p>x</p>", (p) => { p.onEndTag((tag) => tag.before("1")); p.onEndTag((tag) => tag.before("2")); }), "<p>x2</p>");
  equal(await on("<p>x</p>y", (p) => p.onEndTag((tag) => tag.remove())), "<p>xy");
  const refused = (br) => { try { br.onEndTag(() => {}); } catch { br.after("-"); } };
  const asked = (div) => div.onEndTag((tag) => tag.before("end"));
  const pieces = new Response(streamOf("<br><div>", "x", "</div>"));
  equal(await rewriter(["br", { element: refused }], ["div", { element: asked }]).transform(pieces).text(), "<br>-<div>xend</div>");
  equal(await on("<p>x</p>y", (p) => p.onEndTag(async (tag) => { await wait(1); tag.before("later"); })), "<p>xlater</p>y");
  await throws(() => on("<p>x</p>", (p) => p.onEndTag(() => { throw new RangeError("end"); })), "RangeError", "end");
});

test("text, comments, doctype, the end", async () => {
  let seen = [];
  await run("<p>a&amp;b<b>c</b></p>", ["p", { text(chunk) { seen.push([chunk.text, chunk.lastInTextNode, chunk.removed]); } }]);
  equal(seen, [["a&amp;b", false, false], ["", true, false], ["c", false, false], ["", true, false]]);
  const changed = (chunk) => { if (chunk.text) chunk.before("<").after(">", { html: true }).replace("r"); else chunk.remove(); };
  equal(await run("<p>a</p>", ["p", { text: changed }]), "<p>&lt;r></p>");
  equal(
    await run("<p><!--a--></p><!--b-->", ["p", { comments(comment) { comment.text += "z"; } }], [null, { comments(comment) { comment.before("B").after("A"); } }]),
    "<p>B<!--az-->A</p>B<!--b-->A",
  );
  equal(await run("<p><!--a--></p>", ["p", { comments(comment) { comment.remove(); equal(comment.removed, true); } }]), "<p></p>");
  await run('<!DOCTYPE html PUBLIC "-//W3C" "http://x"><p>', [null, { doctype(doctype) { seen = [doctype.name, doctype.publicId, doctype.systemId]; } }]);
  equal(seen, ["html", "-//W3C", "http://x"]);
  await run("<!doctype html>", [null, { doctype(doctype) { seen = [doctype.name, doctype.publicId, doctype.systemId]; } }]);
  equal(seen, ["html", null, null]);
  equal(await run("<p>", [null, { end(end) { end.append("<x>").append("<y>", { html: true }); } }]), "<p>&lt;x&gt;<y>");
  seen = [];
  await run("a<p>b</p>", [null, { text(chunk) { seen.push(chunk.text); } }]);
  equal(seen, ["a", "", "b", ""]);
});

test("a token after its handler", async () => {
  let kept;
  await on("<p a=1>x</p>", (p) => { kept = [p, p.attributes]; });
  await throws(() => kept[0].tagName, "TypeError", GONE);
  await throws(() => kept[0].before("x"), "TypeError", GONE);
  await throws(() => kept[1].next(), "TypeError", GONE);
  await throws(() => run("<p>x</p><b>y</b>", ["p", { element(p) { kept = p; } }], ["b", { element(b) { b.append(kept.tagName); } }]), "TypeError", GONE);
});

test("handlers that take their time", async () => {
  equal(await on("<p>x</p><p>y</p>", async (p) => { await wait(2); p.append("-later"); }), "<p>x-later</p><p>y-later</p>");
  equal(await on("<p>x</p>", (p) => ({ then(done) { p.append("T"); wait(1).then(done); } })), "<p>xT</p>");
  const order = [];
  await run("<p>1</p><p>2</p>", ["p", {
    async element(p) { order.push(p.tagName); await wait(2); order.push("done"); },
    text(chunk) { if (chunk.text) order.push(chunk.text); },
  }]);
  equal(order, ["p", "done", "1", "p", "done", "2"]);
  const other = (n) => on(`<p>${n}</p>`, async (p) => { await wait(5 - n); p.append(`${n}`); });
  equal(await Promise.all([0, 1, 2, 3, 4].map(other)), [0, 1, 2, 3, 4].map((n) => `<p>${n}${n}</p>`));
});

test("a rewriter inside of a rewriter", async () => {
  equal(await on("<p>x</p>", async (p) => p.append(await run("<b>in</b>", ["b", { element(b) { b.append("ner"); } }]), { html: true })), "<p>x<b>inner</b></p>");
  const inner = () => rewriter(["b", { async element(b) { await wait(1); b.append("!"); } }]).transform(new Response("<b>in</b>"));
  equal(await on("<p>x</p>", (p) => p.setInnerContent(inner(), { html: true })), "<p><b>in!</b></p>");
});

test("errors of handlers fail the body, with what came before", async () => {
  await throws(() => on("a<p>x</p>", () => { throw new RangeError("boom"); }), "RangeError", "boom");
  await throws(() => on("a<p>x</p>", async () => { throw new RangeError("later"); }), "RangeError", "later");
  const reader = rewriter(["b", { element() { throw new Error("stop"); } }]).transform(new Response("aaa<p>x</p><b>")).body.getReader();
  equal(text((await reader.read()).value), "aaa<p>x</p>");
  await throws(() => reader.read(), "Error", "stop");
  // workerd never ends here.
  const broken = new Response(new ReadableStream({ pull(controller) { controller.error(new RangeError("in")); } }));
  await throws(() => new HTMLRewriter().transform(broken).text(), "RangeError", "in");
  let cancelled;
  const source = new ReadableStream({ pull(controller) { controller.enqueue(bytes("<p>")); }, cancel(reason) { cancelled = reason.message; } });
  await throws(() => rewriter(["p", { element() { throw new Error("enough"); } }]).transform(new Response(source)).text(), "Error", "enough");
  equal(cancelled, "enough");
});

test("content from streams and responses", async () => {
  const html = await on("<p>x</p>", (p) => {
    p.before(streamOf("<b>", "é")).append(streamOf("<i>"), { html: true });
    p.after(new Response("<u>resp"), { html: true }).prepend(new Response(null));
  });
  equal(html, "&lt;b&gt;é<p>x<i></p><u>resp");
  equal(await on("<p>x</p>", (p) => p.setInnerContent(streamOf("in"))), "<p>in</p>");
  equal(await on("<p>x</p>", (p) => p.replace(streamOf("in"))), "in");
  equal(await on("<p>x</p>", (p) => p.onEndTag((tag) => tag.before(streamOf("E")))), "<p>xE</p>");
  equal(await run("<p>x</p>", ["p", { text(chunk) { if (chunk.text) chunk.replace(streamOf("T")); } }]), "<p>T</p>");
  equal(await on("<p>x</p>", (p) => p.before(streamOf(Uint8Array.of(0xc3), Uint8Array.of(0xa9)))), "é<p>x</p>");
  const slow = new ReadableStream({ async pull(controller) { await wait(1); controller.enqueue(bytes("slow")); controller.close(); } });
  equal(await on("<p>x</p>", (p) => p.append(slow)), "<p>xslow</p>");
  await throws(() => on("<p>x</p>", (p) => p.before(streamOf(Uint8Array.of(0xff)))), "TypeError", "Parser error: Invalid UTF-8");
  await throws(() => on("<p>x</p>", (p) => p.before(new ReadableStream({ pull(c) { c.error(new RangeError("src")); } }))), "RangeError", "src");
  await throws(() => on("<p>x</p>", (p) => { const stream = streamOf("x"); p.before(stream).after(stream); }), "TypeError", LOCKED_STREAM);
  const message = "Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must provide a string.";
  await throws(() => run("<p><!--a--></p>", ["p", { comments(comment) { comment.before(streamOf("x")); } }]), "TypeError", message);
});

test("chunks go through as they come", async () => {
  let push;
  const source = new ReadableStream({ start(controller) { push = (part) => controller.enqueue(bytes(part)); } });
  const reader = rewriter(["p", { element(p) { p.setAttribute("n", "1"); } }]).transform(new Response(source)).body.getReader();
  push("<p>one</p");
  equal(text((await reader.read()).value), '<p n="1">one');
  push("><p>");
  let next = "";
  while (next.length < 13) next += text((await reader.read()).value);
  equal(next, '</p><p n="1">');
  await reader.cancel();
  const seen = [];
  await rewriter(["p", { text(chunk) { seen.push(chunk.text); } }]).transform(new Response(streamOf("<p>ab", "cd<", "/p>"))).text();
  equal(seen, ["ab", "cd", ""]);
});

test("a body that nobody reads holds its source back", async () => {
  let pulled = 0;
  const source = new ReadableStream({ pull(controller) { pulled += 1; controller.enqueue(bytes("<p>x</p>".repeat(1000))); } }, { highWaterMark: 0 });
  const body = rewriter(["p", { element(p) { p.append("y"); } }]).transform(new Response(source)).body;
  await wait(20);
  ok(pulled <= 2);
  await body.cancel();
});

// workerd tells the source no reason.
test("cancelling ends the source and the handlers", async () => {
  let cancelled;
  let calls = 0;
  const source = new ReadableStream({
    pull(controller) { controller.enqueue(bytes("x<p>")); },
    cancel(reason) { cancelled = reason; },
  });
  const body = rewriter(["p", { async element(p) { calls += 1; await wait(1); if (calls < 3) p.append("z"); } }]).transform(new Response(source)).body;
  const reader = body.getReader();
  await reader.read();
  await reader.cancel("why");
  equal(cancelled, "why");
  await wait(10);
  const before = calls;
  await wait(10);
  equal(calls, before);
});

// In workerd the handler is not called any more.
test("a token of a body that was cancelled meanwhile", async () => {
  let late;
  const body = rewriter(["p", { async element(p) { await wait(5); try { p.append("x"); } catch (error) { late = error; } } }]).transform(new Response("<p>x")).body;
  const reader = body.getReader();
  const read = reader.read();
  await wait(1);
  await reader.cancel();
  await read;
  await wait(10);
  equal([late?.name, late?.message], ["TypeError", GONE]);
});

test("a large document", async () => {
  const part = "<div class=a><p>text &amp; more</p><!-- c --></div>\n".repeat(1000);
  let parts = 0;
  const source = new ReadableStream({ pull(controller) { controller.enqueue(bytes(part)); if (++parts === 200) controller.close(); } });
  let count = 0;
  let length = 0;
  for await (const chunk of rewriter(["p", { element() { count += 1; } }]).transform(new Response(source)).body) length += chunk.byteLength;
  equal([count, length], [200_000, part.length * 200]);
});

test("the engine's memory is limited", async () => {
  // Tags of which each is to be remembered.
  await throws(() => run("<div>".repeat(100_000), ["div", { element() {} }]), "TypeError", "Parser error: The memory limit has been exceeded.");
});

// In workerd they are not.
test("bodies that nobody ends are limited in number", async () => {
  const open = [];
  for (let n = 0; n < 1_100; n++) open.push(new HTMLRewriter().transform(new Response(new ReadableStream({ start(c) { c.enqueue(bytes("x")); } }))));
  await wait(1);
  const readers = open.map((response) => response.body.getReader());
  const results = await Promise.allSettled(readers.map((reader) => reader.read()));
  await Promise.allSettled(readers.map((reader) => reader.cancel()));
  const refused = results.filter((result) => result.status === "rejected");
  ok(refused.length >= 90 && refused[0].reason.message.startsWith("HTMLRewriter is at work on 1000 documents already"));
});

test("handlers are those that were registered", async () => {
  const handlers = { element(p) { p.append(`${this === handlers}`); } };
  equal(await run("<p></p>", ["p", handlers]), "<p>true</p>");
  const changed = { element(p) { p.append("1"); } };
  const made = rewriter(["p", changed]);
  changed.element = (p) => p.append("2");
  const response = made.transform(new Response("<p></p>"));
  made.on("p", { element(p) { p.append("no"); } });
  equal(await response.text(), "<p>1</p>");
  equal(await made.transform(new Response("<p></p>")).text(), "<p>1no</p>");
  equal(await run("<p>x</p>", ["p", { element(p) { p.append("1"); } }], ["*", { element(p) { p.append("2"); } }]), "<p>x12</p>");
});

test("a clone, and what was compressed", async () => {
  const transformed = rewriter(["p", { element(p) { p.append("z"); } }]).transform(new Response("<p>x</p>"));
  const clone = transformed.clone();
  equal([await transformed.text(), await clone.text()], ["<p>xz</p>", "<p>xz</p>"]);
});
