// `on()`: the handlers that the app's modules register while they are evaluated. Every isolate has the same
// ones; those of the isolate where the log lives are called: see `delivery.ts`.

import { isLoading, watchChanges } from "cellhouse:platform";
import { type Length, millisecondsOf } from "./durations";
import { shown } from "./errors";
import { type Event, type Pattern, patternOf } from "./patterns";

export interface HandlerOptions {
	/** What it is called in the log and in the dead-letter list. The pattern, unless said otherwise. */
	name?: string;
	/** What `on.off()` takes. */
	group?: string;
	/** How long an attempt may take: milliseconds or a length, and 30 s unless said otherwise. */
	timeout?: Length;
	/** How often it is tried again: 5 times unless said otherwise. */
	retries?: number;
	/** The pause before the first retry, which doubles with each: 1 s unless said otherwise. */
	retryDelay?: Length;
	/** Called with each failure. */
	onError?: (error: unknown, event: Event) => unknown;
}

export interface Handler {
	id: string;
	/** The same in the next run of the same code. */
	key: string;
	pattern: Pattern;
	group?: string;
	timeout: number;
	attempts: number;
	delay: number;
	run(event: Event): unknown;
	onError?: (error: unknown, event: Event) => unknown;
}

const TIMEOUT = 30_000;
const RETRIES = 5;
const RETRY_DELAY = 1_000;
const CHANGES = ["State.created", "State.updated", "State.deleted", "State.expired"];
const OPTIONS = ["name", "group", "timeout", "retries", "retryDelay", "onError"];

export const handlers = new Map<string, Handler>();
let last = 0;

/** Registers a handler; gives an id for `on.off()`. */
export function add(pattern: unknown, run: unknown, options: HandlerOptions = {}): string {
	const what = patternOf(pattern);
	if (typeof run !== "function") throw new TypeError(`on(): a handler is a function; this is ${shown(run)}`);
	check(options);
	if (!isLoading()) {
		throw new Error("on() is called at the level of a module, and not while a request or event is handled: handlers outlive both");
	}
	const handler = make(what, run as Handler["run"], options);
	handlers.set(handler.id, handler);
	if (CHANGES.some((name) => what.mayMatch(name))) watchChanges();
	return handler.id;
}

function check(options: HandlerOptions): void {
	if (options === null || typeof options !== "object") throw new TypeError(`on(): options are an object; this is ${shown(options)}`);
	for (const name of Object.keys(options)) {
		if (!OPTIONS.includes(name)) throw new TypeError(`on(): there is no option ${shown(name)}: ${OPTIONS.join(", ")}`);
	}
	const { retries, onError } = options;
	if (retries !== undefined && (!Number.isInteger(retries) || retries < 0)) {
		throw new TypeError(`on(): retries is a whole number from 0 on; this is ${shown(retries)}`);
	}
	if (onError !== undefined && typeof onError !== "function") throw new TypeError(`on(): onError is a function; this is ${shown(onError)}`);
}

function make(pattern: Pattern, run: Handler["run"], options: HandlerOptions): Handler {
	const handler: Handler = {
		id: `on-${++last}`,
		key: freeKey(options.name ?? pattern.text),
		pattern,
		timeout: options.timeout === undefined ? TIMEOUT : millisecondsOf(options.timeout, "on(): timeout"),
		attempts: 1 + (options.retries ?? RETRIES),
		delay: options.retryDelay === undefined ? RETRY_DELAY : millisecondsOf(options.retryDelay, "on(): retryDelay"),
		run,
	};
	if (options.group !== undefined) handler.group = options.group;
	if (options.onError) handler.onError = options.onError;
	return handler;
}

/** The second handler of a pattern is "pattern#2". */
function freeKey(name: string): string {
	const taken = new Set([...handlers.values()].map((handler) => handler.key));
	let key = name;
	for (let number = 2; taken.has(key); number++) key = `${name}#${number}`;
	return key;
}

/** Removes a handler, or all of a group: how many there were. */
export function off(which: string): number {
	const going = [...handlers.values()].filter(({ id, group }) => id === which || group === which);
	for (const { id } of going) handlers.delete(id);
	return going.length;
}

export function matching(name: string): Handler[] {
	return [...handlers.values()].filter((handler) => handler.pattern.mayMatch(name));
}
