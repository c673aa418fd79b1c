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
	readonly exports: Record<string, any>;
	/** Parts of this object, each with a storage of its own. */
	readonly facets: DurableObjectFacets;
}

interface DurableObjectFacets {
	/** The callback says what a facet is that does not live yet; its class is one of `ctx.exports`. */
	get(name: string, getStartupOptions: () => FacetStartupOptions | Promise<FacetStartupOptions>): any;
	/** Its stubs throw `reason` from now on; what it stored stays. */
	abort(name: string, reason: unknown): void;
	/** Ends it, and deletes what it stored. */
	delete(name: string): void;
	/** Puts a copy of what `src` stored in the place of `dst`. */
	clone(src: string, dst: string): void;
}

interface FacetStartupOptions {
	class: unknown;
	id?: DurableObjectId | string;
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
