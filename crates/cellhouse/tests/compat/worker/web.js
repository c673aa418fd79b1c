// URLs, blobs, encodings, events and the global scope, called.
import { bytes, fails, holds, same, text } from "./expect.js";

const ADDRESS = "http://user:pass@host.test:8080/a/b?c=d#e";
const url = Object.fromEntries(
	Object.entries({ href: ADDRESS, origin: "http://host.test:8080", protocol: "http:", username: "user", password: "pass", host: "host.test:8080", hostname: "host.test", port: "8080", pathname: "/a/b", search: "?c=d", hash: "#e" })
		.map(([name, expected]) => [`URL.${name}`, () => same(new URL(ADDRESS)[name], expected)]),
);
const query = () => new URLSearchParams("b=2&a=1&b=3");
const changed = (change, expected) => () => {
	const found = query();
	change(found);
	same(found.toString(), expected);
};
const pattern = () => new URLPattern({ protocol: "http", hostname: "host.test", port: "8080", pathname: "/:first/*", search: "c=d", hash: "e", username: "user", password: "pass" });
const patterns = Object.fromEntries(
	Object.entries({ protocol: "http", username: "user", password: "pass", hostname: "host.test", port: "8080", pathname: "/:first/*", search: "c=d", hash: "e" })
		.map(([name, expected]) => [`URLPattern.${name}`, () => same(pattern()[name], expected)]),
);
const dispatched = (look, init) => {
	const target = new EventTarget();
	let seen;
	target.addEventListener("it", (event) => void (seen = look(event, target)));
	target.dispatchEvent(new Event("it", init));
	return seen;
};
const events = Object.fromEntries(
	Object.entries({ type: "it", eventPhase: 2, composed: false, bubbles: true, cancelable: true, defaultPrevented: false, returnValue: true, isTrusted: false, cancelBubble: false })
		.map(([name, expected]) => [`Event.${name}`, () => same(dispatched((event) => event[name], { bubbles: true, cancelable: true }), expected)]),
);
const failure = () => new ErrorEvent("error", { filename: "f", message: "m", lineno: 1, colno: 2, error: "e" });
const failures = Object.fromEntries(
	Object.entries({ filename: "f", message: "m", lineno: 1, colno: 2, error: "e" }).map(([name, expected]) => [`ErrorEvent.${name}`, () => same(failure()[name], expected)]),
);
const consoles = Object.fromEntries(
	["clear", "count", "countReset", "debug", "dir", "dirxml", "error", "group", "groupCollapsed", "groupEnd", "info", "log", "table", "time", "timeEnd", "timeLog", "timeStamp", "trace", "warn"]
		.map((name) => [`Console.${name}`, () => same(console[name]("compat"), undefined)]),
);
const channel = () => new Promise((resolve) => {
	const { port1, port2 } = new MessageChannel();
	port2.onmessage = ({ data }) => (port1.close(), resolve(data));
	port1.postMessage({ a: 1 });
});

export default {
	...url,
	...patterns,
	...events,
	...failures,
	...consoles,
	"URL.searchParams": () => same(new URL(ADDRESS).searchParams.get("c"), "d"),
	"URL.toString": () => same(new URL(ADDRESS).toString(), ADDRESS),
	"URL.toJSON": () => same(JSON.stringify(new URL(ADDRESS)), JSON.stringify(ADDRESS)),
	"URLSearchParams.size": () => same(query().size, 3),
	"URLSearchParams.append": changed((it) => it.append("c", "4"), "b=2&a=1&b=3&c=4"),
	"URLSearchParams.delete": changed((it) => it.delete("b", "2"), "a=1&b=3"),
	"URLSearchParams.get": () => same(query().get("b"), "2"),
	"URLSearchParams.getAll": () => same(query().getAll("b"), ["2", "3"]),
	"URLSearchParams.has": () => same([query().has("b", "3"), query().has("b", "4")], [true, false]),
	"URLSearchParams.set": changed((it) => it.set("b", "x"), "b=x&a=1"),
	"URLSearchParams.sort": changed((it) => it.sort(), "a=1&b=2&b=3"),
	"URLSearchParams.entries": () => same([...query().entries()][1], ["a", "1"]),
	"URLSearchParams.keys": () => same([...query().keys()], ["b", "a", "b"]),
	"URLSearchParams.values": () => same([...query().values()], ["2", "1", "3"]),
	"URLSearchParams.forEach": () => {
		const found = [];
		query().forEach((value, name) => found.push(name + value));
		same(found, ["b2", "a1", "b3"]);
	},
	"URLSearchParams.toString": () => same(new URLSearchParams({ "a b": "é" }).toString(), "a+b=%C3%A9"),
	"URLPattern.test": () => same([pattern().test(ADDRESS), pattern().test("http://x/")], [true, false]),
	"URLPattern.exec": () => same(pattern().exec(ADDRESS).pathname.groups, { 0: "b", first: "a" }),
	"Blob.size": () => same(new Blob(["ab", bytes("c")]).size, 3),
	"Blob.type": () => same(new Blob([], { type: "Text/X" }).type, "text/x"),
	"Blob.slice": async () => same(await new Blob(["abc"]).slice(1, 2).text(), "b"),
	"Blob.arrayBuffer": async () => same(text(await new Blob(["abc"]).arrayBuffer()), "abc"),
	"Blob.bytes": async () => same(text(await new Blob(["abc"]).bytes()), "abc"),
	"Blob.text": async () => same(await new Blob(["abc"]).text(), "abc"),
	"Blob.stream": async () => same(await new Response(new Blob(["abc"]).stream()).text(), "abc"),
	"File.name": () => same(new File(["x"], "name").name, "name"),
	"File.lastModified": () => same(new File(["x"], "name", { lastModified: 7 }).lastModified, 7),
	"TextEncoder.encode": () => same([...new TextEncoder().encode("é")], [195, 169]),
	"TextEncoder.encodeInto": () => same(new TextEncoder().encodeInto("é", new Uint8Array(1)), { read: 0, written: 0 }),
	"TextEncoder.encoding": () => same(new TextEncoder().encoding, "utf-8"),
	"TextDecoder.decode": () => same(new TextDecoder("utf-16le").decode(new Uint8Array([104, 0, 105, 0])), "hi"),
	"TextDecoder.encoding": () => same(new TextDecoder("latin1").encoding, "windows-1252"),
	"TextDecoder.fatal": () => fails(() => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]))),
	"TextDecoder.ignoreBOM": () => same(new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array([239, 187, 191])), "\ufeff"),
	"AbortController.signal": () => same(new AbortController().signal.aborted, false),
	"AbortController.abort": () => {
		const controller = new AbortController();
		controller.abort("why");
		same(controller.signal.reason, "why");
	},
	"AbortSignal.abort": () => same(AbortSignal.abort("why").reason, "why"),
	"AbortSignal.timeout": async () => {
		const signal = AbortSignal.timeout(5);
		await new Promise((resolve) => signal.addEventListener("abort", resolve));
		same(signal.reason.name, "TimeoutError");
	},
	"AbortSignal.any": () => same(AbortSignal.any([new AbortController().signal, AbortSignal.abort()]).aborted, true),
	"AbortSignal.aborted": () => same(AbortSignal.abort().aborted, true),
	"AbortSignal.reason": () => same(AbortSignal.abort().reason.name, "AbortError"),
	"AbortSignal.onabort": () => {
		const controller = new AbortController();
		let called = false;
		controller.signal.onabort = () => (called = true);
		controller.abort();
		same(called, true);
	},
	"AbortSignal.throwIfAborted": () => fails(() => AbortSignal.abort().throwIfAborted()),
	"EventTarget.addEventListener": () => same(dispatched(() => 7), 7),
	"EventTarget.removeEventListener": () => {
		const target = new EventTarget();
		let calls = 0;
		const listener = () => calls++;
		target.addEventListener("it", listener);
		target.removeEventListener("it", listener);
		target.dispatchEvent(new Event("it"));
		same(calls, 0);
	},
	"EventTarget.dispatchEvent": () => same(new EventTarget().dispatchEvent(new Event("it")), true),
	"Event.currentTarget": () => holds(dispatched((event, target) => event.currentTarget === target)),
	"Event.target": () => holds(dispatched((event, target) => event.target === target)),
	"Event.srcElement": () => holds(dispatched((event, target) => event.srcElement === target)),
	"Event.timeStamp": () => same(typeof new Event("it").timeStamp, "number"),
	"Event.stopImmediatePropagation": () => {
		const target = new EventTarget();
		let calls = 0;
		for (let listener = 0; listener < 2; listener++) {
			target.addEventListener("it", (event) => (calls++, event.stopImmediatePropagation()));
			target.addEventListener("it", () => calls++);
		}
		target.dispatchEvent(new Event("it"));
		same(calls, 1);
	},
	"Event.preventDefault": () => same(dispatched((event) => (event.preventDefault(), event.defaultPrevented), { cancelable: true }), true),
	"Event.stopPropagation": () => same(dispatched((event) => event.stopPropagation()), undefined),
	"Event.composedPath": () => same(dispatched((event) => event.composedPath().length), 1),
	"Event.NONE": () => same(Event.NONE, 0),
	"Event.CAPTURING_PHASE": () => same(Event.CAPTURING_PHASE, 1),
	"Event.AT_TARGET": () => same(Event.AT_TARGET, 2),
	"Event.BUBBLING_PHASE": () => same(Event.BUBBLING_PHASE, 3),
	"CustomEvent.detail": () => same(new CustomEvent("it", { detail: 7 }).detail, 7),
	"Scheduler.wait": async () => same(await scheduler.wait(1), undefined),
	"Performance.timeOrigin": () => same(typeof performance.timeOrigin, "number"),
	"Performance.now": () => same(typeof performance.now(), "number"),
	"Performance.toJSON": () => same(typeof performance.toJSON().timeOrigin, "number"),
	"MessagePort.postMessage": async () => same(await channel(), { a: 1 }),
	"MessagePort.onmessage": async () => same(await channel(), { a: 1 }),
	"MessagePort.close": () => same(new MessageChannel().port1.close(), undefined),
	"MessagePort.start": () => same(new MessageChannel().port1.start(), undefined),
	"ServiceWorkerGlobalScope.Cloudflare": () => same(Cloudflare.compatibilityFlags.url_standard, true),
	"ServiceWorkerGlobalScope.btoa": () => same(btoa("hi"), "aGk="),
	"ServiceWorkerGlobalScope.atob": () => same(atob("aGk="), "hi"),
	"ServiceWorkerGlobalScope.setTimeout": async () => same(await new Promise((resolve) => setTimeout(resolve, 1, "late")), "late"),
	"ServiceWorkerGlobalScope.clearTimeout": () => same(clearTimeout(setTimeout(() => {}, 1)), undefined),
	"ServiceWorkerGlobalScope.setInterval": async () => {
		let calls = 0;
		await new Promise((resolve) => {
			const timer = setInterval(() => ++calls === 2 && (clearInterval(timer), resolve()), 1);
		});
		same(calls, 2);
	},
	"ServiceWorkerGlobalScope.clearInterval": () => same(clearInterval(setInterval(() => {}, 1)), undefined),
	"ServiceWorkerGlobalScope.queueMicrotask": async () => same(await new Promise((resolve) => queueMicrotask(() => resolve(1))), 1),
	"ServiceWorkerGlobalScope.structuredClone": () => same([...structuredClone(new Set([1]))], [1]),
	"ServiceWorkerGlobalScope.reportError": () => same(reportError(new Error("reported by compat")), undefined),
	"ServiceWorkerGlobalScope.fetch": async () => same(await (await fetch("data:text/plain,hello")).text(), "hello"),
	"ServiceWorkerGlobalScope.self": () => same(self === globalThis, true),
	"ServiceWorkerGlobalScope.crypto": () => same(typeof crypto.subtle, "object"),
	"ServiceWorkerGlobalScope.caches": () => same(typeof caches.default, "object"),
	"ServiceWorkerGlobalScope.scheduler": () => same(typeof scheduler.wait, "function"),
	"ServiceWorkerGlobalScope.performance": () => same(typeof performance.now, "function"),
	"ServiceWorkerGlobalScope.Cloudflare": () => same(typeof Cloudflare.compatibilityFlags, "object"),
	"ServiceWorkerGlobalScope.origin": () => same(typeof origin, "string"),
	"ServiceWorkerGlobalScope.WebSocketRequestResponsePair": () => same(new WebSocketRequestResponsePair("a", "b").response, "b"),
	"ServiceWorkerGlobalScope.FixedLengthStream": async () => {
		const { readable, writable } = new FixedLengthStream(2);
		const writer = writable.getWriter();
		writer.write(bytes("hi")).then(() => writer.close());
		same(await new Response(readable).text(), "hi");
	},
	"ServiceWorkerGlobalScope.CompressionStream": async () => {
		const packed = new Response("hello").body.pipeThrough(new CompressionStream("gzip"));
		same(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text(), "hello");
	},
};
