declare module "@meetploy/types" {
@KV@
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
