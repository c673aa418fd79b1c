// Keys: which ones KV takes, and prefixes.

import { ValidationError } from "./errors";

/** KV's limit, in bytes of UTF-8. */
const MAX_KEY_BYTES = 512;

/** Throws unless KV takes this key. */
export function validateKey(key: string): void {
	if (typeof key !== "string") refuse(`a key is a string; this is ${key === null ? "null" : typeof key}`, "WORKKIT_KV_INVALID_KEY");
	if (key === "") refuse("a key must not be empty", "WORKKIT_KV_EMPTY_KEY");
	if (key === "." || key === "..") refuse(`"${key}" is not allowed as a key`, "WORKKIT_KV_INVALID_KEY");
	// Up to three bytes for each unit: most keys need no counting.
	if (key.length * 3 <= MAX_KEY_BYTES) return;
	const bytes = new TextEncoder().encode(key).length;
	if (bytes > MAX_KEY_BYTES) refuse(`a key has up to ${MAX_KEY_BYTES} bytes; this one has ${bytes}`, "WORKKIT_KV_KEY_TOO_LONG");
}

function refuse(message: string, code: string): never {
	throw new ValidationError(message, [{ path: ["key"], message, code }]);
}

/** The whole key. */
export function prefixKey(prefix: string | undefined, key: string): string {
	return prefix ? prefix + key : key;
}

/** The key without the prefix; a key that does not begin with it stays as it is. */
export function stripPrefix(prefix: string | undefined, key: string): string {
	return prefix && key.startsWith(prefix) ? key.slice(prefix.length) : key;
}
