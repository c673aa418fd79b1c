// What arguments name: a type of things, an id, an event. Everything else is refused in words.

import { exportedAs } from "cellhouse:platform";
import { shown } from "./errors";
import { segmentsOf } from "./paths";

const NAME = /^[A-Za-z_$][\w$]*$/;
const SEGMENT = /^[\w$-]+$/;
/** As many bytes as the name of an object has in Cloudflare's. */
const MAX_ID = 1_024;

/** The name of a type: from `$.Counter`, "Counter", or a class. */
export function typeName(value: unknown, method: string): string {
	const path = segmentsOf(value);
	let name: unknown = value;
	if (path) name = path.length === 1 ? path[0] : undefined;
	else if (typeof value === "function") name = exportedAs(value) ?? value.name;
	if (typeof name === "string" && NAME.test(name)) return name;
	const is = path ? `$.${path.join(".")}` : shown(value);
	throw new TypeError(`${method}: a type is $.Name or "Name", with letters, digits and _; this is ${is}`);
}

/** An id as text. */
export function idOf(value: unknown, method: string): string {
	const id = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
	if (typeof id !== "string") throw new TypeError(`${method}: an id is a string; this is ${shown(value)}`);
	if (id === "") throw new TypeError(`${method}: an id must not be empty`);
	if (id.length > MAX_ID) throw new TypeError(`${method}: an id has at most ${MAX_ID} characters; this has ${id.length}`);
	return id;
}

/** "Order.created", from that or `$.Order.created`; undefined if it is no such name. `wild`: segments may be `*`. */
export function eventName(value: unknown, wild: boolean): string | undefined {
	const path = segmentsOf(value) ?? (typeof value === "string" ? value.split(".") : []);
	const isSegment = (segment: string) => SEGMENT.test(segment) || (wild && segment === "*");
	return path.length >= 2 && path.every(isSegment) ? path.join(".") : undefined;
}

/** A whole number in a range, or what stands in for undefined. */
export function countOf(value: unknown, otherwise: number, most: number, method: string, name: string): number {
	if (value === undefined) return otherwise;
	if (Number.isInteger(value) && (value as number) >= 1) return Math.min(value as number, most);
	throw new TypeError(`${method}: ${name} is a whole number of at least 1; this is ${shown(value)}`);
}
