// WebSockets as arguments: `room.connect(server)`. RPC carries none, so a second pair is made between the
// caller and the object, and what arrives at one is sent on by the other. The object's end is announced
// over RPC first, under a name that nobody else knows.

import { StateError } from "./errors";

const METHOD = "~expectSocket";
const ADDRESS = "https://sdk.do/socket/";

const stubs = new WeakMap<object, any>();
/** Calls that wait for their socket. */
const expected = new Map<string, { object: any; method: string; parameters: unknown[]; at: number }>();

function isSocket(value: unknown): boolean {
	return typeof WebSocket === "function" && value instanceof WebSocket;
}

/** The stub of an object whose methods take WebSockets too. */
export function stubOf(stub: any): any {
	const proxy = new Proxy(stub, {
		get(target, name) {
			const value = target[name];
			if (typeof name === "symbol" || typeof value !== "function" || name === "fetch") return value;
			return methodOf(target, name, value);
		},
	});
	stubs.set(proxy, stub);
	return proxy;
}

/** A member of a stub is a promise of its value, and can be called. */
function methodOf(stub: any, name: string, member: any): any {
	return new Proxy(member, {
		get(target, key) {
			const value = target[key];
			return key === "then" || key === "catch" || key === "finally" ? value.bind(target) : value;
		},
		apply(target, _this, parameters: unknown[]) {
			const at = parameters.findIndex(isSocket);
			if (at >= 0) return connect(stub, name, parameters, at);
			return Reflect.apply(target, undefined, parameters.map((one) => stubs.get(one as object) ?? one));
		},
	});
}

async function connect(stub: any, method: string, parameters: unknown[], at: number): Promise<unknown> {
	const socket: any = parameters[at];
	const key = crypto.randomUUID();
	const others = parameters.map((one, index) => (index === at ? null : one));
	await stub[METHOD](key, method, others, at);
	const response = await stub.fetch(ADDRESS + key, { headers: { Upgrade: "websocket" } });
	if (!response.webSocket) {
		throw new StateError("STATE_WEBSOCKET_ERROR", `${method}(): the object has not taken the WebSocket: ${await response.text()}`);
	}
	join(socket, response.webSocket);
	return undefined;
}

function join(here: any, there: any): void {
	there.accept();
	here.accept();
	for (const [from, to] of [[here, there], [there, here]]) {
		from.addEventListener("message", (event: any) => to.send(event.data));
		from.addEventListener("close", (event: any) => end(to, event.code, event.reason));
		from.addEventListener("error", () => end(to, 1011, "the other side failed"));
	}
}

function end(socket: any, code: number, reason: string): void {
	try {
		if (code === 1005 || code === 1006) socket.close();
		else socket.close(code, reason);
	} catch {
		// It is closed.
	}
}

/** Lets an object take sockets in any of its methods. */
export function receiveSockets(object: any): void {
	const prototype = Object.getPrototypeOf(object);
	if (!Object.hasOwn(prototype, METHOD)) {
		Object.defineProperty(prototype, METHOD, {
			value(this: any, key: string, method: string, parameters: unknown[], at: number) {
				if (typeof this[method] !== "function") throw new StateError("STATE_WEBSOCKET_ERROR", `the object has no method ${method}()`);
				expected.set(key, { object: this, method, parameters, at });
			},
			configurable: true,
		});
	}
	const own = object.fetch;
	Object.defineProperty(object, "fetch", {
		value(request: Request) {
			const socket = request.url.startsWith(ADDRESS) ? receive(request) : undefined;
			if (socket) return socket;
			if (typeof own !== "function") throw new Error("Handler does not export a fetch() function.");
			return own.call(object, request);
		},
		writable: true,
		configurable: true,
	});
}

/** Undefined for an address that was not announced: then it is a request like any other. */
function receive(request: Request): Promise<Response> | undefined {
	const key = request.url.slice(ADDRESS.length);
	const call = expected.get(key);
	if (!call) return undefined;
	expected.delete(key);
	return take(call);
}

async function take({ object, method, parameters, at }: { object: any; method: string; parameters: unknown[]; at: number }): Promise<Response> {
	const pair = new WebSocketPair();
	await object[method](...parameters.map((one, index) => (index === at ? pair[1] : one)));
	return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit);
}
