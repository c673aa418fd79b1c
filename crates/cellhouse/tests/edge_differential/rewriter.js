// Random documents through random handlers of HTMLRewriter, the same ones for the same seed, and what came out.

function generator(seed) {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  const next = () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 33n) / 2 ** 31;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    chance: (part) => next() < part,
    one: (list) => list[Math.floor(next() * list.length)],
  };
}

const PIECES = [
  "<p>", "</p>", "<p class=a>", "<div id=x data-y='1'>", "</div>", "<a href=\"/b?c&amp;d\">", "</a>", "<b>", "</b>", "<br>",
  "<img src=x alt>", "<ul><li>one<li>two</ul>", "text", " & &amp; &lt;x&gt; ", "ü日\u{1f389}", "<!-- comment -->", "<!---->",
  "<!doctype html>", "<script>let a = '<p>' < 1;</script>", "<style>p > a {}</style>", "<title>T &amp; t</title>",
  "<textarea><p></textarea>", "<svg><g/><p>in</p></svg>", "<math><mi>x</mi></math>", "<table><tr><td>1</table>", "</nope>",
  "<P CLASS=B>", "<p class=\"a b\" title=c>", "<x-y z>", "</x-y>", "<input disabled/>", "<a", " title=\"", "\">", "\n", "<![CDATA[x]]>",
  "<span><span><span>", "</span>", "<p\tq = 'r' >", "<", ">", "\u0000", "<h1>a</h1>", "<select><option>1</select>",
];
const SELECTORS = [
  "*", "p", "p.a", "#x", "a[href]", "a[href^='/']", "[data-y=\"1\"]", "div p", "div > p", "li:first-child", "p:not(.a)", "b, i",
  "svg *", "x-y", "span span", ":nth-child(2n)", "p[class~=b]", "td:nth-of-type(1)", "[q]", "title", "script", "textarea",
];
const CONTENTS = ["plain", "<i>", "&amp;", "", "ü", "<p>new</p>"];

const html = (random) => ({ html: random.chance(0.5) });

function content(random) {
  const text = random.one(CONTENTS);
  if (random.chance(0.8)) return text;
  return random.chance(0.5) ? new Response(text) : new Response(text).body;
}

const mutations = {
  before: (token, random) => token.before(content(random), html(random)),
  after: (token, random) => token.after(content(random), html(random)),
  replace: (token, random) => token.replace(content(random), html(random)),
  remove: (token) => token.remove(),
};
const ON_ELEMENT = {
  ...mutations,
  prepend: (token, random) => token.prepend(content(random), html(random)),
  append: (token, random) => token.append(content(random), html(random)),
  inner: (token, random) => token.setInnerContent(content(random), html(random)),
  keep: (token) => token.removeAndKeepContent(),
  set: (token, random) => token.setAttribute(random.one(["class", "NEW", "a-b"]), random.one(CONTENTS)),
  unset: (token) => token.removeAttribute("class"),
  name: (token, random) => { token.tagName = random.one(["em", "Q", "x-z"]); },
};
const ON_TEXT = { ...mutations };

async function handle(log, random, name, actions, token, describe) {
  log.push([name, ...describe(token)]);
  for (let n = random.below(3); n > 0; n--) random.one(Object.values(actions))(token, random);
  if (random.chance(0.2)) await new Promise((resolve) => setTimeout(resolve, 0));
  if (random.chance(0.3)) random.one(Object.values(actions))(token, random);
}

function elementHandlers(random, log) {
  const handlers = {};
  if (random.chance(0.8)) {
    handlers.element = async (element) => {
      const describe = (token) => [token.tagName, [...token.attributes], token.namespaceURI, token.removed];
      if (random.chance(0.3)) {
        try {
          element.onEndTag((tag) => {
            log.push(["end tag", tag.name]);
            random.one([() => tag.before(content(random), html(random)), () => tag.after("E"), () => tag.remove(), () => { tag.name = "z"; }])();
          });
        } catch (error) {
          log.push([error.message]);
        }
      }
      await handle(log, random, "element", ON_ELEMENT, element, describe);
    };
  }
  if (random.chance(0.3)) {
    handlers.text = (text) => handle(log, random, "text", ON_TEXT, text, (token) => [token.text, token.lastInTextNode, token.removed]);
  }
  if (random.chance(0.3)) handlers.comments = (comment) => commented(log, random, comment);
  return handlers;
}

function commented(log, random, comment) {
  log.push(["comment", comment.text, comment.removed]);
  random.one([
    () => { comment.text = "changed"; },
    () => comment.before(random.one(CONTENTS), html(random)),
    () => comment.after(random.one(CONTENTS)),
    () => comment.replace(random.one(CONTENTS), html(random)),
    () => comment.remove(),
  ])();
}

function documentHandlers(random, log) {
  const handlers = {};
  if (random.chance(0.4)) handlers.doctype = (doctype) => log.push(["doctype", doctype.name, doctype.publicId, doctype.systemId]);
  if (random.chance(0.3)) handlers.comments = (comment) => commented(log, random, comment);
  if (random.chance(0.3)) handlers.text = (text) => log.push(["all text", text.text, text.lastInTextNode]);
  if (random.chance(0.4)) handlers.end = (end) => { end.append(random.one(CONTENTS), html(random)); };
  return handlers;
}

function source(random) {
  let text = "";
  for (let n = random.below(24); n >= 0; n--) text += random.one(PIECES);
  const bytes = new TextEncoder().encode(text);
  if (random.chance(0.5)) return [text, text];
  const stream = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length;) {
        const size = 1 + random.below(12);
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      }
      controller.close();
    },
  });
  return [text, stream];
}

async function document(random) {
  const log = [];
  const [text, body] = source(random);
  const rewriter = new HTMLRewriter();
  for (let n = random.below(4); n >= 0; n--) {
    if (random.chance(0.25)) rewriter.onDocument(documentHandlers(random, log));
    else rewriter.on(random.one(SELECTORS), elementHandlers(random, log));
  }
  const type = random.one(["text/html", "text/html; charset=utf-8", "text/html", "text/html;charset=shift_jis"]);
  try {
    const response = rewriter.transform(new Response(body, { headers: { "content-type": type } }));
    return [text, type, log, [...new Uint8Array(await response.arrayBuffer())]];
  } catch (error) {
    return [text, type, log, `${error.name}: ${error.message}`];
  }
}

export default {
  async fetch(request) {
    const random = generator(Number(new URL(request.url).searchParams.get("seed")));
    const documents = [];
    for (let n = 0; n < 60; n++) documents.push(await document(random));
    return Response.json(documents);
  },
};
