// Two Yjs clients of one document: `node yjs_clients.mjs HOST:PORT edit|read`. Prints what both hold in the
// end as JSON. Each has its own connection; nothing passes between them but through the server.

import { WebSocket } from "ws";
import YProvider from "y-partyserver/provider";
import * as Y from "yjs";

const [host, task] = process.argv.slice(2);

function connect() {
	const doc = new Y.Doc();
	const provider = new YProvider(host, "shared", doc, {
		party: "notes",
		WebSocketPolyfill: WebSocket,
		disableBc: true,
	});
	return { doc, text: doc.getText("text"), provider };
}

async function until(what, condition) {
	const lastMoment = Date.now() + 30_000;
	while (!condition()) {
		if (Date.now() > lastMoment) throw new Error(`never: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

const synced = (...clients) => until("synced", () => clients.every(({ provider }) => provider.synced));
const same = (a, b) => until("the same text", () => a.text.length > 0 && `${a.text}` === `${b.text}`);

const [a, b] = [connect(), connect()];
await synced(a, b);
if (task === "edit") {
	a.text.insert(0, "together ");
	await same(a, b);
	for (let i = 0; i < 50; i++) {
		a.text.insert(a.text.length, "from a ");
		b.text.insert(0, "from b ");
		if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	}
	await until("all edits", () => [a, b].every(({ text }) => text.length === 9 + 100 * 7));

	a.provider.awareness.setLocalStateField("name", "ada");
	await until("a is seen", () => [...b.provider.awareness.getStates().values()].some(({ name }) => name === "ada"));

	// What is written without a connection arrives after it.
	b.provider.disconnect();
	a.text.insert(0, "a alone ");
	b.text.insert(0, "b alone ");
	b.provider.connect();
	await until("both edits", () => [a, b].every(({ text }) => /a alone/.test(text) && /b alone/.test(text)));
}
await same(a, b);
console.log(JSON.stringify([`${a.text}`, `${b.text}`]));
process.exit(0);
