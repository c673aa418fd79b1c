// The fields of an object's instance: saved by `state.save(this)` in one entry of its storage, and put back
// before the first method of the next instance.

import { type ObjectState } from "cellhouse:platform";
import { StateError, messageOf } from "./errors";

/** The entry that holds the fields. */
export const KEY = "__sdk.do:fields";

interface Saved {
	fields: Record<string, unknown>;
	/** Milliseconds since 1970 from which on they are not there any more. */
	expires?: number;
}

/** Stores the own fields of an object; `ttl` in milliseconds. What cannot be cloned is left out. */
export function save(object: object, ctx: ObjectState, given: readonly unknown[], ttl: number | undefined): void {
	const fields = own(object, given);
	try {
		put(ctx, fields, ttl);
	} catch (error) {
		if (!isClone(error)) throw failed(error);
		try {
			put(ctx, Object.fromEntries(Object.entries(fields).filter(([, value]) => canClone(value))), ttl);
		} catch (second) {
			throw failed(second);
		}
	}
}

/** Puts the saved fields back. */
export function restore(object: object, ctx: ObjectState): void {
	const saved: Saved | undefined = ctx.storage.kv.get(KEY);
	if (saved === undefined) return;
	if (saved.expires !== undefined && saved.expires <= Date.now()) {
		ctx.storage.kv.delete(KEY);
		return;
	}
	for (const [name, value] of Object.entries(saved.fields)) {
		Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
	}
}

function own(object: object, given: readonly unknown[]): Record<string, unknown> {
	const mine = Object.entries(object).filter(([, value]) => typeof value !== "function" && !given.includes(value));
	return Object.fromEntries(mine);
}

function put(ctx: ObjectState, fields: Record<string, unknown>, ttl: number | undefined): void {
	const saved: Saved = ttl === undefined ? { fields } : { fields, expires: Date.now() + ttl };
	ctx.storage.kv.put(KEY, saved);
}

function isClone(error: unknown): boolean {
	return (error as Error | undefined)?.name === "DataCloneError";
}

function canClone(value: unknown): boolean {
	try {
		structuredClone(value);
		return true;
	} catch {
		return false;
	}
}

function failed(error: unknown): StateError {
	return new StateError("STATE_STORAGE_ERROR", `state.save(): ${messageOf(error)}`, { cause: error });
}
