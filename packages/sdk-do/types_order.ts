// Types of objects that come with the package and take turns: Queue, Lock, RateLimiter.

import { type ObjectState } from "cellhouse:platform";
import { millisecondsOf } from "./durations";
import { StateError, shown } from "./errors";
import { register } from "./registry";

const MINUTE = 60_000;

function table(ctx: ObjectState, sql: string) {
	ctx.storage.sql.exec(sql);
	return ctx.storage.sql;
}

/** First in, first out. Items are JSON. */
class Queue {
	readonly #sql;

	constructor(ctx: ObjectState) {
		this.#sql = table(ctx, "CREATE TABLE IF NOT EXISTS items (number INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT NOT NULL)");
	}

	/** How many there are then. */
	enqueue(...items: unknown[]): number {
		const texts = items.map((item) => JSON.stringify(item));
		const bad = texts.findIndex((text) => text === undefined);
		if (bad >= 0) throw new TypeError(`Queue.enqueue(): an item is JSON; this is ${shown(items[bad])}`);
		for (const text of texts) this.#sql.exec("INSERT INTO items (value) VALUES (?)", text);
		return this.size();
	}

	push(...items: unknown[]): number {
		return this.enqueue(...items);
	}

	/** Takes the oldest one; null if there is none. */
	dequeue(): unknown {
		const [row] = this.#sql.exec("DELETE FROM items WHERE number = (SELECT min(number) FROM items) RETURNING value").toArray();
		return row ? JSON.parse(row.value) : null;
	}

	shift(): unknown {
		return this.dequeue();
	}

	peek(): unknown {
		return this.list(1)[0] ?? null;
	}

	list(limit = 100): unknown[] {
		const rows = this.#sql.exec("SELECT value FROM items ORDER BY number LIMIT ?", limit).toArray();
		return rows.map((row) => JSON.parse(row.value));
	}

	size(): number {
		return this.#sql.exec("SELECT count(*) AS count FROM items").toArray()[0]!.count;
	}

	isEmpty(): boolean {
		return this.size() === 0;
	}

	clear(): void {
		this.#sql.exec("DELETE FROM items");
	}
}

const LOCK = "lock";
const LOCK_TTL = 30_000;

interface Held {
	owner: string;
	expires: number;
}

/** Held by one owner at a time, until it is released or its time is over. */
class Lock {
	constructor(readonly ctx: ObjectState) {}

	/** True if the owner has it now. The owner who has it may ask again. */
	acquire(owner: string, ttl: unknown = LOCK_TTL): boolean {
		if (typeof owner !== "string" || owner === "") throw new TypeError(`Lock.acquire(): the owner is a string that is not empty; this is ${shown(owner)}`);
		const lives = millisecondsOf(ttl, "Lock.acquire(): ttl");
		const held = this.#held();
		if (held && held.owner !== owner) return false;
		this.ctx.storage.kv.put(LOCK, { owner, expires: Date.now() + lives });
		return true;
	}

	/** True if the owner had it. */
	release(owner: string): boolean {
		if (this.#held()?.owner !== owner) return false;
		return this.ctx.storage.kv.delete(LOCK);
	}

	/** Holds it for longer; an error with the code STATE_CONFLICT if the owner has lost it. */
	extend(owner: string, ttl: unknown = LOCK_TTL): void {
		if (this.#held()?.owner !== owner) throw new StateError("STATE_CONFLICT", `${shown(owner)} does not hold the lock`);
		this.acquire(owner, ttl);
	}

	owner(): string | null {
		return this.#held()?.owner ?? null;
	}

	isLocked(): boolean {
		return this.#held() !== undefined;
	}

	#held(): Held | undefined {
		const held: Held | undefined = this.ctx.storage.kv.get(LOCK);
		return held && held.expires > Date.now() ? held : undefined;
	}
}

/** So many in a window that moves with time. */
class RateLimiter {
	readonly #sql;

	constructor(ctx: ObjectState) {
		this.#sql = table(
			ctx,
			"CREATE TABLE IF NOT EXISTS hits (key TEXT NOT NULL, time INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, time, number)) WITHOUT ROWID",
		);
	}

	/** Counts one, unless there are `maxPerMinute` in the last minute: then false. */
	checkLimit(key: string, maxPerMinute = 60): boolean {
		return this.limit(key, { limit: maxPerMinute, window: MINUTE }).success;
	}

	/** Counts one in the window, if that is allowed; `reset` is when there is room again. */
	limit(key: string, options: { limit: number; window?: unknown }): { success: boolean; remaining: number; reset: number } {
		const most = options?.limit;
		if (!Number.isInteger(most) || most < 1) throw new TypeError(`RateLimiter.limit(): limit is a whole number of at least 1; this is ${shown(most)}`);
		const window = options.window === undefined ? MINUTE : millisecondsOf(options.window, "RateLimiter.limit(): window");
		const now = Date.now();
		this.#sql.exec("DELETE FROM hits WHERE key = ? AND time <= ?", key, now - window);
		const [row] = this.#sql.exec("SELECT count(*) AS count, min(time) AS first, max(number) AS last FROM hits WHERE key = ?", key).toArray();
		const { count, first, last } = row as { count: number; first: number | null; last: number | null };
		const success = count < most;
		if (success) this.#sql.exec("INSERT INTO hits VALUES (?, ?, ?)", key, now, (last ?? 0) + 1);
		return { success, remaining: Math.max(0, most - count - (success ? 1 : 0)), reset: (first ?? now) + window };
	}

	reset(key: string): void {
		this.#sql.exec("DELETE FROM hits WHERE key = ?", key);
	}
}

register("Queue", Queue);
register("SimpleQueue", class SimpleQueue extends Queue {});
register("Lock", Lock);
register("DistributedLock", class DistributedLock extends Lock {});
register("RateLimiter", RateLimiter);
