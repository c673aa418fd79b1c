// The classes of objects that nobody has to configure: what the app exports goes first, then what
// `$.defineType()` has made, then those that come with this package. Names of automatic objects.

import { exported, type ObjectClass } from "cellhouse:platform";
import { StateError } from "./errors";

const own = new Map<string, ObjectClass>();
const defined = new Map<string, ObjectClass>();

/** A class of this package. Names that begin with `~` are none that an app can ask for. */
export function register(type: string, objectClass: ObjectClass): void {
	own.set(type, objectClass);
}

/** A class made from a schema. */
export function define(type: string, objectClass: ObjectClass): void {
	defined.set(type, objectClass);
}

/** The class of a type; undefined if there is none. */
export function classOf(type: string): ObjectClass | undefined {
	const exports = exported(type);
	if (typeof exports === "function" && exports.prototype !== undefined) return exports as ObjectClass;
	return defined.get(type) ?? own.get(type);
}

/** The name of the object that an id of a type stands for. */
export function objectName(type: string, namespace: string, id: string): string {
	return `${prefixOf(type, namespace)}${id}`;
}

/** What the names of all objects of a type begin with. */
export function prefixOf(type: string, namespace: string): string {
	return namespace === "" ? `${type}:` : `${type}@${namespace.length}.${namespace}:`;
}

/** The type of an automatic object. */
export function typeOf(name: string): string {
	return name.slice(0, name.search(/[:@]/));
}

/** The id within its type. */
export function idIn(name: string): string {
	const found = /^[^:@]*(?::|@(\d+)\.)/.exec(name);
	if (!found) return name;
	const skipped = found[1] === undefined ? 0 : Number(found[1]) + 1;
	return name.slice(found[0].length + skipped);
}

/** The class of an automatic object. */
export function resolve(name: string): ObjectClass {
	const type = typeOf(name);
	const found = classOf(type);
	if (found) return found;
	throw noSuchType(type);
}

export function noSuchType(type: string): StateError {
	return new StateError("STATE_NOT_FOUND", `there is no type $.${type}: export a class ${type} from the entry of the app, or make one with $.defineType("${type}", ...)`);
}
