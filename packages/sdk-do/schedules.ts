// `every`: functions of the app's modules that run again and again, in UTC. A due time is one run: one that
// fails is not tried again, and several that were missed while nothing ran are made up for by one.

import { isLoading, type ObjectState } from "cellhouse:platform";
import { Cron } from "./cron";
import { isDuration, type Length, millisecondsOf } from "./durations";
import { shown } from "./errors";
import { register } from "./registry";

export const SCHEDULER = "~schedules";

const MINUTE = 60_000;
const UNITS = {
	second: 1_000,
	minute: MINUTE,
	hour: 60 * MINUTE,
	day: 1_440 * MINUTE,
	week: 7 * 1_440 * MINUTE,
};
/** 1970 began on a Thursday, weeks begin on Mondays. */
const MONDAY = 4 * 1_440 * MINUTE;
const LEAST = 1_000;

export interface Run {
	/** What it is called in the scheduler. */
	name: string;
	/** When it was due. */
	scheduledTime: Date;
}

interface Schedule {
	key: string;
	/** When it is due next after a moment. */
	after(time: number): number;
	run(run: Run): unknown;
}

const schedules = new Map<string, Schedule>();

export interface EveryOptions {
	/** Tells it apart from others with the same times, also in the next version of the code. */
	name?: string;
}

function add(text: string, after: (time: number) => number, run: unknown, options: EveryOptions = {}): string {
	if (typeof run !== "function") throw new TypeError(`every(): a function is needed; this is ${shown(run)}`);
	if (!isLoading()) throw new Error("every() is called at the level of a module, and not while a request or event is handled");
	let key = options.name ?? text;
	for (let number = 2; schedules.has(key); number++) key = `${options.name ?? text}#${number}`;
	schedules.set(key, { key, after, run: run as Schedule["run"] });
	return key;
}

function interval(milliseconds: number, offset = 0): (time: number) => number {
	return (time) => (Math.floor((time - offset) / milliseconds) + 1) * milliseconds + offset;
}

type Scheduled = (run: Run) => unknown;
type Each = (run: Scheduled, options?: EveryOptions) => string;

/** Gives the schedule's name. */
function at(when: Length | string, run: Scheduled, options?: EveryOptions): string {
	if (typeof when === "string") {
		const cron = new Cron(when);
		return add(when.trim(), (time) => cron.after(time)!, run, options);
	}
	const milliseconds = millisecondsOf(when, "every(): the first argument");
	if (milliseconds < LEAST) throw new TypeError(`every(): at least a second; this is ${milliseconds} ms`);
	return add(isDuration(when) ? when.text : `${milliseconds} ms`, interval(milliseconds), run, options);
}

const each = Object.entries(UNITS).map(([name, milliseconds]): [string, Each] => {
	const after = interval(milliseconds, name === "week" ? MONDAY : 0);
	return [name, (run, options) => add(name, after, run, options)];
});

export const every = Object.assign(at, Object.fromEntries(each) as Record<keyof typeof UNITS, Each>);

/** Keeps when each schedule is due. The time of the next run is stored before a run begins. */
class Scheduler {
	readonly #ctx;
	readonly #sql;
	readonly #running = new Set<string>();

	constructor(ctx: ObjectState) {
		this.#ctx = ctx;
		this.#sql = ctx.storage.sql;
		this.#sql.exec("CREATE TABLE IF NOT EXISTS schedules (key TEXT PRIMARY KEY, due INTEGER NOT NULL) WITHOUT ROWID");
	}

	/** The runtime calls this when the app has started. */
	async fetch(): Promise<Response> {
		const keys = JSON.stringify([...schedules.keys()]);
		this.#sql.exec("DELETE FROM schedules WHERE key NOT IN (SELECT value FROM json_each(?))", keys);
		const now = Date.now();
		for (const { key, after } of schedules.values()) {
			this.#sql.exec("INSERT INTO schedules VALUES (?, ?) ON CONFLICT DO UPDATE SET due = min(due, excluded.due)", key, after(now));
		}
		await this.#setAlarm();
		return new Response(null, { status: 204 });
	}

	async alarm(): Promise<void> {
		const now = Date.now();
		const due = this.#sql.exec("SELECT key, due FROM schedules WHERE due <= ?", now).toArray();
		const runs: [Schedule, number][] = [];
		for (const { key, due: time } of due) {
			const schedule = schedules.get(key);
			if (!schedule) {
				this.#sql.exec("DELETE FROM schedules WHERE key = ?", key);
				continue;
			}
			this.#sql.exec("UPDATE schedules SET due = ? WHERE key = ?", schedule.after(now), key);
			runs.push([schedule, time]);
		}
		await this.#setAlarm();
		// A run whose due time is not durably past could come twice.
		await this.#ctx.storage.sync();
		for (const [schedule, time] of runs) this.#ctx.waitUntil(this.#run(schedule, time));
	}

	async #setAlarm(): Promise<void> {
		const [row] = this.#sql.exec("SELECT min(due) AS due FROM schedules").toArray();
		if (row?.due === null || row === undefined) await this.#ctx.storage.deleteAlarm();
		else await this.#ctx.storage.setAlarm(row.due);
	}

	async #run({ key, run }: Schedule, time: number): Promise<void> {
		if (this.#running.has(key)) {
			console.warn(`every(${key}): the run of ${new Date(time).toISOString()} is left out, because the one before still runs`);
			return;
		}
		this.#running.add(key);
		try {
			await run({ name: key, scheduledTime: new Date(time) });
		} catch (error) {
			console.error(`every(${key}):`, error);
		} finally {
			this.#running.delete(key);
		}
	}
}

register(SCHEDULER, Scheduler);
