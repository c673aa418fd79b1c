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

/** Names one Durable Object of a namespace. */
interface DurableObjectId {
	/** 64 hexadecimal digits, which `idFromString()` takes. */
	toString(): string;
	equals(other: DurableObjectId): boolean;
	/** The name that `idFromName()` was given. */
	readonly name?: string;
}

/** What a call over RPC gives: the result as a promise, whatever the method itself returns. */
type DurableObjectCall<Member> = Member extends (...args: infer Arguments) => infer Result
	? (...args: Arguments) => Promise<Awaited<Result>>
	: Promise<Awaited<Member>>;

/** What the runtime calls or gives to an object, and RPC does not reach. */
type DurableObjectReserved =
	| "ctx" | "state" | "env" | "fetch" | "alarm" | "webSocketMessage" | "webSocketClose" | "webSocketError";

/** A way to an object: requests, and the public members of its class. */
type DurableObjectStub<Class = undefined> = {
	readonly id: DurableObjectId;
	readonly name?: string;
	fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
} & { [Name in Exclude<keyof Class, DurableObjectReserved>]: DurableObjectCall<Class[Name]> };

type DurableObjectLocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

/** All objects of one class. */
interface DurableObjectNamespace<Class = undefined> {
	/** The same name gives the same id, always. */
	idFromName(name: string): DurableObjectId;
	idFromString(id: string): DurableObjectId;
	newUniqueId(options?: { jurisdiction?: string }): DurableObjectId;
	get(id: DurableObjectId, options?: { locationHint?: DurableObjectLocationHint }): DurableObjectStub<Class>;
	getByName(name: string, options?: { locationHint?: DurableObjectLocationHint }): DurableObjectStub<Class>;
	jurisdiction(name: string): DurableObjectNamespace<Class>;
}

/** What an object is given: `this.state` or `this.ctx`. */
interface DurableObjectState {
	readonly id: DurableObjectId;
	readonly storage: DurableObjectStorage;
	waitUntil(promise: Promise<unknown>): void;
	/** No other event reaches the object until the callback is done: at most 30 s. */
	blockConcurrencyWhile<Result>(callback: () => Promise<Result>): Promise<Result>;
	/** Ends this instance; the next event makes a new one. */
	abort(reason?: string): void;
	/** The object may leave memory while the socket stays open; `webSocketMessage` wakes it. */
	acceptWebSocket(socket: WebSocket, tags?: string[]): void;
	getWebSockets(tag?: string): WebSocket[];
	getTags(socket: WebSocket): string[];
	setWebSocketAutoResponse(pair?: WebSocketRequestResponsePair): void;
	getWebSocketAutoResponse(): WebSocketRequestResponsePair | null;
	getWebSocketAutoResponseTimestamp(socket: WebSocket): Date | null;
	setHibernatableWebSocketEventTimeout(milliseconds?: number): void;
	getHibernatableWebSocketEventTimeout(): number | null;
}

/** A message that is answered without waking the object. */
declare class WebSocketRequestResponsePair {
	constructor(request: string, response: string);
	readonly request: string;
	readonly response: string;
}

interface WebSocket {
	/** Keeps a value with the socket while its object sleeps. */
	serializeAttachment(value: unknown): void;
	deserializeAttachment(): any;
}

interface DurableObjectListOptions {
	start?: string;
	startAfter?: string;
	end?: string;
	prefix?: string;
	reverse?: boolean;
	limit?: number;
	allowConcurrency?: boolean;
	noCache?: boolean;
}

interface DurableObjectReadOptions {
	allowConcurrency?: boolean;
	noCache?: boolean;
}

interface DurableObjectWriteOptions {
	allowConcurrency?: boolean;
	allowUnconfirmed?: boolean;
	noCache?: boolean;
}

/** Keys and values; a value is whatever `structuredClone()` takes. */
interface DurableObjectTransaction {
	get<Value = unknown>(key: string, options?: DurableObjectReadOptions): Promise<Value | undefined>;
	get<Value = unknown>(keys: string[], options?: DurableObjectReadOptions): Promise<Map<string, Value>>;
	list<Value = unknown>(options?: DurableObjectListOptions): Promise<Map<string, Value>>;
	put<Value>(key: string, value: Value, options?: DurableObjectWriteOptions): Promise<void>;
	put<Value>(entries: Record<string, Value>, options?: DurableObjectWriteOptions): Promise<void>;
	delete(key: string, options?: DurableObjectWriteOptions): Promise<boolean>;
	delete(keys: string[], options?: DurableObjectWriteOptions): Promise<number>;
	/** When `alarm()` is called, in milliseconds since 1970. */
	getAlarm(options?: { allowConcurrency?: boolean }): Promise<number | null>;
	setAlarm(time: number | Date, options?: { allowConcurrency?: boolean; allowUnconfirmed?: boolean }): Promise<void>;
	deleteAlarm(options?: { allowConcurrency?: boolean; allowUnconfirmed?: boolean }): Promise<void>;
	rollback(): void;
}

interface DurableObjectStorage extends Omit<DurableObjectTransaction, "rollback"> {
	deleteAll(options?: DurableObjectWriteOptions): Promise<void>;
	/** All that the callback does with `txn`, or, where it throws, nothing of it. */
	transaction<Result>(callback: (txn: DurableObjectTransaction) => Promise<Result>): Promise<Result>;
	transactionSync<Result>(callback: () => Result): Result;
	/** Waits until all writes so far are durable. */
	sync(): Promise<void>;
	readonly sql: SqlStorage;
	readonly kv: SyncKvStorage;
	getCurrentBookmark(): Promise<string>;
	getBookmarkForTime(time: number | Date): Promise<string>;
	onNextSessionRestoreBookmark(bookmark: string): Promise<string>;
}

interface SyncKvStorage {
	get<Value = unknown>(key: string): Value | undefined;
	list<Value = unknown>(options?: DurableObjectListOptions): Iterable<[string, Value]>;
	put<Value>(key: string, value: Value): void;
	delete(key: string): boolean;
}

type SqlStorageValue = ArrayBuffer | string | number | null;

interface SqlStorage {
	exec<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]): SqlStorageCursor<Row>;
	/** In bytes. */
	readonly databaseSize: number;
}

interface SqlStorageCursor<Row extends Record<string, SqlStorageValue>> extends Iterable<Row> {
	next(): { done?: false; value: Row } | { done: true; value?: never };
	toArray(): Row[];
	one(): Row;
	raw<Values extends SqlStorageValue[]>(): IterableIterator<Values>;
	readonly columnNames: string[];
	readonly rowsRead: number;
	readonly rowsWritten: number;
}

/** What `alarm()` is told. */
interface AlarmInvocationInfo {
	readonly isRetry: boolean;
	readonly retryCount: number;
	readonly scheduledTime: number;
}

declare module "cloudflare:workers" {
	/** A base for the classes of objects. */
	export abstract class DurableObject<Environment = unknown> {
		protected ctx: DurableObjectState;
		protected env: Environment;
		constructor(ctx: DurableObjectState, env: Environment);
	}
	/** Instances are passed by reference over RPC. */
	export abstract class RpcTarget {}
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

// R2, as Cloudflare's Workers have it.

interface R2Bucket {
	head(key: string): Promise<R2Object | null>;
	get(key: string): Promise<R2ObjectBody | null>;
	get(key: string, options: R2GetOptions & { onlyIf: R2Conditional | Headers }): Promise<R2ObjectBody | R2Object | null>;
	get(key: string, options?: R2GetOptions): Promise<R2ObjectBody | null>;
	put(key: string, value: R2Value | null, options: R2PutOptions & { onlyIf: R2Conditional | Headers }): Promise<R2Object | null>;
	put(key: string, value: R2Value | null, options?: R2PutOptions): Promise<R2Object>;
	delete(keys: string | string[]): Promise<void>;
	list(options?: R2ListOptions): Promise<R2Objects>;
	createMultipartUpload(key: string, options?: R2MultipartOptions): Promise<R2MultipartUpload>;
	resumeMultipartUpload(key: string, uploadId: string): R2MultipartUpload;
}

type R2Value = ReadableStream | ArrayBuffer | ArrayBufferView | string | Blob;

interface R2Object {
	readonly key: string;
	readonly version: string;
	readonly size: number;
	readonly etag: string;
	readonly httpEtag: string;
	readonly checksums: R2Checksums;
	readonly uploaded: Date;
	readonly httpMetadata?: R2HTTPMetadata;
	readonly customMetadata?: Record<string, string>;
	readonly range?: R2Range;
	readonly storageClass: string;
	readonly ssecKeyMd5?: string;
	writeHttpMetadata(headers: Headers): void;
}

interface R2ObjectBody extends R2Object {
	readonly body: ReadableStream;
	readonly bodyUsed: boolean;
	arrayBuffer(): Promise<ArrayBuffer>;
	bytes(): Promise<Uint8Array>;
	text(): Promise<string>;
	json<T>(): Promise<T>;
	blob(): Promise<Blob>;
}

type R2Range = { offset: number; length?: number } | { offset?: number; length: number } | { suffix: number };

interface R2Conditional {
	etagMatches?: string;
	etagDoesNotMatch?: string;
	uploadedBefore?: Date;
	uploadedAfter?: Date;
	secondsGranularity?: boolean;
}

interface R2GetOptions {
	onlyIf?: R2Conditional | Headers;
	range?: R2Range | Headers;
}

interface R2HTTPMetadata {
	contentType?: string;
	contentLanguage?: string;
	contentDisposition?: string;
	contentEncoding?: string;
	cacheControl?: string;
	cacheExpiry?: Date;
}

interface R2MultipartOptions {
	httpMetadata?: R2HTTPMetadata | Headers;
	customMetadata?: Record<string, string>;
	storageClass?: string;
}

interface R2PutOptions extends R2MultipartOptions {
	onlyIf?: R2Conditional | Headers;
	md5?: ArrayBuffer | ArrayBufferView | string;
	sha1?: ArrayBuffer | ArrayBufferView | string;
	sha256?: ArrayBuffer | ArrayBufferView | string;
	sha384?: ArrayBuffer | ArrayBufferView | string;
	sha512?: ArrayBuffer | ArrayBufferView | string;
}

interface R2Checksums {
	readonly md5?: ArrayBuffer;
	readonly sha1?: ArrayBuffer;
	readonly sha256?: ArrayBuffer;
	readonly sha384?: ArrayBuffer;
	readonly sha512?: ArrayBuffer;
	toJSON(): { md5?: string; sha1?: string; sha256?: string; sha384?: string; sha512?: string };
}

interface R2ListOptions {
	limit?: number;
	prefix?: string;
	cursor?: string;
	delimiter?: string;
	startAfter?: string;
	include?: ("httpMetadata" | "customMetadata")[];
}

type R2Objects = { objects: R2Object[]; delimitedPrefixes: string[] } & (
	| { truncated: true; cursor: string }
	| { truncated: false }
);

interface R2UploadedPart {
	partNumber: number;
	etag: string;
}

interface R2MultipartUpload {
	readonly key: string;
	readonly uploadId: string;
	uploadPart(partNumber: number, value: R2Value): Promise<R2UploadedPart>;
	abort(): Promise<void>;
	complete(uploadedParts: R2UploadedPart[]): Promise<R2Object>;
}
