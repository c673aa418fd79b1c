// Lengths of time: `$.Minutes(5)`. Where one is asked for, a number of milliseconds will do as well.

import { shown } from "./errors";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS: Record<string, number> = {
	Milliseconds: 1,
	Seconds: SECOND,
	Minutes: MINUTE,
	Hours: HOUR,
	Days: DAY,
	Weeks: 7 * DAY,
};

/** A length of time. As a number it is its milliseconds. A plain object, so that it can be passed to an object. */
export interface Duration {
	readonly milliseconds: number;
	readonly text: string;
}

/** Milliseconds, or a length. */
export type Length = number | Duration;

/** The unit that a name means: `Minutes`, `Minute`. */
export function unitOf(name: string): number | undefined {
	return UNITS[name] ?? UNITS[`${name}s`];
}

export function duration(name: string, unit: number, count: unknown = 1): Duration {
	if (typeof count !== "number" || !Number.isFinite(count) || count <= 0) {
		throw new TypeError(`$.${name}(): a positive number is needed; this is ${shown(count)}`);
	}
	const made = { milliseconds: count * unit, text: `${count} ${name.toLowerCase()}` };
	Object.defineProperty(made, "valueOf", { value: () => made.milliseconds });
	Object.defineProperty(made, "toString", { value: () => made.text });
	return Object.freeze(made);
}

export function isDuration(value: unknown): value is Duration {
	return typeof value === "object" && value !== null && typeof (value as Duration).milliseconds === "number";
}

/** Milliseconds of a duration or a number. */
export function millisecondsOf(value: unknown, what: string): number {
	const number = isDuration(value) ? value.milliseconds : value;
	if (typeof number === "number" && Number.isFinite(number) && number > 0) return number;
	throw new TypeError(`${what} is a number of milliseconds, or a length such as $.Minutes(5); this is ${shown(value)}`);
}
