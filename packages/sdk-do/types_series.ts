// Types of objects that come with the package and keep rows: Leaderboard, TimeSeries, EventSourcedEntity,
// Document.

import { type ObjectState } from "cellhouse:platform";
import { StateError, shown } from "./errors";
import { register } from "./registry";

function finite(value: unknown, what: string): number {
	if (typeof value === "number" && Number.isFinite(value)) return value;
	throw new TypeError(`${what} is a number; this is ${shown(value)}`);
}

/** The best score of each user. Equal scores share a rank; whoever had it first goes first. */
class Leaderboard {
	readonly #sql;

	constructor(ctx: ObjectState) {
		this.#sql = ctx.storage.sql;
		this.#sql.exec("CREATE TABLE IF NOT EXISTS scores (user TEXT PRIMARY KEY, score REAL NOT NULL, since INTEGER NOT NULL)");
		this.#sql.exec("CREATE INDEX IF NOT EXISTS by_score ON scores (score DESC, since)");
	}

	/** Counts only if it is better than before. */
	updateScore(userId: string, score: number): void {
		const sql = "INSERT INTO scores VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET score = excluded.score, since = excluded.since WHERE excluded.score > score";
		this.#sql.exec(sql, userId, finite(score, "Leaderboard: a score"), Date.now());
	}

	/** Adds to the score. */
	addScore(userId: string, by: number): number {
		const sql = "INSERT INTO scores VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET score = score + excluded.score, since = excluded.since RETURNING score";
		return this.#sql.exec(sql, userId, finite(by, "Leaderboard: a score"), Date.now()).toArray()[0]!.score;
	}

	getScore(userId: string): number | null {
		return this.#sql.exec("SELECT score FROM scores WHERE user = ?", userId).toArray()[0]?.score ?? null;
	}

	getTop(limit = 10): { userId: string; score: number }[] {
		const rows = this.#sql.exec("SELECT user, score FROM scores ORDER BY score DESC, since, user LIMIT ?", limit).toArray();
		return rows.map(({ user, score }) => ({ userId: user, score }));
	}

	/** From 1 on; null for who is not there. */
	getRank(userId: string): number | null {
		const sql = "SELECT 1 + (SELECT count(*) FROM scores AS better WHERE better.score > mine.score) AS rank FROM scores AS mine WHERE user = ?";
		return this.#sql.exec(sql, userId).toArray()[0]?.rank ?? null;
	}

	remove(userId: string): boolean {
		return this.#sql.exec("DELETE FROM scores WHERE user = ? RETURNING user", userId).toArray().length > 0;
	}

	reset(): void {
		this.#sql.exec("DELETE FROM scores");
	}
}

interface Point {
	time: number;
	value: number;
}

/** Numbers by time, in milliseconds since 1970. */
class TimeSeries {
	readonly #sql;

	constructor(ctx: ObjectState) {
		this.#sql = ctx.storage.sql;
		this.#sql.exec("CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, value REAL NOT NULL)");
		this.#sql.exec("CREATE INDEX IF NOT EXISTS by_time ON points (time)");
	}

	add(value: number, time: number | Date = Date.now()): void {
		this.#sql.exec("INSERT INTO points (time, value) VALUES (?, ?)", Math.trunc(Number(time)), finite(value, "TimeSeries.add(): a value"));
	}

	/** Those from `from` on and before `to`, in the order of their times. */
	range(from: number | Date = 0, to: number | Date = Number.MAX_SAFE_INTEGER, limit = 1_000): Point[] {
		const sql = "SELECT time, value FROM points WHERE time >= ? AND time < ? ORDER BY time, number LIMIT ?";
		return this.#sql.exec(sql, Number(from), Number(to), limit).toArray() as Point[];
	}

	latest(): Point | null {
		return (this.#sql.exec("SELECT time, value FROM points ORDER BY time DESC, number DESC LIMIT 1").toArray()[0] as Point | undefined) ?? null;
	}

	aggregate(from: number | Date = 0, to: number | Date = Number.MAX_SAFE_INTEGER) {
		const sql = "SELECT count(*) AS count, sum(value) AS sum, avg(value) AS average, min(value) AS min, max(value) AS max FROM points WHERE time >= ? AND time < ?";
		return this.#sql.exec(sql, Number(from), Number(to)).toArray()[0]!;
	}

	/** Deletes what is older: how many there were. */
	prune(before: number | Date): number {
		return this.#sql.exec("DELETE FROM points WHERE time < ? RETURNING number", Number(before)).toArray().length;
	}
}

/** What happened to one thing, in order. */
class EventSourcedEntity {
	readonly #sql;

	constructor(ctx: ObjectState) {
		this.#sql = ctx.storage.sql;
		this.#sql.exec("CREATE TABLE IF NOT EXISTS history (version INTEGER PRIMARY KEY, type TEXT NOT NULL, data TEXT NOT NULL, time INTEGER NOT NULL)");
	}

	version(): number {
		return this.#sql.exec("SELECT coalesce(max(version), 0) AS version FROM history").toArray()[0]!.version;
	}

	/** The version after it. With `expectedVersion`: an error with the code STATE_CONFLICT if there is a newer one. */
	append(type: string, data: unknown = null, expectedVersion?: number): number {
		if (typeof type !== "string" || type === "") throw new TypeError(`EventSourcedEntity.append(): a type is a string; this is ${shown(type)}`);
		const version = this.version();
		if (expectedVersion !== undefined && expectedVersion !== version) {
			throw new StateError("STATE_CONFLICT", `the entity has version ${version}, not ${expectedVersion}`);
		}
		this.#sql.exec("INSERT INTO history VALUES (?, ?, ?, ?)", version + 1, type, JSON.stringify(data) ?? "null", Date.now());
		return version + 1;
	}

	events(after = 0, limit = 1_000): { version: number; type: string; data: unknown; time: number }[] {
		const rows = this.#sql.exec("SELECT * FROM history WHERE version > ? ORDER BY version LIMIT ?", after, limit).toArray();
		return rows.map(({ version, type, data, time }) => ({ version, type, data: JSON.parse(data), time }));
	}
}

const CONTENT = "content";

interface Content {
	content: any;
	version: number;
}

/** One document, which WebSockets can edit together: fetch() takes them. A message `{ content }` becomes the
 * content and goes to all of them. */
class Document {
	readonly #clients = new Set<any>();

	constructor(readonly ctx: ObjectState) {}

	get(): Content {
		return this.ctx.storage.kv.get(CONTENT) ?? { content: null, version: 0 };
	}

	/** The version after it. With `expectedVersion`: STATE_CONFLICT if somebody was faster. */
	set(content: unknown, expectedVersion?: number): number {
		if (content === undefined) throw new TypeError("Document.set(): there is no content");
		const version = this.get().version;
		if (expectedVersion !== undefined && expectedVersion !== version) {
			throw new StateError("STATE_CONFLICT", `the document has version ${version}, not ${expectedVersion}`);
		}
		const next = { content, version: version + 1 };
		this.ctx.storage.kv.put(CONTENT, next);
		for (const client of this.#clients) client.send(JSON.stringify(next));
		return next.version;
	}

	fetch(request: Request): Response {
		if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return Response.json(this.get());
		const pair = new WebSocketPair();
		const server = pair[1];
		server.accept();
		this.#clients.add(server);
		server.addEventListener("message", (event: any) => this.#received(server, event.data));
		server.addEventListener("close", () => this.#clients.delete(server));
		server.send(JSON.stringify(this.get()));
		return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit);
	}

	#received(client: any, text: unknown): void {
		try {
			const { content } = JSON.parse(String(text));
			this.set(content);
		} catch (error) {
			client.send(JSON.stringify({ error: `a message is JSON such as { "content": ... }: ${(error as Error).message}` }));
		}
	}
}

register("Leaderboard", Leaderboard);
register("Scoreboard", class Scoreboard extends Leaderboard {});
register("TimeSeries", TimeSeries);
register("EventSourcedEntity", EventSourcedEntity);
register("Document", Document);
register("CollaborativeDocument", class CollaborativeDocument extends Document {});
