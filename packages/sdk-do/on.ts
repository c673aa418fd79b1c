// `on`: registers handlers of events, and shows what became of those that failed for good.

import { shown } from "./errors";
import { add, type HandlerOptions, off } from "./handlers";
import { type DeadLetter } from "./log_rows";
import { countOf } from "./names";
import { type Event } from "./patterns";
import { log } from "./send";

const MAX_DEAD = 1_000;

type Run = (event: Event) => unknown;

/** Gives an id for `on.off()`. */
export function on(pattern: unknown, handler: Run, options?: HandlerOptions): string {
	return add(pattern, handler, options);
}

/** Removes a handler by its id, or all of a group: how many there were. */
on.off = (which: string): number => off(which);

/** `on`, with a group for all that it registers. */
on.group = (name: string) => {
	if (typeof name !== "string" || name === "") throw new TypeError(`on.group(): a name is needed; this is ${shown(name)}`);
	const within = (pattern: unknown, handler: Run, options?: HandlerOptions) => add(pattern, handler, { ...options, group: name });
	return Object.assign(within, { off: () => off(name) });
};

/** How many events wait for their handlers. */
on.pending = (): Promise<number> => log().pending();

/** Events that a handler was not able to handle, however often it was tried. */
on.dead = {
	/** In the order of their numbers, at most `limit` (100, up to 1,000) after the number `after`. */
	list: (options: { after?: number; limit?: number } = {}): Promise<DeadLetter[]> =>
		log().dead(options.after ?? 0, countOf(options.limit, 100, MAX_DEAD, "on.dead.list()", "limit")),
	/** Gives the one with this number, or all, to its handler again: how many. */
	retry: (number?: number): Promise<number> => log().exhume(numbersOf(number, "retry"), true),
	/** Forgets it, or all: how many. */
	delete: (number?: number): Promise<number> => log().exhume(numbersOf(number, "delete"), false),
};

function numbersOf(number: unknown, method: string): number[] | undefined {
	if (number === undefined) return undefined;
	if (Number.isInteger(number)) return [number as number];
	throw new TypeError(`on.dead.${method}(): the number of a dead letter, or none for all; this is ${shown(number)}`);
}
