// Many keys at once: bulk reads where the binding has them, else one call for each key, a few at a time.

import type { KVNamespaceLike } from "./types";

/** Keys in one bulk read: KV's limit. */
const BULK = 100;
/** Calls at the same time: as many as a Worker may have open on Cloudflare. */
const AT_ONCE = 6;

export interface Entry {
	value: unknown;
	metadata?: unknown;
}

interface Reading {
	type: string;
	cacheTtl?: number;
}

/** What is there of these keys, in their order. */
export async function readMany(binding: KVNamespaceLike, keys: string[], reading: Reading, withMetadata: boolean): Promise<Map<string, Entry>> {
	const found = new Map<string, Entry>();
	// Bulk reads give text only.
	let bulk = reading.type === "text";
	for (let from = 0; from < keys.length; from += BULK) {
		const some = keys.slice(from, from + BULK);
		const entries: Map<string, unknown> | null = bulk ? await readBulk(binding, some, reading, withMetadata) : null;
		bulk = entries !== null;
		const read = entries ?? (await readEach(binding, some, reading, withMetadata));
		for (const key of some) {
			const entry = read.get(key);
			if (entry === null || entry === undefined) continue;
			found.set(key, withMetadata ? (entry as Entry) : { value: entry });
		}
	}
	return found;
}

/** `null` if the binding knows nothing of bulk reads: it then takes the list for a key. */
async function readBulk(binding: KVNamespaceLike, keys: string[], reading: Reading, withMetadata: boolean): Promise<Map<string, unknown> | null> {
	try {
		const read = await (withMetadata ? binding.getWithMetadata(keys, reading) : binding.get(keys, reading));
		return read instanceof Map ? read : null;
	} catch (error) {
		if (error instanceof TypeError) return null;
		throw error;
	}
}

async function readEach(binding: KVNamespaceLike, keys: string[], reading: Reading, withMetadata: boolean): Promise<Map<string, unknown>> {
	const found = new Map<string, unknown>();
	await together(keys, async (key) => {
		const read = await (withMetadata ? binding.getWithMetadata(key, reading) : binding.get(key, reading));
		found.set(key, withMetadata && read.value === null ? null : read);
	});
	return found;
}

/** Runs `work` on every item, a few at a time. The first failure is thrown when those that run have ended; no further ones are begun. */
export async function together<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
	const failures: unknown[] = [];
	let next = 0;
	const worker = async () => {
		while (next < items.length && failures.length === 0) {
			await work(items[next++]!).catch((error) => failures.push(error));
		}
	};
	await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
	if (failures.length > 0) throw failures[0];
}
