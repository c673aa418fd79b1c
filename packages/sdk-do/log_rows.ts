// The tables of the event log: what is to be handled, what has failed, what was given up. An event's row
// goes when all of its handlers are done with it, and not before.

import { type ObjectState } from "cellhouse:platform";
import { type Outgoing } from "./send";

const SCHEMA = [
	// `only`: the key of the one handler that an event is for again.
	"CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, name TEXT NOT NULL, subject TEXT NOT NULL, time INTEGER NOT NULL, data TEXT NOT NULL, only TEXT)",
	// Handlers that are done with an event that others are not done with.
	"CREATE TABLE IF NOT EXISTS done (seq INTEGER NOT NULL, handler TEXT NOT NULL, PRIMARY KEY (seq, handler)) WITHOUT ROWID",
	// `begun`: attempts that were noted beforehand, and whose end nobody saw.
	"CREATE TABLE IF NOT EXISTS attempts (seq INTEGER NOT NULL, handler TEXT NOT NULL, count INTEGER NOT NULL, begun INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (seq, handler)) WITHOUT ROWID",
	"CREATE TABLE IF NOT EXISTS dead (number INTEGER PRIMARY KEY AUTOINCREMENT, handler TEXT NOT NULL, attempts INTEGER NOT NULL, error TEXT NOT NULL, died INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, subject TEXT NOT NULL, time INTEGER NOT NULL, data TEXT NOT NULL)",
	// Ids that must not come twice.
	"CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID",
	// How far the changes of each State store are in the log.
	"CREATE TABLE IF NOT EXISTS sources (source TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
	"CREATE TABLE IF NOT EXISTS starts (count INTEGER NOT NULL)",
];
/** For how long an id is remembered. A session's alarm is not tried again for longer. */
const REMEMBERED = 7 * 86_400_000;
/** How many ids are forgotten with each new one, at most. */
const FORGOTTEN_AT_ONCE = 10;

export interface Row {
	seq: number;
	id: string;
	name: string;
	subject: string;
	time: number;
	data: string;
	only: string | null;
}

export interface Attempts {
	count: number;
	begun: number;
	due: number;
}

export interface DeadLetter {
	/** For `on.dead.retry()` and `on.dead.delete()`. */
	number: number;
	handler: string;
	attempts: number;
	error: string;
	died: string;
	event: { id: string; name: string; data: unknown; time: string };
}

export class LogRows {
	readonly #storage;
	readonly #sql;

	constructor(ctx: ObjectState) {
		this.#storage = ctx.storage;
		this.#sql = ctx.storage.sql;
		for (const table of SCHEMA) this.#sql.exec(table);
	}

	/** Whether it was new. */
	append({ id, name, subject, time, data, once }: Outgoing): boolean {
		if (once && !this.#isNew(id, time)) return false;
		this.#sql.exec("INSERT INTO events (id, name, subject, time, data) VALUES (?, ?, ?, ?, ?)", id, name, subject, time, data);
		return true;
	}

	#isNew(id: string, time: number): boolean {
		const old = "DELETE FROM seen WHERE id IN (SELECT id FROM seen WHERE time < ? LIMIT ?)";
		this.#sql.exec(old, time - REMEMBERED, FORGOTTEN_AT_ONCE);
		return this.#sql.exec("INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id", id, time).toArray().length > 0;
	}

	/** Notes that a source is in the log up to a number; false if it was so before. */
	advance(source: string, seq: number): boolean {
		const sql = "INSERT INTO sources VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq RETURNING seq";
		return this.#sql.exec(sql, source, seq).toArray().length > 0;
	}

	/** The next events, without their data. */
	after(seq: number, limit: number): Row[] {
		const sql = "SELECT seq, id, name, subject, time, only FROM events WHERE seq > ? ORDER BY seq LIMIT ?";
		return this.#sql.exec(sql, seq, limit).toArray() as Row[];
	}

	row(seq: number): Row | undefined {
		return this.#sql.exec("SELECT * FROM events WHERE seq = ?", seq).toArray()[0] as Row | undefined;
	}

	last(): number {
		return this.#sql.exec("SELECT coalesce(max(seq), 0) AS last FROM events").toArray()[0]!.last;
	}

	count(): number {
		return this.#sql.exec("SELECT count(*) AS count FROM events").toArray()[0]!.count;
	}

	allDone(): Map<number, Set<string>> {
		const found = new Map<number, Set<string>>();
		for (const { seq, handler } of this.#sql.exec("SELECT * FROM done")) {
			found.set(seq, (found.get(seq) ?? new Set()).add(handler));
		}
		return found;
	}

	allAttempts(): (Attempts & { seq: number; handler: string })[] {
		return this.#sql.exec("SELECT * FROM attempts").toArray() as (Attempts & { seq: number; handler: string })[];
	}

	setAttempts(seq: number, handler: string, { count, begun, due }: Attempts): void {
		this.#sql.exec("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?)", seq, handler, count, begun, due);
	}

	/** A handler is done with an event. `last`: all others are as well. `tried`: it has a row of attempts. */
	done(seq: number, handler: string, last: boolean, tried: boolean): void {
		if (tried) this.#sql.exec("DELETE FROM attempts WHERE seq = ? AND handler = ?", seq, handler);
		if (last) this.remove(seq);
		else this.#sql.exec("INSERT OR IGNORE INTO done VALUES (?, ?)", seq, handler);
	}

	remove(seq: number): void {
		this.#sql.exec("DELETE FROM events WHERE seq = ?", seq);
		this.#sql.exec("DELETE FROM done WHERE seq = ?", seq);
	}

	bury(row: Row, handler: string, attempts: number, error: string): void {
		const sql = "INSERT INTO dead (handler, attempts, error, died, id, name, subject, time, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
		this.#sql.exec(sql, handler, attempts, error, Date.now(), row.id, row.name, row.subject, row.time, row.data);
	}

	dead(after: number, limit: number): DeadLetter[] {
		const rows = this.#sql.exec("SELECT * FROM dead WHERE number > ? ORDER BY number LIMIT ?", after, limit).toArray();
		return rows.map(({ number, handler, attempts, error, died, id, name, time, data }) => ({
			number, handler, attempts, error,
			died: new Date(died).toISOString(),
			event: { id, name, data: JSON.parse(data), time: new Date(time).toISOString() },
		}));
	}

	/** Takes from the dead letters, all or some: how many there were. With `handlers` those of these only, and
	 * they go into the log for the same handler again. */
	exhume(numbers: number[] | undefined, handlers: string[] | undefined): number {
		const list = (values: unknown[] | undefined) => (values ? JSON.stringify(values) : null);
		const given = [list(numbers), list(handlers)];
		const which = "WHERE (?1 IS NULL OR number IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR handler IN (SELECT value FROM json_each(?2)))";
		return this.#storage.transactionSync(() => {
			if (handlers) {
				const copy = `INSERT INTO events (id, name, subject, time, data, only) SELECT id, name, subject, time, data, handler FROM dead ${which} ORDER BY number`;
				this.#sql.exec(copy, ...given);
			}
			return this.#sql.exec(`DELETE FROM dead ${which} RETURNING number`, ...given).toArray().length;
		});
	}

	/** How often the log was started since it last had nothing to do, this time included. */
	started(): number {
		const [row] = this.#sql.exec("UPDATE starts SET count = count + 1 RETURNING count").toArray();
		if (row) return row.count;
		this.#sql.exec("INSERT INTO starts VALUES (1)");
		return 1;
	}

	rested(): void {
		this.#sql.exec("UPDATE starts SET count = 0");
	}
}
