// `send()`: an event into the log of the app. It is stored when the promise resolves. What is sent in one
// go, without waiting in between, travels together and keeps its order.

import { automatic } from "cellhouse:platform";
import { shown } from "./errors";
import { eventName } from "./names";
import { objectName } from "./registry";

/** An event on its way to the log. */
export interface Outgoing {
	id: string;
	name: string;
	/** Events of the same subject are handled in their order. */
	subject: string;
	/** JSON. */
	data: string;
	/** Milliseconds since 1970. */
	time: number;
	/** Whether another one with the same id may have been there. */
	once?: boolean;
}

/** Of the JSON of an event's data. An object's row has 2 MB at most. */
export const MAX_EVENT_BYTES = 1_500_000;
const BATCH_EVENTS = 500;
const BATCH_BYTES = 8_000_000;

export const LOG = "~events";

/** The log of the app. */
export function log(): any {
	return automatic().getByName(objectName(LOG, "", "main"));
}

/** Gives the event's id. */
export async function send(event: unknown, data: unknown = {}): Promise<string> {
	const name = eventName(event, false);
	if (name === undefined) throw new TypeError(`send(): an event is $.Order.created or "Order.created"; this is ${shown(event)}`);
	return append(outgoing(crypto.randomUUID(), name, data));
}

/** However often this is called with an id, it is one event. */
export function sendOnce(id: string, name: string, data: unknown): Promise<string> {
	return append({ ...outgoing(id, name, data), once: true });
}

export function outgoing(id: string, name: string, data: unknown, time = Date.now()): Outgoing {
	const text = jsonOf(name, data);
	const bytes = text.length * 3 > MAX_EVENT_BYTES ? new TextEncoder().encode(text).length : 0;
	if (bytes > MAX_EVENT_BYTES) {
		throw new RangeError(`send(${name}): the data of an event has at most ${MAX_EVENT_BYTES} bytes of JSON; this has ${bytes}. Store it, and send its key`);
	}
	return { id, name, subject: subjectOf(name, data), data: text, time };
}

function jsonOf(name: string, data: unknown): string {
	let text;
	try {
		text = JSON.stringify(data);
	} catch (error) {
		throw new TypeError(`send(${name}): the data is no JSON: ${(error as Error).message}`);
	}
	if (text === undefined) throw new TypeError(`send(${name}): the data is no JSON: it is ${shown(data)}`);
	return text;
}

function subjectOf(name: string, data: any): string {
	const type = name.slice(0, name.indexOf("."));
	const id = data?.id ?? data?.$id;
	return typeof id === "string" || typeof id === "number" ? `${type}/${id}` : type;
}

interface Waiting {
	event: Outgoing;
	resolve(id: string): void;
	reject(error: unknown): void;
}

let waiting: Waiting[] = [];

function append(event: Outgoing): Promise<string> {
	return new Promise((resolve, reject) => {
		if (waiting.length === 0) queueMicrotask(flush);
		waiting.push({ event, resolve, reject });
	});
}

function flush(): void {
	const all = waiting;
	waiting = [];
	let batch: Waiting[] = [];
	let bytes = 0;
	for (const one of all) {
		if (batch.length === BATCH_EVENTS || (batch.length > 0 && bytes + one.event.data.length > BATCH_BYTES)) {
			void deliver(batch);
			[batch, bytes] = [[], 0];
		}
		batch.push(one);
		bytes += one.event.data.length;
	}
	void deliver(batch);
}

async function deliver(batch: Waiting[]): Promise<void> {
	try {
		await log().append(batch.map(({ event }) => event));
		for (const { event, resolve } of batch) resolve(event.id);
	} catch (error) {
		for (const { reject } of batch) reject(error);
	}
}
