// What a probe says about what it saw. Whatever is not as it should be is thrown, with what was seen.

/** Keys in order, as the order of an object's keys does not matter. */
const sorted = (_key, value) =>
	Object.getPrototypeOf(value ?? 0) === Object.prototype ? Object.fromEntries(Object.entries(value).sort()) : value;

const shown = (value) => {
	try {
		return typeof value === "string" ? value : (JSON.stringify(value, sorted) ?? String(value));
	} catch {
		return String(value);
	}
};

export function same(actual, expected) {
	if (Object.is(actual, expected)) return true;
	if (typeof expected === "object" && expected !== null && shown(actual) === shown(expected)) return true;
	throw new Error(`${shown(actual)} instead of ${shown(expected)}`);
}

export function holds(condition, what = "a condition does not hold") {
	if (!condition) throw new Error(what);
	return true;
}

/** That a call fails, now or later. */
export async function fails(work) {
	try {
		await work();
	} catch {
		return true;
	}
	throw new Error("it did not fail");
}

export const text = (bytes) => new TextDecoder().decode(bytes);
export const bytes = (string) => new TextEncoder().encode(string);
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What `read` gives, as soon as it gives something; a consumer may take a moment. */
export async function eventually(read, patience = 400) {
	for (let tries = 0; tries < patience; tries++) {
		const found = await read();
		if (found !== null && found !== undefined && found !== false) return found;
		await pause(50);
	}
	throw new Error("nothing came");
}
