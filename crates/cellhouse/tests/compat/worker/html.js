// HTMLRewriter, called.
import { same } from "./expect.js";

const PAGE = '<!doctype html><html><body><p class="a">one<!--note--></p></body></html>';

/** The page after it went through handlers; `element` is called for the paragraph. */
const rewritten = (on, onDocument) => {
	let rewriter = new HTMLRewriter();
	if (on) rewriter = rewriter.on("p", on);
	if (onDocument) rewriter = rewriter.onDocument(onDocument);
	return rewriter.transform(new Response(PAGE)).text();
};
const P = '<p class="a">one<!--note--></p>';
const page = (paragraph) => PAGE.replace(P, paragraph);
const element = (change, paragraph) => async () => same(await rewritten({ element: change }), page(paragraph));
const seenOfElement = (look, expected) => async () => {
	let seen;
	await rewritten({ element: (it) => void (seen = look(it)) });
	same(seen, expected);
};
const comment = (change, paragraph) => async () => same(await rewritten({ comments: change }), page(paragraph));
const textual = (change, paragraph) => async () => same(await rewritten({ text: (it) => (it.lastInTextNode ? undefined : change(it)) }), page(paragraph));
const endTag = (change, paragraph) => async () => same(await rewritten({ element: (it) => it.onEndTag(change) }), page(paragraph));
const doctype = (key, expected) => async () => {
	let seen = "nothing";
	await rewritten(null, { doctype: (it) => void (seen = it[key]) });
	same(seen, expected);
};

export default {
	"HTMLRewriter.on": element((it) => it.setAttribute("id", "x"), '<p class="a" id="x">one<!--note--></p>'),
	"HTMLRewriter.onDocument": async () => same(await rewritten(null, { end: (end) => end.append("!") }), `${PAGE}!`),
	"HTMLRewriter.transform": async () => same(await rewritten(), PAGE),
	"HTMLRewriterElementContentHandlers.element": seenOfElement((it) => it.tagName, "p"),
	"HTMLRewriterElementContentHandlers.comments": comment((it) => it.remove(), '<p class="a">one</p>'),
	"HTMLRewriterElementContentHandlers.text": textual((it) => it.replace("two"), '<p class="a">two<!--note--></p>'),
	"HTMLRewriterDocumentContentHandlers.doctype": doctype("name", "html"),
	"HTMLRewriterDocumentContentHandlers.comments": async () => same(await rewritten(null, { comments: (it) => it.remove() }), page('<p class="a">one</p>')),
	"HTMLRewriterDocumentContentHandlers.text": async () => {
		let seen = "";
		await rewritten(null, { text: (it) => void (seen += it.text) });
		same(seen, "one");
	},
	"HTMLRewriterDocumentContentHandlers.end": async () => same(await rewritten(null, { end: (end) => end.append("<hr>", { html: true }) }), `${PAGE}<hr>`),
	"Element.tagName": element((it) => void (it.tagName = "div"), '<div class="a">one<!--note--></div>'),
	"Element.attributes": seenOfElement((it) => [...it.attributes], [["class", "a"]]),
	"Element.removed": seenOfElement((it) => [it.removed, it.remove().removed], [false, true]),
	"Element.namespaceURI": seenOfElement((it) => it.namespaceURI, "http://www.w3.org/1999/xhtml"),
	"Element.getAttribute": seenOfElement((it) => [it.getAttribute("class"), it.getAttribute("none")], ["a", null]),
	"Element.hasAttribute": seenOfElement((it) => [it.hasAttribute("class"), it.hasAttribute("none")], [true, false]),
	"Element.setAttribute": element((it) => it.setAttribute("class", 'b"'), '<p class="b&quot;">one<!--note--></p>'),
	"Element.removeAttribute": element((it) => it.removeAttribute("class"), "<p>one<!--note--></p>"),
	"Element.before": element((it) => it.before("<"), `&lt;${P}`),
	"Element.after": element((it) => it.after("<b></b>", { html: true }), `${P}<b></b>`),
	"Element.prepend": element((it) => it.prepend("zero "), '<p class="a">zero one<!--note--></p>'),
	"Element.append": element((it) => it.append(" two"), '<p class="a">one<!--note--> two</p>'),
	"Element.replace": element((it) => it.replace("gone"), "gone"),
	"Element.remove": element((it) => it.remove(), ""),
	"Element.removeAndKeepContent": element((it) => it.removeAndKeepContent(), "one<!--note-->"),
	"Element.setInnerContent": element((it) => it.setInnerContent("inner"), '<p class="a">inner</p>'),
	"Element.onEndTag": endTag((end) => end.before("!"), '<p class="a">one<!--note-->!</p>'),
	"EndTag.name": endTag((end) => void (end.name = "div"), '<p class="a">one<!--note--></div>'),
	"EndTag.before": endTag((end) => end.before("<", { html: false }), '<p class="a">one<!--note-->&lt;</p>'),
	"EndTag.after": endTag((end) => end.after("<hr>", { html: true }), `${P}<hr>`),
	"EndTag.remove": endTag((end) => end.remove(), '<p class="a">one<!--note-->'),
	"Comment.text": comment((it) => void (it.text = "changed"), '<p class="a">one<!--changed--></p>'),
	"Comment.removed": comment((it) => void (same(it.removed, false), it.remove(), same(it.removed, true)), '<p class="a">one</p>'),
	"Comment.before": comment((it) => it.before("b"), '<p class="a">oneb<!--note--></p>'),
	"Comment.after": comment((it) => it.after("a"), '<p class="a">one<!--note-->a</p>'),
	"Comment.replace": comment((it) => it.replace("r"), '<p class="a">oner</p>'),
	"Comment.remove": comment((it) => it.remove(), '<p class="a">one</p>'),
	"Text.text": textual((it) => void same(it.text, "one"), P),
	"Text.lastInTextNode": async () => {
		const seen = [];
		await rewritten({ text: (it) => void seen.push(it.lastInTextNode) });
		same(seen, [false, true]);
	},
	"Text.removed": textual((it) => void (same(it.removed, false), it.remove(), same(it.removed, true)), '<p class="a"><!--note--></p>'),
	"Text.before": textual((it) => it.before("b"), '<p class="a">bone<!--note--></p>'),
	"Text.after": textual((it) => it.after("a"), '<p class="a">onea<!--note--></p>'),
	"Text.replace": textual((it) => it.replace("r"), '<p class="a">r<!--note--></p>'),
	"Text.remove": textual((it) => it.remove(), '<p class="a"><!--note--></p>'),
	"Doctype.name": doctype("name", "html"),
	"Doctype.publicId": doctype("publicId", null),
	"Doctype.systemId": doctype("systemId", null),
	"DocumentEnd.append": async () => same(await rewritten(null, { end: (end) => end.append("<") }), `${PAGE}&lt;`),
};
