// Cron expressions with five fields, in UTC: minute, hour, day of the month, month, day of the week. Lists,
// ranges, steps and English names. Where both kinds of day are given, either is enough, as in cron.

import { shown } from "./errors";

const MINUTE = 60_000;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** The longest gap between two days that a calendar has: from one 29 February to the one after next. */
const MAX_DAYS = 8 * 366 + 1;

interface Field {
	name: string;
	least: number;
	most: number;
	words?: string[];
}

const FIELDS: Field[] = [
	{ name: "minute", least: 0, most: 59 },
	{ name: "hour", least: 0, most: 23 },
	{ name: "day of the month", least: 1, most: 31 },
	{ name: "month", least: 1, most: 12, words: MONTHS },
	{ name: "day of the week", least: 0, most: 7, words: DAYS },
];

/** When something is due. */
export class Cron {
	readonly #sets: Set<number>[];
	readonly #anyDay: [boolean, boolean];

	constructor(readonly text: string) {
		const parts = text.trim().split(/\s+/);
		if (parts.length !== FIELDS.length) {
			throw new TypeError(`every(): a cron expression has five fields, such as "*/5 * * * *"; this is ${shown(text)}`);
		}
		this.#sets = FIELDS.map((field, at) => parse(field, parts[at]!, text));
		if (this.#sets[4]!.has(7)) this.#sets[4]!.add(0);
		this.#anyDay = [parts[2]!.startsWith("*"), parts[4]!.startsWith("*")];
		if (this.after(0) === undefined) throw new TypeError(`every(): ${shown(text)} never comes`);
	}

	/** The first due time after a moment, in milliseconds since 1970; undefined if there is none. */
	after(time: number): number | undefined {
		const first = (Math.floor(time / MINUTE) + 1) * MINUTE;
		const day = new Date(first);
		day.setUTCHours(0, 0, 0, 0);
		for (let tries = 0; tries < MAX_DAYS; tries++) {
			const found = this.#isDay(day) ? this.#onDay(day.getTime(), first) : undefined;
			if (found !== undefined) return found;
			day.setUTCDate(day.getUTCDate() + 1);
		}
		return undefined;
	}

	#isDay(day: Date): boolean {
		const [, , dates, months, weekdays] = this.#sets;
		if (!months!.has(day.getUTCMonth() + 1)) return false;
		const date = dates!.has(day.getUTCDate());
		const weekday = weekdays!.has(day.getUTCDay());
		return this.#anyDay[0] || this.#anyDay[1] ? date && weekday : date || weekday;
	}

	#onDay(midnight: number, least: number): number | undefined {
		const [minutes, hours] = this.#sets;
		for (const hour of sorted(hours!)) {
			for (const minute of sorted(minutes!)) {
				const time = midnight + (hour * 60 + minute) * MINUTE;
				if (time >= least) return time;
			}
		}
		return undefined;
	}
}

function sorted(set: Set<number>): number[] {
	return [...set].sort((a, b) => a - b);
}

function parse(field: Field, text: string, whole: string): Set<number> {
	const values = new Set<number>();
	for (const item of text.split(",")) {
		const found = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/i.exec(item);
		const [from, to, step] = found ? range(field, found) : [NaN, NaN, NaN];
		const fits = from >= field.least && to <= field.most && from <= to && step >= 1;
		if (!fits) {
			const right = `${field.least} to ${field.most}, *, a-b, */n`;
			throw new TypeError(`every(): the ${field.name} of ${shown(whole)} is ${shown(item)}: it must be ${right}, or a list of these`);
		}
		for (let value = from; value <= to; value += step) values.add(value);
	}
	return values;
}

function range(field: Field, [, from, to, step]: RegExpExecArray): [number, number, number] {
	const by = step === undefined ? 1 : Number(step);
	if (from === "*") return [field.least, to === undefined ? field.most : NaN, by];
	const start = number(field, from!);
	if (to !== undefined) return [start, number(field, to), by];
	return [start, step === undefined ? start : field.most, by];
}

function number(field: Field, text: string): number {
	const word = field.words?.indexOf(text.toLowerCase()) ?? -1;
	if (word >= 0) return word + field.least;
	return /^\d+$/.test(text) ? Number(text) : NaN;
}
