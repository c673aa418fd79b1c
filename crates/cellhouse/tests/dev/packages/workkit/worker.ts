// Cases of `@workkit/kv`. GET / runs all of them and answers with what went wrong, by name.

import {
	assertKVBinding, assertValidTtl, BindingNotFoundError, ConfigError, InternalError, kv, KVSerializationError, prefixKey,
	ServiceUnavailableError, stripPrefix, TimeoutError, validateKey, ValidationError, WorkkitError, wrapKVError,
} from "@workkit/kv";

type Binding = any;

/** The binding, and how often each of its methods was called. */
function counted(binding: Binding) {
	const calls: Record<string, number> = {};
	const proxy = new Proxy(binding, {
		get(target, name) {
			return (...parameters: unknown[]) => {
				calls[String(name)] = (calls[String(name)] ?? 0) + 1;
				return target[name](...parameters);
			};
		},
	});
	return { calls, proxy };
}

/** A namespace as it was before bulk reads. */
function withoutBulk(binding: Binding) {
	const one = (key: unknown) => {
		if (typeof key !== "string") throw new TypeError("a key is a string");
		return key;
	};
	return {
		get: async (key: unknown, options: unknown) => binding.get(one(key), options),
		getWithMetadata: async (key: unknown, options: unknown) => binding.getWithMetadata(one(key), options),
		put: (...parameters: unknown[]) => binding.put(...parameters),
		delete: (key: string) => binding.delete(key),
		list: (options: unknown) => binding.list(options),
	};
}

function failing(message: string): Binding {
	const fail = async () => {
		throw new Error(message);
	};
	return { get: fail, getWithMetadata: fail, put: fail, delete: fail, list: fail };
}

function equal(found: unknown, expected: unknown, what = "value") {
	const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
	if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

async function thrown(type: any, work: () => unknown, text = ""): Promise<any> {
	try {
		await work();
	} catch (error: any) {
		if (!(error instanceof type)) throw new Error(`${error?.name} instead of ${type.name}: ${error?.message}`);
		if (!(error instanceof WorkkitError)) throw new Error("no WorkkitError");
		if (!error.message.includes(text)) throw new Error(`"${error.message}" does not say "${text}"`);
		return error;
	}
	throw new Error(`nothing was thrown, not ${type.name}`);
}

const cases: Record<string, (binding: Binding) => Promise<void>> = {
	async "a hundred keys are one bulk read, a hundred and one are two"(binding) {
		const store = kv<number>(binding, { prefix: "n:" });
		const keys = Array.from({ length: 101 }, (_, index) => `k${index}`);
		await store.putMany(keys.map((key, index) => ({ key, value: index })));
		const { calls, proxy } = counted(binding);
		const some = await kv<number>(proxy, { prefix: "n:" }).getMany([...keys.slice(0, 99), "k0", "k1", "missing"]);
		equal([calls, some.size, some.has("missing"), some.get("k7")], [{ get: 1 }, 99, false, 7]);
		equal([...(await kv<number>(proxy, { prefix: "n:" }).getMany(keys)).keys()], keys, "order");
		equal(calls, { get: 3 });
	},

	async "without bulk reads each key is read"(binding) {
		for (const serializer of ["json", "text"] as const) {
			const store = kv<number>(withoutBulk(binding), { prefix: `${serializer}:`, serializer });
			await store.putMany([{ key: "a", value: 1 }, { key: "b", value: 2 }]);
			equal([...(await store.getMany(["b", "c", "a"]))], [["b", 2], ["a", 1]], serializer);
		}
		const bytes = kv<ArrayBuffer>(binding, { serializer: "arrayBuffer" });
		await bytes.put("x", new Uint8Array([1, 2]).buffer);
		const [[, body]] = [...(await bytes.getMany(["x", "y"]))] as [[string, ArrayBuffer]];
		equal([...new Uint8Array(body)], [1, 2]);
	},

	async "every serializer gives back what was put"(binding) {
		const json = kv<unknown>(binding, { prefix: "j:" });
		for (const value of [null, 0, "", "0", [1, [2]], { a: { b: null } }, "\u{1f600}"]) {
			await json.put("v", value);
			equal(await json.get("v"), value);
		}
		const text = kv<string | number>(binding, { prefix: "t:", serializer: "text" });
		for (const value of ["", "a", 0, -1.5, 1e21, "42", "-0", "1e21", "042", " 1", "NaN", 2 ** 53]) {
			await text.put("v", value, { metadata: { own: true } });
			const found = await text.getWithMetadata("v");
			equal([typeof found.value, found.value, found.metadata], [typeof value, value, { own: true }]);
			await text.put("w", value);
			equal([await text.get("w"), (await text.getWithMetadata("w")).metadata], [value, null]);
			equal((await text.getMany(["w"])).get("w"), value, "getMany");
		}
		equal((await text.listKeys()).map((entry) => [entry.name, entry.metadata]), [["v", { own: true }], ["w", undefined]]);
		equal(await binding.get("t:w"), String(2 ** 53), "as digits");
		const stream = kv<ReadableStream>(binding, { serializer: "stream" });
		await stream.put("s", new Response("streamed").body!);
		equal(await new Response(await stream.get("s")).text(), "streamed");
	},

	async "what cannot be serialized is not stored"(binding) {
		const cycle: any = {};
		cycle.self = cycle;
		for (const value of [undefined, () => 1, cycle, 1n]) {
			await thrown(KVSerializationError, () => kv<any>(binding).put("v", value), '"v" cannot be stored');
		}
		await thrown(KVSerializationError, () => kv<any>(binding, { serializer: "text" }).put("v", {}), "takes strings and finite numbers, not an object");
		await thrown(KVSerializationError, () => kv<any>(binding, { serializer: "text" }).put("v", NaN), "NaN");
		await thrown(KVSerializationError, () => kv<any>(binding, { serializer: "arrayBuffer" }).put("v", "text"));
		await thrown(KVSerializationError, () => kv<any>(binding).putMany([{ key: "w", value: 1 }, { key: "v", value: cycle }]));
		equal([await binding.get("v"), await binding.get("w")], [null, null]);
		await binding.put("v", "{");
		const error = await thrown(KVSerializationError, () => kv(binding).get("v"), '"v" cannot be read');
		equal([error.cause.name, error.context], ["SyntaxError", { operation: "deserialize", kvKey: "v" }]);
	},

	async "keys are checked with their prefix before anything is called"() {
		const { calls, proxy } = counted(failing("called"));
		const store = kv<number>(proxy, { prefix: "p:" });
		for (const [key, text] of [["", "empty"], ["x".repeat(511), "this one has 513"], ["\u00e9".repeat(256), "this one has 514"]] as const) {
			for (const work of [
				() => store.get(key), () => store.getWithMetadata(key), () => store.put(key, 1), () => store.delete(key), () => store.has(key),
				() => store.getMany(["a", key]), () => store.putMany([{ key: "a", value: 1 }, { key, value: 1 }]), () => store.deleteMany(["a", key]),
			]) {
				const error = await thrown(ValidationError, work, text);
				equal([error.statusCode, error.retryable, error.issues[0].path], [400, false, ["key"]]);
			}
		}
		await thrown(ValidationError, () => validateKey(undefined as any), "undefined");
		await thrown(ValidationError, () => validateKey(".."), "not allowed");
		validateKey("x".repeat(512));
		equal(calls, {});
	},

	async "times to live"(binding) {
		const store = kv<number>(binding, { prefix: "ttl:", defaultTtl: 3600 });
		const now = Math.floor(Date.now() / 1000);
		await store.putMany([{ key: "a", value: 1 }, { key: "b", value: 1, options: { ttl: 60 } }, { key: "c", value: 1, options: { expiration: now + 90 } }], { ttl: 120 });
		await store.put("d", 1);
		const left = (await store.listKeys()).map((entry) => Math.round((entry.expiration! - now) / 10) * 10);
		equal(left, [120, 60, 90, 3600]);
		for (const ttl of [30, 0, -1, 60.5, NaN, "60" as any]) {
			await thrown(ValidationError, () => store.put("e", 1, { ttl }), "at least 60");
			await thrown(ValidationError, () => store.putMany([{ key: "f", value: 1 }, { key: "e", value: 1, options: { ttl } }]), "at least 60");
			await thrown(ValidationError, () => kv(binding, { defaultTtl: ttl }), "at least 60");
		}
		await thrown(ValidationError, () => store.put("e", 1, { expiration: NaN }), "expiration");
		equal([await store.has("e"), await store.has("f")], [false, false]);
		assertValidTtl(undefined);
		assertValidTtl(60);
	},

	async "what the cache is told"(binding) {
		const asked: unknown[] = [];
		const recording = { ...failing(""), get: async (_: string, options: unknown) => (asked.push(options), null) };
		const store = kv(recording, { defaultCacheTtl: 60 });
		for (const options of [undefined, { cacheTtl: 300 }, { cacheTtl: false as const }]) await store.get("k", options);
		await kv(recording).get("k");
		equal(asked, [{ type: "text", cacheTtl: 60 }, { type: "text", cacheTtl: 300 }, { type: "text" }, { type: "text" }]);
		const status = (await kv(binding).getWithMetadata("nothing"));
		equal(status, { value: null, metadata: null, cacheStatus: null });
	},

	async "listing goes through all pages and stops when nobody reads on"(binding) {
		const store = kv<number>(binding, { prefix: "list:" });
		const names = Array.from({ length: 25 }, (_, index) => `k${String(index).padStart(2, "0")}`);
		await store.putMany(names.map((key) => ({ key, value: 1 })));
		await binding.put("other", "1");
		const { calls, proxy } = counted(binding);
		equal((await kv(proxy, { prefix: "list:" }).listKeys({ limit: 10 })).map((entry) => entry.name), names);
		equal(calls, { list: 3 });
		for await (const entry of kv(proxy, { prefix: "list:" }).list({ limit: 10, prefix: "k1" })) {
			equal(entry, { name: "k10" });
			break;
		}
		equal(calls, { list: 4 });
		await store.deleteMany(names);
		equal(await store.listKeys(), []);
	},

	async "has() does not read the value"(binding) {
		const store = kv<string>(binding, { prefix: "has:" });
		await store.put("big", "x".repeat(1_000_000));
		equal([await store.has("big"), await store.has("small")], [true, false]);
	},

	async "bindings that are none"(binding) {
		for (const nothing of [null, undefined]) {
			const error = await thrown(BindingNotFoundError, () => kv(nothing as any), "KVNamespace");
			equal([error.code, error.bindingName, error.name], ["WORKKIT_BINDING_NOT_FOUND", "KVNamespace", "BindingNotFoundError"]);
		}
		await thrown(ConfigError, () => assertKVBinding({ get() {}, put() {} }), "getWithMetadata(), delete(), list()");
		await thrown(ConfigError, () => kv("KV" as any));
		await thrown(ConfigError, () => kv(binding, { serializer: "yaml" as any }), '"yaml"');
		assertKVBinding(binding);
		equal(kv(binding).raw === binding, true);
	},

	async "errors of the binding say what was done"() {
		for (const [message, type, retryable] of [
			["KV GET failed: 503 Service Unavailable", ServiceUnavailableError, true],
			["the request timed out", TimeoutError, true],
			["KV PUT failed: 400", InternalError, false],
		] as const) {
			const store = kv<number>(failing(message), { prefix: "p:" });
			for (const [operation, work] of Object.entries({
				get: () => store.get("k"), put: () => store.put("k", 1), delete: () => store.delete("k"), has: () => store.has("k"),
				getWithMetadata: () => store.getWithMetadata("k"), list: () => store.listKeys(), getMany: () => store.getMany(["k"]),
				putMany: () => store.putMany([{ key: "k", value: 1 }]), deleteMany: () => store.deleteMany(["k"]),
			})) {
				const error = await thrown(type, work, `KV ${operation}`);
				equal([error.retryable, error.context.operation, error.cause.message, error.message.endsWith(message)], [retryable, operation, message, true]);
			}
		}
		const wrapped = await thrown(InternalError, () => wrapKVError("text", { operation: "get", binding: "KV" }), "text");
		const { name, code, statusCode, context } = JSON.parse(JSON.stringify(wrapped));
		equal([name, code, statusCode, context], ["InternalError", "WORKKIT_INTERNAL", 500, { operation: "get", binding: "KV" }]);
	},

	async "a failure in the middle of many ends the rest"(binding) {
		let puts = 0;
		const breaking = {
			...withoutBulk(binding),
			put: async () => {
				puts += 1;
				if (puts === 3) throw new Error("full");
			},
		};
		const entries = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, value: index }));
		await thrown(InternalError, () => kv<number>(breaking).putMany(entries), 'KV putMany "k2": full');
		if (puts > 12) throw new Error(`${puts} puts`);
	},

	async "prefixes"() {
		equal([prefixKey("user:", "alice"), prefixKey("", "a"), prefixKey(undefined, "a")], ["user:alice", "a", "a"]);
		equal([stripPrefix("user:", "user:alice"), stripPrefix("user:", "alice"), stripPrefix(undefined, "a")], ["alice", "alice", "a"]);
	},
};

export default {
	async fetch(_request: Request, env: { KV: Binding }) {
		const wrong: Record<string, string> = {};
		for (const [name, run] of Object.entries(cases)) {
			for (const { name } of (await env.KV.list()).keys) await env.KV.delete(name);
			await run(env.KV).catch((error) => (wrong[name] = String(error?.message ?? error)));
		}
		return Response.json({ ran: Object.keys(cases).length, wrong });
	},
};
