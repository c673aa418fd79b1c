// What `$.Something()` does: lengths of time, the default State store, documents, types of objects.

import { state } from "cellhouse:platform";
import { db } from "./db";
import { defineType, type TypeSchema } from "./define";
import { duration, unitOf } from "./durations";
import { shown } from "./errors";
import { setCall } from "./paths";

const OF_DOCUMENTS = ["get", "list", "create", "update", "upsert", "delete", "search"] as const;

const store = {
	/** What was set, as JSON; null if there is nothing. */
	get: (key: string) => state().get(key, "json"),
	set(key: string, value: unknown, options?: object) {
		const text = JSON.stringify(value);
		if (text === undefined) throw new TypeError(`$.state.set(): a value is JSON; this is ${shown(value)}`);
		return state().put(key, text, options);
	},
	delete: (key: string) => state().delete(key),
	update: (key: string, update: object) => state().update(key, update),
	list: (options?: object) => state().list(options),
};

function call(path: readonly string[], parameters: unknown[]): unknown {
	const [first = "", second] = path;
	if (path.length === 1) {
		const unit = unitOf(first);
		if (unit !== undefined) return duration(first, unit, ...parameters);
		if (first === "defineType") return defineType(...(parameters as [string, TypeSchema]));
	}
	if (path.length === 2 && first === "state" && Object.hasOwn(store, second!)) {
		return (store as Record<string, (...parameters: any[]) => unknown>)[second!]!(...parameters);
	}
	const method = path.length === 2 ? OF_DOCUMENTS.find((name) => name === second) : undefined;
	if (method) return (db[method] as (...parameters: any[]) => unknown)(first, ...parameters);
	const things = "$.Minutes(5) and other lengths, $.defineType(), $.state.get(), $.Person.get() and the like";
	throw new TypeError(`$.${path.join(".")}() is nothing that can be called: there are ${things}`);
}

setCall(call);
