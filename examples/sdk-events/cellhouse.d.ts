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

/** Names as values: `$.Order.created`. Global where `sdk.do` is imported. */
declare const $: import("sdk.do").Dollar;
/** Registers handlers of events. Global where `sdk.do` is imported. */
declare const on: typeof import("sdk.do").on;

declare module "sdk.do" {
	/** A name, such as `$.Order.created`. As text it is "Order.created". */
	export interface Path {
		(...parameters: any[]): any;
		readonly [segment: string]: any;
	}

	/** A type of things, such as `$.Person`. Its methods are those of `db`. */
	export type TypePath = {
		get<Fields = Record<string, any>>(id: string): Promise<Doc<Fields> | null>;
		list<Fields = Record<string, any>>(options?: PageOptions): Promise<Page<Fields>>;
		create<Fields extends object>(item: Fields): Promise<Doc<Fields>>;
		update<Fields = Record<string, any>>(id: string, changes: Partial<Fields>): Promise<Doc<Fields>>;
		upsert<Fields = Record<string, any>>(id: string, item: Fields): Promise<Doc<Fields>>;
		delete(id: string): Promise<boolean>;
		search<Fields = Record<string, any>>(text: string, options?: PageOptions): Promise<Page<Fields>>;
	} & Path;

	/** A length of time: `$.Minutes(5)`. As a number it is its milliseconds. */
	export interface Duration {
		readonly milliseconds: number;
		readonly text: string;
		valueOf(): number;
		toString(): string;
	}
	/** Milliseconds, or a length. */
	export type Length = number | Duration;

	interface DollarMembers {
		Milliseconds(count?: number): Duration;
		Seconds(count?: number): Duration;
		Minutes(count?: number): Duration;
		Hours(count?: number): Duration;
		Days(count?: number): Duration;
		Weeks(count?: number): Duration;
		/** Makes a type of objects for `state.get()`: with get(), set(field, value), update(fields), delete(). */
		defineType(name: string, schema: TypeSchema): void;
		/** The app's default State store. Values are JSON. */
		readonly state: {
			get<Value = any>(key: string): Promise<Value | null>;
			set(key: string, value: unknown, options?: { expirationTtl?: number; expiration?: number; metadata?: unknown }): Promise<void>;
			update(key: string, update: object): Promise<void>;
			delete(key: string): Promise<void>;
			list(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<{ keys: { name: string }[]; list_complete: boolean; cursor?: string }>;
		};
	}
	export type Dollar = DollarMembers & { readonly [type: string]: TypePath };
	export const $: Dollar;

	type PropertyType = "string" | "number" | "boolean" | "object" | "array" | "date" | "any";
	export interface TypeSchema {
		properties: Record<string, PropertyType | { type?: PropertyType; required?: boolean; default?: unknown }>;
	}

	// ---- objects

	/** What a call of an object's method gives is a promise. */
	export type StateStub<Class> = {
		readonly [Name in Exclude<keyof Class, "ctx" | "state" | "env" | "fetch" | "alarm" | "onAlarm">]: Class[Name] extends (...parameters: infer Parameters) => infer Result
			? (...parameters: Parameters) => Promise<Awaited<Result>>
			: Promise<Awaited<Class[Name]>>;
	} & { fetch(input: any, init?: any): Promise<Response> };

	type TypeName = Path | string | (new (...parameters: any[]) => object);

	export const state: {
		/** The one object of a type with that id. With `create: false` an error with the code STATE_NOT_FOUND if it is not there. */
		get<Class>(type: new (...parameters: any[]) => Class, id: string | number, options?: StateGetOptions): Promise<StateStub<Class>>;
		get<Class = any>(type: Path | string, id: string | number, options?: StateGetOptions): Promise<0 extends 1 & Class ? any : StateStub<Class>>;
		/** In a method: stores the object's own fields, as far as they can be cloned. */
		save(object: object): Promise<void>;
		/** Whether it was there. */
		delete(type: TypeName, id: string | number, options?: { namespace?: string }): Promise<boolean>;
		/** The ids; `cursor` of the array is where the next page begins. */
		list(type: TypeName, options?: { prefix?: string; limit?: number; cursor?: string; namespace?: string }): Promise<string[] & { cursor?: string }>;
		/** In a method: onAlarm() is called after so many milliseconds, or at that time; null: not any more. */
		alarm(object: object, when: Length | Date | null): Promise<void>;
		config(options: { namespace?: string; region?: string; ttl?: Length; persistence?: "memory" | "disk" | "auto" }): void;
	};
	export interface StateGetOptions {
		region?: string;
		namespace?: string;
		create?: boolean;
	}

	// ---- events

	export interface Event<Data = any> {
		/** Of the event. */
		readonly $id: string;
		/** Such as "Order.created". */
		readonly $type: string;
		/** What it happened to. */
		readonly what: { $type: string; [field: string]: any };
		readonly metadata: { id: string; action: string; object?: string; time: string; attempt: number };
		readonly data: Data;
		/** The fields that were sent. */
		readonly [field: string]: any;
	}
	/** `$.Order.created`, "Order.created", "Order.*", a RegExp for that, or a function. */
	export type Pattern = Path | string | RegExp | ((event: Event) => boolean | Promise<boolean>);
	export type Handler = (event: Event) => unknown;
	export interface HandlerOptions {
		/** What it is called in the log: keep it when the code changes. */
		name?: string;
		group?: string;
		/** Of one attempt: 30 s unless said otherwise. */
		timeout?: Length;
		/** 5 unless said otherwise. */
		retries?: number;
		/** Before the first retry; doubles with each: 1 s unless said otherwise. */
		retryDelay?: Length;
		onError?: (error: unknown, event: Event) => unknown;
	}
	export interface DeadLetter {
		number: number;
		handler: string;
		attempts: number;
		error: string;
		died: string;
		event: { id: string; name: string; data: any; time: string };
	}
	/** Registers a handler, at the level of a module. Gives an id for `on.off()`. */
	export const on: {
		(pattern: Pattern, handler: Handler, options?: HandlerOptions): string;
		off(idOrGroup: string): number;
		group(name: string): { (pattern: Pattern, handler: Handler, options?: HandlerOptions): string; off(): number };
		/** Events that wait for their handlers. */
		pending(): Promise<number>;
		dead: {
			list(options?: { after?: number; limit?: number }): Promise<DeadLetter[]>;
			retry(number?: number): Promise<number>;
			delete(number?: number): Promise<number>;
		};
	};
	/** Stores an event; gives its id. */
	export function send(event: Path | string, data?: unknown): Promise<string>;

	interface ScheduledRun {
		name: string;
		scheduledTime: Date;
	}
	type Scheduled = (run: ScheduledRun) => unknown;
	type Each = (run: Scheduled, options?: { name?: string }) => string;
	/** Registers a function that runs again and again, at the level of a module: a length, or five fields of cron in UTC. */
	export const every: {
		(when: Length | string, run: Scheduled, options?: { name?: string }): string;
		second: Each;
		minute: Each;
		hour: Each;
		day: Each;
		week: Each;
	};

	// ---- documents

	export type Doc<Fields = Record<string, any>> = Fields & { $id: string; $type: string };
	export type Page<Fields = Record<string, any>> = Doc<Fields>[] & { cursor?: string };
	export interface PageOptions {
		/** 100 unless said otherwise, 1,000 at most. */
		limit?: number;
		offset?: number;
		cursor?: string;
	}
	type DocReference = { $id: string; $type: string } | readonly [type: TypeName, id: string];
	export const db: {
		get<Fields = Record<string, any>>(type: TypeName, id: string): Promise<Doc<Fields> | null>;
		list<Fields = Record<string, any>>(type: TypeName, options?: PageOptions): Promise<Page<Fields>>;
		create<Fields extends object>(type: TypeName, item: Fields): Promise<Doc<Fields>>;
		/** Changes the fields that are given; one that is undefined goes. */
		update<Fields = Record<string, any>>(type: TypeName, id: string, changes: Partial<Fields>): Promise<Doc<Fields>>;
		upsert<Fields = Record<string, any>>(type: TypeName, id: string, item: Fields): Promise<Doc<Fields>>;
		upsert<Fields extends object>(type: TypeName, item: Fields & { $id: string }): Promise<Doc<Fields>>;
		delete(type: TypeName, id: string): Promise<boolean>;
		/** Documents that have all words of the text in their values. */
		search<Fields = Record<string, any>>(type: TypeName, text: string, options?: PageOptions): Promise<Page<Fields>>;
		query<Row = Record<string, any>>(sql: string, ...parameters: unknown[]): Promise<Row[]>;
		relate(from: DocReference, predicate: TypeName, to: DocReference): Promise<void>;
		unrelate(from: DocReference, predicate: TypeName, to: DocReference): Promise<boolean>;
		getRelated<Fields = Record<string, any>>(from: DocReference, predicate: TypeName, options?: { limit?: number; reverse?: boolean }): Promise<Doc<Fields>[]>;
	};

	// ---- models and other services

	export interface AiOptions {
		model?: string;
		timeout?: Length;
		signal?: AbortSignal;
	}
	export interface GenerateOptions extends AiOptions {
		/** What the model should know. */
		context?: unknown;
		system?: string;
		temperature?: number;
		maxTokens?: number;
	}
	export const ai: {
		/** Goes before the variables AI_BASE_URL, AI_API_KEY, AI_MODEL, AI_EMBEDDING_MODEL. */
		configure(config: { baseUrl?: string; apiKey?: string; model?: string; embeddingModel?: string; timeout?: Length }): void;
		generate(prompt: string, options: GenerateOptions & { stream: true }): Promise<AsyncIterable<string>>;
		generate<Answer = any>(prompt: string, options: GenerateOptions & { schema: Record<string, any> }): Promise<Answer>;
		generate(prompt: string, options?: GenerateOptions): Promise<string>;
		generateText(prompt: string, options?: GenerateOptions): Promise<string>;
		stream(prompt: string, options?: GenerateOptions): Promise<AsyncIterable<string>>;
		embed(input: string, options?: AiOptions): Promise<number[]>;
		embed(input: string[], options?: AiOptions): Promise<number[][]>;
	};

	export const api: {
		fetch(
			input: string | URL | Request,
			options?: RequestInit & { json?: unknown; query?: Record<string, string | number | boolean | undefined>; timeout?: Length },
		): Promise<Response>;
	};
	/** `$id` is the variable USER_ID, or "anonymous". */
	export const user: { readonly current: { $id: string; $type: "User" } };

	// ---- errors

	export class SdkError extends Error {
		readonly code: string;
	}
	export class StateError extends SdkError {
		readonly code:
			| "STATE_NOT_FOUND"
			| "STATE_ACCESS_DENIED"
			| "STATE_STORAGE_ERROR"
			| "STATE_CONFLICT"
			| "STATE_ALARM_ERROR"
			| "STATE_TRANSACTION_ERROR"
			| "STATE_WEBSOCKET_ERROR";
	}
	export class DbError extends SdkError {
		readonly code: "DB_NOT_FOUND" | "DB_CONFLICT" | "DB_ERROR";
	}
	export class AiError extends SdkError {
		readonly code: "AI_NOT_CONFIGURED" | "AI_TIMEOUT" | "AI_UNREACHABLE" | "AI_HTTP_ERROR" | "AI_BAD_ANSWER";
		readonly status?: number;
	}
}
