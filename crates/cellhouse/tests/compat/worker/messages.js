// WebSockets, requests, responses, forms and event sources, called.
import { holds, same, text } from "./expect.js";

/** Two ends of a socket, both accepted. */
const ends = () => {
	const { 0: client, 1: server } = new WebSocketPair();
	client.accept();
	server.accept();
	return { client, server };
};
const next = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
const closed = async (key, expected) => {
	const { client, server } = ends();
	const event = next(server, "close");
	client.close(4001, "why");
	same((await event)[key], expected);
};
const message = async (key, expected) => {
	const { client, server } = ends();
	const event = next(server, "message");
	client.send("text");
	same((await event)[key], expected);
};
const headers = () => new Headers([["a", "1"], ["b", "2"], ["a", "3"]]);
const request = (more) => new Request("http://compat.test/path", { method: "POST", headers: { a: "1" }, body: "body", ...more });
const form = () => {
	const data = new FormData();
	data.append("a", "1");
	data.append("a", "2");
	data.append("file", new Blob(["x"]), "name.txt");
	return data;
};
/** An event source that reads a short text. */
const source = () => EventSource.from(new Response("id: 1\ndata: hello\n\n").body);

export default {
	"WebSocket.accept": () => same(new WebSocketPair()[0].accept(), undefined),
	"WebSocket.send": () => message("data", "text"),
	"WebSocket.close": () => closed("type", "close"),
	"WebSocket.readyState": () => same(ends().client.readyState, WebSocket.OPEN),
	"WebSocket.url": () => same(ends().client.url, null),
	"WebSocket.protocol": () => same(ends().client.protocol, ""),
	"WebSocket.extensions": () => same(ends().client.extensions, ""),
	"WebSocket.binaryType": async () => {
		const { client, server } = ends();
		server.binaryType = "arraybuffer";
		const event = next(server, "message");
		client.send(new Uint8Array([1]));
		holds((await event).data instanceof ArrayBuffer);
	},
	"WebSocketAcceptOptions.allowHalfOpen": async () => {
		const { 0: client, 1: server } = new WebSocketPair();
		client.accept();
		server.accept({ allowHalfOpen: true });
		const event = next(server, "close");
		client.close(1000, "");
		await event;
		same(server.readyState, WebSocket.CLOSING);
	},
	"CloseEvent.code": () => closed("code", 4001),
	"CloseEvent.reason": () => closed("reason", "why"),
	"CloseEvent.wasClean": () => closed("wasClean", true),
	"MessageEvent.data": () => message("data", "text"),
	// Empty in the standard, null in workerd.
	"MessageEvent.origin": async () => {
		const { client, server } = ends();
		const event = next(server, "message");
		client.send("text");
		holds(!(await event).origin);
	},
	"MessageEvent.lastEventId": () => message("lastEventId", ""),
	"MessageEvent.source": () => message("source", null),
	"MessageEvent.ports": () => message("ports", []),
	"Headers.get": () => same(headers().get("A"), "1, 3"),
	"Headers.getAll": () => {
		const cookies = new Headers();
		cookies.append("set-cookie", "a=1");
		cookies.append("set-cookie", "b=2");
		same(cookies.getAll("set-cookie"), ["a=1", "b=2"]);
	},
	"Headers.has": () => same([headers().has("b"), headers().has("c")], [true, false]),
	"Headers.set": () => {
		const found = headers();
		found.set("a", "4");
		same(found.get("a"), "4");
	},
	"Headers.append": () => same(headers().append("c", "5"), undefined),
	"Headers.delete": () => {
		const found = headers();
		found.delete("a");
		same(found.has("a"), false);
	},
	"Headers.forEach": () => {
		const found = [];
		headers().forEach((value, name) => found.push(name + value));
		same(found, ["a1, 3", "b2"]);
	},
	"Headers.entries": () => same([...headers().entries()], [["a", "1, 3"], ["b", "2"]]),
	"Headers.keys": () => same([...headers().keys()], ["a", "b"]),
	"Headers.values": () => same([...headers().values()], ["1, 3", "2"]),
	"Body.body": () => holds(new Response("x").body instanceof ReadableStream),
	"Body.bodyUsed": async () => {
		const response = new Response("x");
		await response.text();
		same(response.bodyUsed, true);
	},
	"Body.arrayBuffer": async () => same(text(await new Response("x").arrayBuffer()), "x"),
	"Body.bytes": async () => same(text(await new Response("x").bytes()), "x"),
	"Body.text": async () => same(await new Response("x").text(), "x"),
	"Body.json": async () => same(await new Response("[1]").json(), [1]),
	"Body.formData": async () => same((await new Response(form()).formData()).getAll("a"), ["1", "2"]),
	"Body.blob": async () => same((await new Response("xy", { headers: { "content-type": "text/x" } }).blob()).type, "text/x"),
	"Request.clone": async () => {
		const first = request();
		same([await first.clone().text(), await first.text()], ["body", "body"]);
	},
	"Request.method": () => same(request().method, "POST"),
	"Request.url": () => same(request().url, "http://compat.test/path"),
	"Request.headers": () => same(request().headers.get("a"), "1"),
	"Request.redirect": () => same([request().redirect, request({ redirect: "manual" }).redirect], ["follow", "manual"]),
	"Request.fetcher": () => same(request().fetcher, null),
	"Request.signal": () => {
		const controller = new AbortController();
		const { signal } = request({ signal: controller.signal });
		controller.abort();
		same(signal.aborted, true);
	},
	"Request.cf": ({ request }) => same(typeof request.cf, "object"),
	"Request.integrity": () => same(request().integrity, ""),
	"Request.keepalive": () => same(request().keepalive, false),
	"Response.clone": async () => {
		const first = new Response("twice");
		same([await first.clone().text(), await first.text()], ["twice", "twice"]);
	},
	"Response.status": () => same(new Response(null, { status: 204 }).status, 204),
	"Response.statusText": () => same(new Response("", { statusText: "Fine" }).statusText, "Fine"),
	"Response.headers": () => same(new Response("", { headers: { a: "1" } }).headers.get("a"), "1"),
	"Response.ok": () => same([new Response().ok, new Response("", { status: 404 }).ok], [true, false]),
	"Response.redirected": () => same(new Response().redirected, false),
	"Response.url": () => same(new Response().url, ""),
	"Response.webSocket": () => {
		const [client] = Object.values(new WebSocketPair());
		same(new Response(null, { status: 101, webSocket: client }).webSocket, client);
	},
	"Response.cf": () => same(new Response().cf, undefined),
	"Response.type": () => same([new Response().type, Response.error().type], ["default", "error"]),
	"FormData.append": () => same(form().append("b", "3"), undefined),
	"FormData.delete": () => {
		const data = form();
		data.delete("a");
		same(data.has("a"), false);
	},
	"FormData.get": () => same([form().get("a"), form().get("file").name, form().get("none")], ["1", "name.txt", null]),
	"FormData.getAll": () => same(form().getAll("a"), ["1", "2"]),
	"FormData.has": () => same(form().has("file"), true),
	"FormData.set": () => {
		const data = form();
		data.set("a", "only");
		same(data.getAll("a"), ["only"]);
	},
	"FormData.entries": () => same([...form().entries()].length, 3),
	"FormData.keys": () => same([...form().keys()], ["a", "a", "file"]),
	"FormData.values": () => same([...form().values()].slice(0, 2), ["1", "2"]),
	"FormData.forEach": () => {
		const names = [];
		form().forEach((_, name) => names.push(name));
		same(names, ["a", "a", "file"]);
	},
	"EventSource.from": async () => same((await next(source(), "message")).data, "hello"),
	"EventSource.close": () => {
		const it = source();
		it.close();
		same(it.readyState, EventSource.CLOSED);
	},
	"EventSource.url": () => same(source().url, ""),
	"EventSource.withCredentials": () => same(source().withCredentials, false),
	"EventSource.readyState": () => same(typeof source().readyState, "number"),
	"EventSource.onopen": () => same(source().onopen, null),
	"EventSource.onmessage": () => new Promise((resolve) => (source().onmessage = resolve)),
	"EventSource.onerror": () => same(source().onerror, null),
	"EventSource.CONNECTING": () => same(EventSource.CONNECTING, 0),
	"EventSource.OPEN": () => same(EventSource.OPEN, 1),
	"EventSource.CLOSED": () => same(EventSource.CLOSED, 2),
};

