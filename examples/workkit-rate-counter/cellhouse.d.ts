// Made by `cellhouse types`, because no package of Workers types is installed.

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

interface ExecutionContext<Props = unknown> {
	/** What the caller gives to this entrypoint. */
	readonly props: Props;
	/** The app's own entrypoints, as services, and its classes of objects, as namespaces. */
	readonly exports: Record<string, any>;
	waitUntil(promise: Promise<unknown>): void;
	passThroughOnException(): void;
}

interface ScheduledController {
	readonly cron: string;
	/** Milliseconds since 1970. */
	readonly scheduledTime: number;
	noRetry(): void;
}

interface ExportedHandler<Environment = unknown, QueueMessage = unknown> {
	fetch?(request: Request, env: Environment, ctx: ExecutionContext): Response | Promise<Response>;
	scheduled?(controller: ScheduledController, env: Environment, ctx: ExecutionContext): void | Promise<void>;
}

declare module "cloudflare:workers" {
	export const env: Cloudflare.Env;
	export function waitUntil(promise: Promise<unknown>): void;
	export const exports: Record<string, any>;
	export class WorkerEntrypoint<Environment = Cloudflare.Env, Props = unknown> {
		protected ctx: ExecutionContext<Props>;
		protected env: Environment;
		constructor(ctx: ExecutionContext<Props>, env: Environment);
	}
}

/** Two ends of a WebSocket: one for the client, one to talk to it. */
declare const WebSocketPair: { new (): { 0: WebSocket; 1: WebSocket } };

interface WebSocket {
	/** Begins to receive and send on this end. */
	accept(): void;
}

interface CacheStorage {
	/** The app's own cache. */
	readonly default: Cache;
}

interface ResponseInit {
	/** With status 101: the client's end of a pair. */
	webSocket?: WebSocket | null;
}

interface Response {
	readonly webSocket: WebSocket | null;
}

/** What a KV namespace can do beyond Cloudflare's, as every one is a State store. Only Cellhouse has these. */
interface KVNamespace<Key extends string = string> {
	set(key: Key, value: string): Promise<void>;
	/** One atomic change of a JSON value, `{}` where there is none. Fields are named as `a.b.0`. */
	update(
		key: Key,
		change: {
			$set?: Record<string, unknown>;
			$unset?: Record<string, unknown>;
			$inc?: Record<string, number>;
			$push?: Record<string, unknown>;
			$pop?: Record<string, 1 | -1>;
		},
	): Promise<void>;
}

declare module "@workkit/kv" {
	export type SerializerType = "json" | "text" | "arrayBuffer" | "stream";

	/** What a client needs of a binding: a KV namespace, or a stand-in for tests. */
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

	export interface WorkkitKV<T, Namespace extends KVNamespaceLike = KVNamespace> {
		/** `null` where there is nothing. */
		get(key: string, options?: GetOptions): Promise<T | null>;
		getWithMetadata<Metadata = unknown>(key: string, options?: GetOptions): Promise<KVGetWithMetadataResult<T, Metadata>>;
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

	/** A typed client for a KV namespace. */
	export function kv<T = unknown, Namespace extends KVNamespaceLike = KVNamespace>(binding: Namespace, options?: KVOptions): WorkkitKV<T, Namespace>;

	/** Throws unless KV takes this key. */
	export function validateKey(key: string): void;
	/** The whole key. */
	export function prefixKey(prefix: string | undefined, key: string): string;
	/** The key without the prefix; a key that does not begin with it stays as it is. */
	export function stripPrefix(prefix: string | undefined, key: string): string;

	export interface KVErrorContext {
		operation: "get" | "getWithMetadata" | "put" | "delete" | "has" | "list" | "getMany" | "putMany" | "deleteMany";
		key?: string;
		prefix?: string;
		binding?: string;
	}

	/** Throws what a binding threw again as an error that says what was being done. */
	export function wrapKVError(error: unknown, context: KVErrorContext): never;
	/** Throws unless this is a KV namespace: BindingNotFoundError for null, ConfigError for anything else. */
	export function assertKVBinding(binding: unknown): asserts binding is object;
	/** Throws ValidationError unless this is a whole number of at least 60, or undefined. */
	export function assertValidTtl(ttl: number | undefined): void;

	export interface ValidationIssue {
		path: string[];
		message: string;
		code?: string;
	}

	interface WorkkitErrorOptions {
		cause?: unknown;
		context?: Record<string, unknown>;
	}

	/** Every error of this package. */
	export abstract class WorkkitError extends Error {
		abstract readonly code: string;
		/** The HTTP status that says the same. */
		abstract readonly statusCode: number;
		/** Whether the same call may succeed later. */
		abstract readonly retryable: boolean;
		readonly context?: Record<string, unknown>;
		readonly timestamp: Date;
		constructor(message: string, options?: WorkkitErrorOptions);
		toJSON(): Record<string, unknown>;
	}
	export class BindingNotFoundError extends WorkkitError {
		readonly code: "WORKKIT_BINDING_NOT_FOUND";
		readonly statusCode: 500;
		readonly retryable: false;
		readonly bindingName: string;
		constructor(bindingName: string, options?: WorkkitErrorOptions);
	}
	export class ConfigError extends WorkkitError {
		readonly code: "WORKKIT_CONFIG";
		readonly statusCode: 500;
		readonly retryable: false;
	}
	export class ValidationError extends WorkkitError {
		readonly code: "WORKKIT_VALIDATION";
		readonly statusCode: 400;
		readonly retryable: false;
		readonly issues: ValidationIssue[];
		constructor(message: string, issues?: ValidationIssue[], options?: WorkkitErrorOptions);
	}
	export class InternalError extends WorkkitError {
		readonly code: "WORKKIT_INTERNAL";
		readonly statusCode: 500;
		readonly retryable: false;
	}
	export class KVSerializationError extends WorkkitError {
		readonly code: "WORKKIT_INTERNAL";
		readonly statusCode: 500;
		readonly retryable: false;
		constructor(operation: "serialize" | "deserialize", key: string, cause?: unknown);
	}
	export class TimeoutError extends WorkkitError {
		readonly code: "WORKKIT_TIMEOUT";
		readonly statusCode: 504;
		readonly retryable: true;
	}
	export class ServiceUnavailableError extends WorkkitError {
		readonly code: "WORKKIT_SERVICE_UNAVAILABLE";
		readonly statusCode: 503;
		readonly retryable: true;
	}
}
