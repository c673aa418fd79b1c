interface KVGetOptions<Type extends string> {
	type: Type;
	/** Seconds for which a copy may be used: at least 30. */
	cacheTtl?: number;
}

interface KVPutOptions {
	/** The moment at which the entry ends, in seconds since 1970. */
	expiration?: number;
	/** Seconds until the entry ends: at least 60. */
	expirationTtl?: number;
	/** Any JSON of up to 1,024 bytes; list() and getWithMetadata() give it back. */
	metadata?: unknown;
}

interface KVListOptions {
	/** Keys that begin with this. */
	prefix?: string | null;
	/** Keys of a page: 1 to 1,000. */
	limit?: number;
	/** `cursor` of the page before. */
	cursor?: string | null;
}

interface KVListKey<Metadata = unknown> {
	name: string;
	/** In seconds since 1970. */
	expiration?: number;
	metadata?: Metadata;
}

interface KVListResult<Metadata = unknown> {
	keys: KVListKey<Metadata>[];
	list_complete: boolean;
	/** Set unless the list is complete. */
	cursor?: string;
	cacheStatus: string | null;
}

interface KVValueWithMetadata<Value, Metadata> {
	value: Value | null;
	metadata: Metadata | null;
	cacheStatus: string | null;
}

interface KVNamespace<Key extends string = string> {
	get(key: Key, options?: "text" | Partial<KVGetOptions<"text">>): Promise<string | null>;
	get<Value = any>(key: Key, options: "json" | KVGetOptions<"json">): Promise<Value | null>;
	get(key: Key, options: "arrayBuffer" | KVGetOptions<"arrayBuffer">): Promise<ArrayBuffer | null>;
	get(key: Key, options: "stream" | KVGetOptions<"stream">): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null>;
	get(keys: Key[], options?: "text" | Partial<KVGetOptions<"text">>): Promise<Map<string, string | null>>;
	get<Value = any>(keys: Key[], options: "json" | KVGetOptions<"json">): Promise<Map<string, Value | null>>;

	getWithMetadata<Metadata = unknown>(key: Key, options?: "text" | Partial<KVGetOptions<"text">>): Promise<KVValueWithMetadata<string, Metadata>>;
	getWithMetadata<Value = any, Metadata = unknown>(key: Key, options: "json" | KVGetOptions<"json">): Promise<KVValueWithMetadata<Value, Metadata>>;
	getWithMetadata<Metadata = unknown>(key: Key, options: "arrayBuffer" | KVGetOptions<"arrayBuffer">): Promise<KVValueWithMetadata<ArrayBuffer, Metadata>>;
	getWithMetadata<Metadata = unknown>(key: Key, options: "stream" | KVGetOptions<"stream">): Promise<KVValueWithMetadata<ReadableStream<Uint8Array<ArrayBuffer>>, Metadata>>;
	getWithMetadata<Metadata = unknown>(keys: Key[], options?: "text" | Partial<KVGetOptions<"text">>): Promise<Map<string, { value: string; metadata: Metadata | null } | null>>;
	getWithMetadata<Value = any, Metadata = unknown>(keys: Key[], options: "json" | KVGetOptions<"json">): Promise<Map<string, { value: Value; metadata: Metadata | null } | null>>;

	put(key: Key, value: string | ArrayBuffer | ArrayBufferView | ReadableStream, options?: KVPutOptions): Promise<void>;
	delete(key: Key): Promise<void>;
	list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>>;
}
