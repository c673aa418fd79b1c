// What `on()` takes: which events a handler gets.

import { shown } from "./errors";
import { eventName } from "./names";
import { segmentsOf } from "./paths";

/** An event as its handlers get it. */
export interface Event {
	/** Of the event. */
	$id: string;
	/** Such as "Order.created". */
	$type: string;
	what: Record<string, any> & { $type: string };
	metadata: { id: string; action: string; object?: string; time: string; attempt: number };
	/** As it was sent. */
	data: any;
	[field: string]: any;
}

export interface Pattern {
	/** Says what it is; the same in the next run of the same code. */
	text: string;
	/** Whether events of this name may be meant. */
	mayMatch(name: string): boolean;
	/** The last word, where the name is not enough. */
	accepts?(event: Event): boolean | Promise<boolean>;
}

/** Throws a TypeError for what is no pattern. */
export function patternOf(given: unknown): Pattern {
	const name = eventName(given, true);
	if (name !== undefined) return named(name);
	if (given instanceof RegExp) {
		const expression = new RegExp(given.source, given.flags.replace(/[gy]/g, ""));
		return { text: String(expression), mayMatch: (name) => expression.test(name) };
	}
	if (typeof given === "function" && !segmentsOf(given)) {
		return { text: `function ${given.name}`, mayMatch: () => true, accepts: given as (event: Event) => boolean };
	}
	const is = segmentsOf(given) ? String(given) : shown(given);
	throw new TypeError(`on(): a pattern is $.Order.created, "Order.created", "Order.*", a RegExp or a function; this is ${is}`);
}

function named(pattern: string): Pattern {
	if (!pattern.includes("*")) return { text: pattern, mayMatch: (name) => name === pattern };
	const segments = pattern.split(".");
	const mayMatch = (name: string) => {
		const found = name.split(".");
		return found.length === segments.length && segments.every((segment, at) => segment === "*" || segment === found[at]);
	};
	return { text: pattern, mayMatch };
}
