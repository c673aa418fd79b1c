// What is done with each new instance of an object before its first event: its fields come back, `onAlarm()`
// becomes its alarm handler, and a Session that ends tells so.

import { create, type ObjectState } from "cellhouse:platform";
import { StateError } from "./errors";
import { sendExpired } from "./expiry";
import { restore } from "./fields";
import { idIn, typeOf } from "./registry";
import { receiveSockets } from "./sockets";

const contexts = new WeakMap<object, ObjectState>();

/** Runs for every class, also for those of the app's own config; these have no automatic name. */
export function made(object: any, ctx: ObjectState, className: string): void {
	contexts.set(object, ctx);
	if (className === "") create(ctx);
	restore(object, ctx);
	receiveSockets(object);
	const type = className || typeOf(ctx.id.name ?? "");
	const handler = typeof object.alarm === "function" ? object.alarm : object.onAlarm;
	if (typeof handler !== "function") return;
	const ends = /Session$/.test(type);
	if (object.alarm === handler && !ends) return;
	hidden(object, "alarm", (info: { scheduledTime: number }) => {
		const run = () => handler.call(object, info);
		return ends ? tellOfEnd(ctx, type, info.scheduledTime, run) : run();
	});
}

/** An own property is out of the reach of callers. */
export function hidden(object: object, name: string, value: unknown): void {
	Object.defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });
}

/** A session whose alarm deletes everything has expired: the event is stored before the deletion, under an
 * id that is the same should the alarm run again. */
async function tellOfEnd(ctx: ObjectState, type: string, time: number, alarm: () => unknown): Promise<void> {
	const { storage } = ctx;
	const { deleteAll } = storage;
	const id = ctx.id.name === undefined ? ctx.id.toString() : idIn(ctx.id.name);
	storage.deleteAll = async () => {
		await sendExpired(type, ctx.id.toString(), id, time);
		await deleteAll.call(storage);
	};
	try {
		await alarm();
	} finally {
		delete (storage as { deleteAll?: unknown }).deleteAll;
	}
}

/** `ctx` of the object whose method calls `state.save(this)` and the like. */
export function ownContext(object: unknown, method: string): ObjectState {
	const ctx = typeof object === "object" && object !== null ? contexts.get(object) : undefined;
	if (ctx) return ctx;
	throw new StateError("STATE_ACCESS_DENIED", `${method}: the first argument is the object itself, in a method of its own: ${method.replace("()", "(this)")}`);
}
