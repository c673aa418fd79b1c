// The client that `kv()` makes: one binding, one prefix, one serializer.

import { readMany, together } from "./batch";
import { assertKVBinding, assertValidTtl, ConfigError, type KVErrorContext, KVSerializationError, ValidationError, wrapKVError } from "./errors";
import { prefixKey, stripPrefix, validateKey } from "./keys";
import { marked, type Serializer, serializerOf, type Stored, unmarked } from "./serializer";
import type {
	GetOptions, KVBatchPutEntry, KVGetWithMetadataResult, KVListEntry, KVListOptions, KVNamespaceLike, KVOptions, KVPutOptions, WorkkitKV,
} from "./types";

/** A typed client for a KV namespace. Throws BindingNotFoundError for null, ConfigError for what is no namespace, ValidationError for a TTL below 60. */
export function kv<T = unknown, Namespace extends KVNamespaceLike = KVNamespaceLike>(binding: Namespace, options: KVOptions = {}): WorkkitKV<T, Namespace> {
	assertKVBinding(binding);
	assertValidTtl(options.defaultTtl);
	const type = options.serializer ?? "json";
	const serializer = serializerOf(type);
	if (!serializer) throw new ConfigError(`there is no serializer "${String(type)}": "json", "text", "arrayBuffer" or "stream"`);
	return new Client<T, Namespace>(binding, options, serializer);
}

type Operation = KVErrorContext["operation"];

/** A put that has been looked at. */
interface Prepared {
	key: string;
	body: unknown;
	options: Record<string, unknown>;
}

class Client<T, Namespace extends KVNamespaceLike> implements WorkkitKV<T, Namespace> {
	readonly #prefix: string;
	readonly #options: KVOptions;
	readonly #serializer: Serializer;

	constructor(readonly raw: Namespace, options: KVOptions, serializer: Serializer) {
		this.#prefix = options.prefix ?? "";
		this.#options = options;
		this.#serializer = serializer;
	}

	async get(key: string, options?: GetOptions): Promise<T | null> {
		if (this.#serializer.marks) return (await this.#read("get", key, options)).value;
		const whole = this.#whole(key);
		const body = await this.#call("get", whole, () => this.raw.get(whole, this.#reading(options)));
		return body === null ? null : this.#load(whole, body, false);
	}

	getWithMetadata<Metadata = unknown>(key: string, options?: GetOptions): Promise<KVGetWithMetadataResult<T, Metadata>> {
		return this.#read("getWithMetadata", key, options);
	}

	async put(key: string, value: T, options?: KVPutOptions): Promise<void> {
		await this.#write("put", this.#prepare(key, value, options));
	}

	async delete(key: string): Promise<void> {
		const whole = this.#whole(key);
		await this.#call("delete", whole, () => this.raw.delete(whole));
	}

	async has(key: string): Promise<boolean> {
		const whole = this.#whole(key);
		const body: ReadableStream | null = await this.#call("has", whole, () => this.raw.get(whole, { type: "stream" }));
		if (body === null) return false;
		if (typeof body === "object" && typeof body.cancel === "function") await body.cancel();
		return true;
	}

	async getMany(keys: readonly string[], options?: GetOptions): Promise<Map<string, T>> {
		const found = new Map<string, T>();
		const wholes = [...new Set(keys)].map((key) => this.#whole(key));
		const context = { operation: "getMany" as const, prefix: this.#prefix };
		const entries = await readMany(this.raw, wholes, this.#reading(options), this.#serializer.marks).catch((error) => wrapKVError(error, context));
		for (const [whole, entry] of entries) {
			const value = this.#load(whole, entry.value, unmarked(entry.metadata).marked);
			found.set(stripPrefix(this.#prefix, whole), value);
		}
		return found;
	}

	async putMany(entries: readonly KVBatchPutEntry<T>[], options?: KVPutOptions): Promise<void> {
		const prepared = entries.map((entry) => this.#prepare(entry.key, entry.value, { ...options, ...entry.options }));
		await together(prepared, (one) => this.#write("putMany", one));
	}

	async deleteMany(keys: readonly string[]): Promise<void> {
		const wholes = [...new Set(keys)].map((key) => this.#whole(key));
		await together(wholes, (whole) => this.#call("deleteMany", whole, () => this.raw.delete(whole)));
	}

	async *list<Metadata = unknown>(options: KVListOptions = {}): AsyncGenerator<KVListEntry<Metadata>> {
		const prefix = this.#prefix + (options.prefix ?? "");
		let cursor = options.cursor;
		do {
			const asked = { prefix: prefix || undefined, limit: options.limit, cursor };
			const page = await this.#call("list", undefined, () => this.raw.list(asked));
			for (const key of page.keys) yield this.#listed<Metadata>(key);
			cursor = page.list_complete ? undefined : page.cursor;
		} while (cursor);
	}

	async listKeys<Metadata = unknown>(options?: KVListOptions): Promise<KVListEntry<Metadata>[]> {
		const entries = [];
		for await (const entry of this.list<Metadata>(options)) entries.push(entry);
		return entries;
	}

	#whole(key: string): string {
		validateKey(key);
		const whole = prefixKey(this.#prefix, key);
		if (this.#prefix) validateKey(whole);
		return whole;
	}

	async #read(operation: Operation, key: string, options?: GetOptions): Promise<KVGetWithMetadataResult<T, any>> {
		const whole = this.#whole(key);
		const found = await this.#call(operation, whole, () => this.raw.getWithMetadata(whole, this.#reading(options)));
		const { metadata, marked } = unmarked(found.metadata);
		return {
			value: found.value === null ? null : this.#load(whole, found.value, marked),
			metadata: metadata ?? null,
			cacheStatus: found.cacheStatus ?? null,
		};
	}

	#reading(options?: GetOptions): { type: string; cacheTtl?: number } {
		const cacheTtl = options?.cacheTtl ?? this.#options.defaultCacheTtl;
		const type = this.#serializer.read;
		return cacheTtl ? { type, cacheTtl } : { type };
	}

	#load(whole: string, body: unknown, marked: boolean): T {
		try {
			return this.#serializer.load(body, marked) as T;
		} catch (error) {
			throw new KVSerializationError("deserialize", whole, error);
		}
	}

	#prepare(key: string, value: T, options: KVPutOptions = {}): Prepared {
		const whole = this.#whole(key);
		const lives = this.#lives(options);
		const stored = this.#store(whole, value);
		const metadata = marked(options.metadata, stored);
		return { key: whole, body: stored.body, options: metadata === undefined ? lives : { ...lives, metadata } };
	}

	#lives({ expiration, ttl = this.#options.defaultTtl }: KVPutOptions): Record<string, unknown> {
		if (expiration !== undefined && expiration !== null) {
			if (Number.isFinite(expiration)) return { expiration };
			const message = `expiration is a number of seconds since 1970; this is ${String(expiration)}`;
			throw new ValidationError(message, [{ path: ["expiration"], message }]);
		}
		assertValidTtl(ttl);
		return ttl === undefined ? {} : { expirationTtl: ttl };
	}

	#store(whole: string, value: T): Stored {
		try {
			return this.#serializer.store(value);
		} catch (error) {
			throw new KVSerializationError("serialize", whole, error);
		}
	}

	async #write(operation: Operation, { key, body, options }: Prepared): Promise<void> {
		await this.#call(operation, key, () => this.raw.put(key, body, options));
	}

	#listed<Metadata>(key: { name: string; expiration?: number; metadata?: unknown }): KVListEntry<Metadata> {
		const entry: KVListEntry<Metadata> = { name: stripPrefix(this.#prefix, key.name) };
		if (key.expiration !== undefined) entry.expiration = key.expiration;
		const { metadata } = unmarked(key.metadata);
		if (metadata !== undefined && metadata !== null) entry.metadata = metadata;
		return entry;
	}

	async #call<Result>(operation: Operation, key: string | undefined, call: () => Promise<Result>): Promise<Result> {
		try {
			return await call();
		} catch (error) {
			const context: KVErrorContext = { operation };
			if (key !== undefined) context.key = key;
			if (this.#prefix) context.prefix = this.#prefix;
			wrapKVError(error, context);
		}
	}
}
