// `$.Session.expired`: sent before a session's data goes, with an id that is the same when it is sent again
// after a crash in between, so that it becomes one event.

import { sendOnce } from "./send";

/** `time`: when it was due, in milliseconds since 1970. Returns once the event is in the log. */
export async function sendExpired(type: string, object: string, id: string, time: number): Promise<void> {
	const data = { id, type, expiredAt: new Date(time).toISOString() };
	await sendOnce(`expired:${object}:${time}`, "Session.expired", data);
}
