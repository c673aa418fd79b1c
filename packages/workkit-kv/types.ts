// The types of `@workkit/kv`. Nothing here exists at run time.

import type { SerializerType } from "./serializer";

/** What a client needs of a binding: Cloudflare's `KVNamespace`, Cellhouse's, or a stand-in for tests. */
export interface KVNamespaceLike {
	get(key: any, options?: any): Promise<any>;
	getWithMetadata(key: any, options?: any): Promise<any>;
	put(key: string, value: any, options?: any): Promise<void>;
	delete(key: string): Promise<void>;
	list(options?: any): Promise<any>;
}

export interface KVOptions {
	/** Goes before every key. */
	prefix?: string;
	/** Seconds that an entry lives unless put() says otherwise: at least 60. */
	defaultTtl?: number;
	/** Seconds for which reads may be answered from a cache, unless they say otherwise: at least 30. */
	defaultCacheTtl?: number;
	/** How values become bytes. JSON unless said otherwise. */
	serializer?: SerializerType;
}

export interface GetOptions {
	/** Seconds for which the answer may come from a cache; `false` for none of that. */
	cacheTtl?: number | false;
}

export interface KVPutOptions {
	/** Seconds that the entry lives: at least 60. */
	ttl?: number;
	/** The moment at which it ends, in seconds since 1970. Goes before `ttl` and `defaultTtl`. */
	expiration?: number;
	/** Any JSON of up to 1,024 bytes. */
	metadata?: unknown;
}

export interface KVBatchPutEntry<T> {
	key: string;
	value: T;
	/** Go before those of the whole call. */
	options?: KVPutOptions;
}

export interface KVGetWithMetadataResult<T, Metadata = unknown> {
	value: T | null;
	metadata: Metadata | null;
	cacheStatus: string | null;
}

export interface KVListOptions {
	/** Only keys that go on like this after the client's own prefix. */
	prefix?: string;
	/** Keys asked of the binding at a time: 1 to 1,000. All pages are read all the same. */
	limit?: number;
	/** Where to begin: a cursor of the binding's own list(). */
	cursor?: string;
}

export interface KVListEntry<Metadata = unknown> {
	/** Without the client's prefix. */
	name: string;
	/** In seconds since 1970. */
	expiration?: number;
	metadata?: Metadata;
}

/** Made by `kv()`. Every method fails with one of the error classes of this package. */
export interface WorkkitKV<T, Namespace extends KVNamespaceLike = KVNamespaceLike> {
	/** `null` where there is nothing. */
	get(key: string, options?: GetOptions): Promise<T | null>;
	getWithMetadata<Metadata = unknown>(key: string, options?: GetOptions): Promise<KVGetWithMetadataResult<T, Metadata>>;
	/** Done when the binding says so; with Cellhouse that is when it is on disk. */
	put(key: string, value: T, options?: KVPutOptions): Promise<void>;
	/** Deleting what is not there is no error. */
	delete(key: string): Promise<void>;
	/** Whether there is an entry; its value is not read. */
	has(key: string): Promise<boolean>;
	/** Those that are there, in the order asked for. */
	getMany(keys: readonly string[], options?: GetOptions): Promise<Map<string, T>>;
	/** All entries are looked at before the first is written. Not atomic. */
	putMany(entries: readonly KVBatchPutEntry<T>[], options?: KVPutOptions): Promise<void>;
	deleteMany(keys: readonly string[]): Promise<void>;
	/** All keys in order, page after page as they are asked for. */
	list<Metadata = unknown>(options?: KVListOptions): AsyncIterable<KVListEntry<Metadata>>;
	listKeys<Metadata = unknown>(options?: KVListOptions): Promise<KVListEntry<Metadata>[]>;
	/** The binding itself. */
	readonly raw: Namespace;
}
