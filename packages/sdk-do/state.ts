// `state`: plain exported classes as durable objects, with nothing configured. An object is found by its
// type and id; a class that the app's config binds is the same objects as its binding's.

import { automatic, bound, exists, list, remove } from "cellhouse:platform";
import { type Length, millisecondsOf } from "./durations";
import { StateError, messageOf, shown } from "./errors";
import { save as saveFields } from "./fields";
import { ownContext } from "./instances";
import { countOf, idOf, typeName } from "./names";
import { classOf, noSuchType, objectName, prefixOf } from "./registry";
import { configure, debug, isKept, namespaceOf, regionOf, type StateConfig, ttl } from "./settings";
import { stubOf } from "./sockets";

export interface GetOptions {
	/** Where the object is made: there is one place on one machine. */
	region?: string;
	/** Objects of different namespaces have nothing in common. */
	namespace?: string;
	/** `false`: an object that is not there is an error. */
	create?: boolean;
}

export interface ListOptions {
	prefix?: string;
	/** At most so many: 1 to 1,000, and 1,000 unless said otherwise. */
	limit?: number;
	cursor?: string;
	namespace?: string;
}

const MAX_LIST = 1_000;
/** A greater number is a moment and no delay: three years, or the year 1973. */
const MAX_DELAY = 1e11;

/** Where the objects of a type are: the class of the config, or "" for the automatic ones, and their names. */
function place(type: string, namespace: string) {
	const configured = bound(type);
	if (configured) {
		const prefix = namespace === "" ? "" : `${namespace}:`;
		return { objects: configured, className: type, prefix, name: (id: string) => prefix + id };
	}
	if (!classOf(type)) throw noSuchType(type);
	const name = (id: string) => objectName(type, namespace, id);
	return { objects: automatic(), className: "", prefix: prefixOf(type, namespace), name };
}

async function get(type: unknown, id: unknown, options: GetOptions = {}): Promise<any> {
	const name = typeName(type, "state.get()");
	const at = place(name, namespaceOf(options.namespace));
	const object = at.name(idOf(id, "state.get()"));
	if (options.create === false && !exists(at.className, object)) {
		throw new StateError("STATE_NOT_FOUND", `there is no ${name} ${shown(id)}`);
	}
	debug(`get ${name} ${id}`);
	const region = regionOf(options.region);
	return stubOf(at.objects.getByName(object, region ? { locationHint: region } : undefined));
}

async function save(object: object): Promise<void> {
	const ctx = ownContext(object, "state.save()");
	if (!isKept()) return;
	const { env } = object as { env?: unknown };
	saveFields(object, ctx, [ctx, ctx.storage, env], ttl());
	debug(`saved ${ctx.id.name ?? ctx.id}`);
}

async function remove_(type: unknown, id: unknown, options: { namespace?: string } = {}): Promise<boolean> {
	const at = place(typeName(type, "state.delete()"), namespaceOf(options.namespace));
	return remove(at.className, at.name(idOf(id, "state.delete()")));
}

/** The ids in order; its `cursor` says where to go on, if there is more. */
async function list_(type: unknown, options: ListOptions = {}): Promise<string[] & { cursor?: string }> {
	const at = place(typeName(type, "state.list()"), namespaceOf(options.namespace));
	const limit = countOf(options.limit, MAX_LIST, MAX_LIST, "state.list()", "limit");
	const page = list(at.className, at.prefix + (options.prefix ?? ""), options.cursor ?? "", limit);
	const ids: string[] & { cursor?: string } = page.names.map((name) => name.slice(at.prefix.length));
	if (page.cursor) ids.cursor = page.cursor;
	return ids;
}

/** Sets the one alarm of an object, or, with null, deletes it. */
async function alarm(object: object, when: Length | Date | null): Promise<void> {
	const ctx = ownContext(object, "state.alarm()");
	if (when === null) return ctx.storage.deleteAlarm();
	const { alarm, onAlarm } = object as { alarm?: unknown; onAlarm?: unknown };
	if (typeof alarm !== "function" && typeof onAlarm !== "function") {
		throw new StateError("STATE_ALARM_ERROR", "state.alarm(): the class has no onAlarm() method to call");
	}
	await ctx.storage.setAlarm(momentOf(when)).catch((error) => {
		throw new StateError("STATE_ALARM_ERROR", `state.alarm(): ${messageOf(error)}`, { cause: error });
	});
}

function momentOf(when: Length | Date): number {
	if (when instanceof Date) {
		if (!Number.isNaN(when.getTime())) return when.getTime();
		throw new TypeError("state.alarm(): the Date is none");
	}
	if (when === 0) return Date.now();
	const number = millisecondsOf(when, "state.alarm(): a delay");
	return number > MAX_DELAY ? number : Date.now() + number;
}

export const state = {
	get,
	save,
	delete: remove_,
	list: list_,
	alarm,
	config(options: StateConfig): void {
		configure(options);
	},
};
