// What `state.config()` and the environment say: defaults for all objects of the app.

import { env } from "cellhouse:platform";
import { type Length, millisecondsOf } from "./durations";
import { shown } from "./errors";

export interface StateConfig {
	namespace?: string;
	region?: string;
	/** Milliseconds, or a length such as `$.Hours(1)`. */
	ttl?: Length;
	persistence?: "memory" | "disk" | "auto";
}

const NAMES = ["namespace", "region", "ttl", "persistence"];
let config: StateConfig = {};

/** A variable of the app, wherever its kind of config has them. */
export function variable(name: string): string | undefined {
	const value = env[name] ?? env.vars?.[name];
	return value === undefined || value === null || value === "" ? undefined : String(value);
}

export function configure(given: StateConfig): void {
	if (given === null || typeof given !== "object") throw new TypeError(`state.config(): options are an object; this is ${shown(given)}`);
	for (const name of Object.keys(given)) {
		if (!NAMES.includes(name)) throw new TypeError(`state.config(): there is no option ${shown(name)}: ${NAMES.join(", ")}`);
	}
	if (given.ttl !== undefined) millisecondsOf(given.ttl, "state.config(): ttl");
	if (given.persistence !== undefined && !["memory", "disk", "auto"].includes(given.persistence)) {
		throw new TypeError(`state.config(): persistence is "memory", "disk" or "auto"; this is ${shown(given.persistence)}`);
	}
	textOf(given.namespace, "namespace");
	textOf(given.region, "region");
	config = { ...config, ...given };
}

function textOf(value: unknown, name: string): string | undefined {
	if (value === undefined || typeof value === "string") return value;
	throw new TypeError(`state: ${name} is a string; this is ${shown(value)}`);
}

export function namespaceOf(given?: unknown): string {
	return textOf(given, "namespace") ?? config.namespace ?? variable("STATE_NAMESPACE") ?? "";
}

export function regionOf(given?: unknown): string | undefined {
	return textOf(given, "region") ?? config.region ?? variable("STATE_REGION");
}

/** In milliseconds. */
export function ttl(): number | undefined {
	return config.ttl === undefined ? undefined : millisecondsOf(config.ttl, "ttl");
}

export function isKept(): boolean {
	return config.persistence !== "memory";
}

/** Tells what is done, where STATE_DEBUG asks for that. */
export function debug(text: string): void {
	const wanted = variable("STATE_DEBUG");
	if (wanted && wanted !== "false" && wanted !== "0") console.debug(`state: ${text}`);
}
