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

/** A length of time. As a number it is its milliseconds. */
export class Duration {
	constructor(
		readonly milliseconds: number,
		readonly text: string,
	) {
		Object.freeze(this);
	}

	valueOf(): number {
		return this.milliseconds;
	}

	toString(): string {
		return this.text;
	}
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
	return new Duration(count * unit, `${count} ${name.toLowerCase()}`);
}

/** Milliseconds of a duration or a number. */
export function millisecondsOf(value: unknown, what: string): number {
	const number = value instanceof Duration ? value.milliseconds : value;
	if (typeof number === "number" && Number.isFinite(number) && number > 0) return number;
	throw new TypeError(`${what} is a number of milliseconds, or a length such as $.Minutes(5); this is ${shown(value)}`);
}
