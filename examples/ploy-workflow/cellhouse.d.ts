// Made by `cellhouse types`, because no package of Workers types is installed.

declare module "@meetploy/types" {
	export interface KVGetOptions<Type extends string> {
		type: Type;
		/** Seconds for which a copy may be used: at least 30. */
		cacheTtl?: number;
	}

	export interface KVPutOptions {
		/** The moment at which the entry ends, in seconds since 1970. */
		expiration?: number;
		/** Seconds until the entry ends: at least 60. */
		expirationTtl?: number;
		/** Any JSON of up to 1,024 bytes; list() and getWithMetadata() give it back. */
		metadata?: unknown;
	}

	export interface KVListOptions {
		/** Keys that begin with this. */
		prefix?: string | null;
		/** Keys of a page: 1 to 1,000. */
		limit?: number;
		/** `cursor` of the page before. */
		cursor?: string | null;
	}

	export interface KVListKey<Metadata = unknown> {
		name: string;
		/** In seconds since 1970. */
		expiration?: number;
		metadata?: Metadata;
	}

	export interface KVListResult<Metadata = unknown> {
		keys: KVListKey<Metadata>[];
		list_complete: boolean;
		/** Set unless the list is complete. */
		cursor?: string;
		cacheStatus: string | null;
	}

	export interface KVValueWithMetadata<Value, Metadata> {
		value: Value | null;
		metadata: Metadata | null;
		cacheStatus: string | null;
	}

	export interface KVNamespace<Key extends string = string> {
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

	/** Changes to the fields of a JSON value, made in one atomic step. Fields of fields are written `a.b`, elements `a.0`. */
	export interface StateUpdateDoc {
		$set?: Record<string, unknown>;
		$unset?: Record<string, unknown>;
		$inc?: Record<string, number>;
		$push?: Record<string, unknown>;
		/** 1 removes the last element, -1 the first. */
		$pop?: Record<string, 1 | -1>;
	}

	/** A durable key-value store: a KV namespace with `set` and `update`. */
	export interface StateBinding extends KVNamespace {
		set(key: string, value: string): Promise<void>;
		update(key: string, update: StateUpdateDoc): Promise<void>;
	}

	/** A best-effort store of strings: entries may go at any time. */
	export interface CacheBinding {
		get(key: string): Promise<string | null>;
		/** `ttl` is in seconds; fractions count. */
		set(key: string, value: string, options?: { ttl?: number }): Promise<void>;
	}

	export interface ExecutionContext {
		waitUntil(promise: Promise<unknown>): void;
		passThroughOnException(): void;
	}

	/** What `scheduled` is told. */
	export interface ScheduledEvent {
		cron: string;
		/** Milliseconds since 1970. */
		scheduledTime: number;
		noRetry(): void;
	}

	export interface PloyHandler<TEnv = unknown> {
		fetch?(request: Request, env: TEnv, ctx: ExecutionContext): Response | Promise<Response>;
		scheduled?(event: ScheduledEvent, env: TEnv, ctx: ExecutionContext): void | Promise<void>;
	}

	export type Ploy<TEnv = unknown> = PloyHandler<TEnv>;
}

/** The bindings of this app; env.d.ts fills it. */
interface PloyEnv {}
type Ploy = import("@meetploy/types").PloyHandler<PloyEnv>;
type StateBinding = import("@meetploy/types").StateBinding;
type CacheBinding = import("@meetploy/types").CacheBinding;
type ExecutionContext = import("@meetploy/types").ExecutionContext;

/** Two ends of a WebSocket: one for the client, one to talk to it. */
declare const WebSocketPair: { new (): { 0: WebSocket; 1: WebSocket } };

interface WebSocket {
	/** Begins to receive and send on this end. */
	accept(): void;
}

interface ResponseInit {
	/** With status 101: the client's end of a pair. */
	webSocket?: WebSocket | null;
}

interface Response {
	readonly webSocket: WebSocket | null;
}

// Ploy's queues, timers, workflows and file storage.

declare module "@meetploy/types" {
	export interface QueueSendOptions {
		delaySeconds?: number;
	}

	export interface QueueBatchMessage extends QueueSendOptions {
		payload: unknown;
	}

	export interface QueueBinding {
		send(payload: unknown, options?: QueueSendOptions): Promise<{ messageId: string }>;
		sendBatch(messages: QueueBatchMessage[]): Promise<{ messageIds: string[] }>;
	}

	export interface QueueMessageEvent {
		id: string;
		queueName: string;
		payload: unknown;
		/** 1 the first time. */
		attempt: number;
		timestamp: Date;
	}

	export interface TimerOptions {
		payload?: unknown;
		/** The timer repeats. */
		intervalMs?: number;
	}

	export interface TimerEvent {
		id: string;
		/** Milliseconds since 1970. */
		scheduledTime: number;
		payload?: unknown;
		intervalMs?: number;
	}

	export interface TimerBinding {
		/** In place of the timer of that id. A time in the past means at once. */
		set(id: string, scheduledTime: Date | number, options?: TimerOptions | unknown): Promise<void>;
		get(id: string): Promise<TimerEvent | null>;
		delete(id: string): Promise<void>;
	}

	export type WorkflowExecutionStatus = "pending" | "running" | "completed" | "failed" | "cancelled";

	export interface WorkflowExecution {
		id: string;
		status: WorkflowExecutionStatus;
		input?: unknown;
		output?: unknown;
		errorMessage?: string;
		startedAt?: string;
		completedAt?: string;
	}

	export interface WorkflowBinding {
		trigger(input?: unknown): Promise<{ executionId: string }>;
		getExecution(id: string): Promise<WorkflowExecution>;
		cancel(id: string): Promise<void>;
	}

	export interface WorkflowStep {
		/** Runs `fn` once, and remembers what it gave. One that fails is tried again. */
		run<T>(name: string, fn: () => T | Promise<T>, options?: { retries?: number; input?: unknown }): Promise<T>;
		sleep(ms: number): Promise<void>;
	}

	export interface WorkflowContext<TEnv = unknown, TInput = unknown> {
		input: TInput;
		env: TEnv;
		step: WorkflowStep;
	}

	export interface WorkflowHandlerConfig<TEnv = unknown, TInput = any, TOutput = any> {
		handler(ctx: WorkflowContext<TEnv, TInput>): Promise<TOutput>;
		onError?(error: Error, ctx: WorkflowContext<TEnv, TInput>): Promise<void>;
	}

	export interface FileStorageBinding {
		put(key: string, value: string, options?: { contentType?: string }): Promise<void>;
		get(key: string): Promise<{ body: string; contentType: string; size: number } | null>;
		delete(key: string): Promise<void>;
		list(options?: { prefix?: string; limit?: number }): Promise<{ keys: { key: string; size: number; contentType: string }[] }>;
	}

	export interface PloyHandler<TEnv = unknown> {
		message?(event: QueueMessageEvent, env: TEnv, ctx: ExecutionContext): void | Promise<void>;
		timer?(event: TimerEvent, env: TEnv, ctx: ExecutionContext): void | Promise<void>;
		workflows?: Record<string, WorkflowHandlerConfig<TEnv, any, any>>;
	}
}
