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

interface D1Meta {
	/** Milliseconds. */
	duration: number;
	size_after: number;
	rows_read: number;
	rows_written: number;
	last_row_id: number;
	changed_db: boolean;
	changes: number;
}

interface D1Response {
	success: true;
	meta: D1Meta & Record<string, unknown>;
	error?: never;
}

type D1Result<T = unknown> = D1Response & { results: T[] };

interface D1ExecResult {
	count: number;
	duration: number;
}

type D1SessionConstraint = "first-primary" | "first-unconstrained";
type D1SessionBookmark = string;

/** A statement; `bind` returns another one. */
declare abstract class D1PreparedStatement {
	bind(...values: unknown[]): D1PreparedStatement;
	first<T = unknown>(colName: string): Promise<T | null>;
	first<T = Record<string, unknown>>(): Promise<T | null>;
	run<T = Record<string, unknown>>(): Promise<D1Result<T>>;
	all<T = Record<string, unknown>>(): Promise<D1Result<T>>;
	raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
	raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
}

declare abstract class D1DatabaseSession {
	prepare(query: string): D1PreparedStatement;
	batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
	getBookmark(): D1SessionBookmark | null;
}

/** A SQLite database. */
declare abstract class D1Database {
	prepare(query: string): D1PreparedStatement;
	batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
	exec(query: string): Promise<D1ExecResult>;
	withSession(constraintOrBookmark?: D1SessionBookmark | D1SessionConstraint): D1DatabaseSession;
	dump(): Promise<ArrayBuffer>;
}

/** An open transaction of a D1 database. Only Cellhouse has these. */
interface D1Transaction {
	prepare(query: string): D1PreparedStatement;
	batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
	exec(query: string): Promise<D1ExecResult>;
}

interface D1Database {
	/** Committed when the promise of `callback` is fulfilled, else rolled back; open for 5 s, or `timeout` ms, at most. */
	transaction<T>(callback: (tx: D1Transaction) => Promise<T>, options?: { timeout?: number }): Promise<T>;
}
