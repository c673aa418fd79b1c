// Types of objects that come with the package: Counter, Session, Cache. What they store is written when a
// method returns.

import { type ObjectState } from "cellhouse:platform";
import { millisecondsOf } from "./durations";
import { StateError, shown } from "./errors";
import { register } from "./registry";

const VALUE = "value";
const HOUR = 3_600_000;

function numberOf(value: unknown, method: string): number {
	if (typeof value === "number" && Number.isFinite(value)) return value;
	throw new TypeError(`${method}: a number is needed; this is ${shown(value)}`);
}

class Counter {
	constructor(readonly ctx: ObjectState) {}

	get(): number {
		return this.ctx.storage.kv.get(VALUE) ?? 0;
	}

	set(value: number): number {
		this.ctx.storage.kv.put(VALUE, numberOf(value, "Counter.set()"));
		return value;
	}

	increment(by = 1): number {
		return this.set(this.get() + numberOf(by, "Counter.increment()"));
	}

	decrement(by = 1): number {
		return this.increment(-numberOf(by, "Counter.decrement()"));
	}

	reset(): number {
		return this.set(0);
	}
}

interface SessionData {
	data: Record<string, unknown>;
	createdAt: number;
	ttl: number;
}

/** Lives for an hour from its last touch() on, or as long as create() says; then $.Session.expired is sent. */
class Session {
	constructor(readonly ctx: ObjectState) {}

	async create(data: Record<string, unknown> = {}, options: { ttl?: unknown } = {}): Promise<void> {
		const ttl = options.ttl === undefined ? HOUR : millisecondsOf(options.ttl, "Session.create(): ttl");
		this.ctx.storage.kv.put(VALUE, { data: objectOf(data, "create"), createdAt: Date.now(), ttl });
		await this.touch();
	}

	/** Its data; null if there is no session. */
	get(field?: string): unknown {
		const session: SessionData | undefined = this.ctx.storage.kv.get(VALUE);
		if (!session) return null;
		return field === undefined ? session.data : (session.data[field] ?? null);
	}

	async set(field: string, value: unknown): Promise<void> {
		await this.update({ [field]: value });
	}

	/** Changes some fields, and begins a session if there is none. */
	async update(fields: Record<string, unknown>): Promise<void> {
		const session: SessionData | undefined = this.ctx.storage.kv.get(VALUE);
		if (!session) return this.create(fields);
		this.ctx.storage.kv.put(VALUE, { ...session, data: { ...session.data, ...objectOf(fields, "update") } });
		await this.touch();
	}

	/** Its life begins anew. */
	async touch(): Promise<void> {
		const session: SessionData | undefined = this.ctx.storage.kv.get(VALUE);
		if (!session) throw new StateError("STATE_NOT_FOUND", "there is no session: it has expired, or create() was not called");
		await this.ctx.storage.setAlarm(Date.now() + session.ttl);
	}

	isActive(): boolean {
		return this.ctx.storage.kv.get(VALUE) !== undefined;
	}

	/** Ends it, without an event. */
	async destroy(): Promise<void> {
		await this.ctx.storage.deleteAll();
	}

	/** The event is in the log before anything goes: see `instances.ts`. */
	async alarm(): Promise<void> {
		await this.ctx.storage.deleteAll();
	}
}

function objectOf(value: unknown, method: string): Record<string, unknown> {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	throw new TypeError(`Session.${method}(): the data is an object; this is ${shown(value)}`);
}

interface Entry {
	value: unknown;
	expires?: number;
}

const ENTRY = "entry:";

class Cache {
	constructor(readonly ctx: ObjectState) {}

	get(key: string): unknown {
		const entry: Entry | undefined = this.ctx.storage.kv.get(ENTRY + key);
		if (entry?.expires !== undefined && entry.expires <= Date.now()) {
			this.delete(key);
			return null;
		}
		return entry?.value ?? null;
	}

	/** `ttl` in milliseconds or as a length; without one it stays. */
	set(key: string, value: unknown, ttl?: unknown): void {
		if (value === undefined) throw new TypeError("Cache.set(): there is no value");
		const lives = typeof ttl === "object" && ttl !== null && "ttl" in ttl ? ttl.ttl : ttl;
		const entry: Entry = { value };
		if (lives !== undefined) entry.expires = Date.now() + millisecondsOf(lives, "Cache.set(): ttl");
		this.ctx.storage.kv.put(ENTRY + key, entry);
	}

	has(key: string): boolean {
		return this.keys().includes(key);
	}

	delete(key: string): boolean {
		return this.ctx.storage.kv.delete(ENTRY + key);
	}

	keys(): string[] {
		const now = Date.now();
		const live = [...this.ctx.storage.kv.list({ prefix: ENTRY })].filter(([, entry]) => !(entry.expires <= now));
		return live.map(([key]) => key.slice(ENTRY.length));
	}

	size(): number {
		return this.keys().length;
	}

	async clear(): Promise<void> {
		await this.ctx.storage.deleteAll();
	}
}

register("Counter", Counter);
register("Session", Session);
register("UserSession", class UserSession extends Session {});
register("Cache", Cache);
register("SimpleCache", class SimpleCache extends Cache {});
