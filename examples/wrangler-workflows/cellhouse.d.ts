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

type WorkflowDurationLabel = "second" | "minute" | "hour" | "day" | "week" | "month" | "year";
/** Milliseconds, or a text such as "5 minutes". */
type WorkflowSleepDuration = `${number} ${WorkflowDurationLabel}${"s" | ""}` | number;

type InstanceStatus = {
	status: "queued" | "running" | "paused" | "errored" | "terminated" | "complete" | "waiting" | "waitingForPause" | "unknown";
	error?: { name: string; message: string };
	output?: unknown;
};

interface WorkflowInstanceCreateOptions<Params = unknown> {
	/** 1 to 100 letters, digits, `_` and `-`. */
	id?: string;
	params?: Params;
	retention?: { successRetention?: WorkflowSleepDuration; errorRetention?: WorkflowSleepDuration };
}

interface WorkflowInstanceRestartOptions {
	from?: { name: string; count?: number; type?: "do" | "sleep" | "waitForEvent" };
}

declare abstract class WorkflowInstance {
	id: string;
	pause(): Promise<void>;
	resume(): Promise<void>;
	terminate(): Promise<void>;
	restart(options?: WorkflowInstanceRestartOptions): Promise<void>;
	status(): Promise<InstanceStatus>;
	sendEvent(event: { type: string; payload: unknown }): Promise<void>;
}

declare abstract class Workflow<Params = unknown> {
	get(id: string): Promise<WorkflowInstance>;
	create(options?: WorkflowInstanceCreateOptions<Params>): Promise<WorkflowInstance>;
	/** Leaves out those that there are already. */
	createBatch(batch: WorkflowInstanceCreateOptions<Params>[]): Promise<WorkflowInstance[]>;
}

declare module "cloudflare:workers" {
	export type WorkflowStepConfig = {
		retries?: { limit: number; delay: WorkflowSleepDuration; backoff?: "constant" | "linear" | "exponential" };
		timeout?: WorkflowSleepDuration;
		sensitive?: "output";
	};
	export type WorkflowEvent<Params> = {
		payload: Readonly<Params>;
		timestamp: Date;
		instanceId: string;
		workflowName: string;
	};
	export type WorkflowStepEvent<Payload> = { payload: Readonly<Payload>; timestamp: Date; type: string };
	export type WorkflowStepContext = { step: { name: string; count: number }; attempt: number; config: WorkflowStepConfig };
	export type WorkflowStepRollbackOptions<Output = unknown> = {
		rollback(context: { ctx: WorkflowStepContext; error: Error; output: Output | undefined; stepName: string }): Promise<void>;
		rollbackConfig?: Pick<WorkflowStepConfig, "retries" | "timeout">;
	};
	export abstract class WorkflowStep {
		do<T>(
			name: string,
			callback: (context: WorkflowStepContext) => Promise<T>,
			rollback?: WorkflowStepRollbackOptions<T>,
		): Promise<T>;
		do<T>(
			name: string,
			config: WorkflowStepConfig,
			callback: (context: WorkflowStepContext) => Promise<T>,
			rollback?: WorkflowStepRollbackOptions<T>,
		): Promise<T>;
		sleep(name: string, duration: WorkflowSleepDuration): Promise<void>;
		sleepUntil(name: string, timestamp: Date | number): Promise<void>;
		waitForEvent<T>(name: string, options: { type: string; timeout?: WorkflowSleepDuration }): Promise<WorkflowStepEvent<T>>;
	}
	export abstract class WorkflowEntrypoint<Environment = Cloudflare.Env, Params = unknown> {
		protected ctx: ExecutionContext;
		protected env: Environment;
		constructor(ctx: ExecutionContext, env: Environment);
		run(event: Readonly<WorkflowEvent<Params>>, step: WorkflowStep): Promise<unknown>;
	}
}

declare module "cloudflare:workflows" {
	/** A step that throws it fails without being tried again. */
	export class NonRetryableError extends Error {
		constructor(message: string, name?: string);
	}
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
