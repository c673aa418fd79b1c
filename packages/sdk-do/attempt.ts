// One try of one handler with one event: the event as the handler gets it, and a limit on the time it takes.

import { type Handler } from "./handlers";
import { type Row } from "./log_rows";
import { type Event } from "./patterns";

/** Throws what the handler throws, or that it took too long. */
export async function attempt(handler: Handler, row: Row, number: number): Promise<void> {
	const event = eventOf(row, number);
	const { accepts } = handler.pattern;
	const work = async () => {
		if (accepts && !(await accepts(event))) return;
		await handler.run(event);
	};
	try {
		await limited(work(), handler.timeout);
	} catch (error) {
		await tell(handler, error, event);
		throw error;
	}
}

async function limited(work: Promise<void>, milliseconds: number): Promise<void> {
	let timer;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`the handler was not done after ${milliseconds} ms`)), milliseconds);
	});
	try {
		await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}

async function tell(handler: Handler, error: unknown, event: Event): Promise<void> {
	try {
		if (handler.onError) await limited(Promise.resolve(handler.onError(error, event)) as Promise<void>, handler.timeout);
	} catch (second) {
		console.error(`onError of on(${handler.key}):`, second);
	}
}

export function eventOf({ id, name, time, data: text }: Row, number: number): Event {
	const [type, action, ...rest] = name.split(".") as [string, string];
	const data = JSON.parse(text);
	const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
	const fields = isObject ? data : { value: data };
	const metadata: Event["metadata"] = { id, action, time: new Date(time).toISOString(), attempt: number };
	if (rest.length > 0) metadata.object = rest.join(".");
	return { data, ...(isObject ? data : {}), $id: id, $type: name, what: { ...fields, $type: type }, metadata };
}
