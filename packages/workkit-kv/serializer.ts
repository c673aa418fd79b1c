// How values become what KV stores, and back. `read` is the type that the binding is asked for.
//
// `text` keeps strings as they are and also numbers, as their digits: a text that is exactly how JavaScript
// writes a finite number reads as that number. A string that looks like one is marked as a string in the
// entry's metadata, so that it comes back as a string.


export type SerializerType = "json" | "text" | "arrayBuffer" | "stream";

/** What is stored for one value. */
export interface Stored {
	body: unknown;
	/** The body is a string that would read as a number. */
	marked: boolean;
}

export interface Serializer {
	readonly read: "text" | "arrayBuffer" | "stream";
	/** Whether reading needs the metadata. */
	readonly marks: boolean;
	/** Throws a TypeError for what cannot be stored. */
	store(value: unknown): Stored;
	/** Throws for what was not stored by this serializer. */
	load(body: any, marked: boolean): unknown;
}

const plain = (body: unknown): Stored => ({ body, marked: false });

const json: Serializer = {
	read: "text",
	marks: false,
	store(value) {
		const text = JSON.stringify(value);
		if (text === undefined) throw new TypeError(`${typeof value} has no form in JSON`);
		return plain(text);
	},
	load: (body) => JSON.parse(body),
};

const text: Serializer = {
	read: "text",
	marks: true,
	store(value) {
		if (typeof value === "string") return { body: value, marked: isNumber(value) };
		if (typeof value === "number" && Number.isFinite(value)) return plain(String(value));
		throw new TypeError(`the serializer "text" takes strings and finite numbers, not ${described(value)}`);
	},
	load: (body: string, marked) => (isNumber(body) && !marked ? Number(body) : body),
};

const arrayBuffer: Serializer = {
	read: "arrayBuffer",
	marks: false,
	store(value) {
		if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return plain(value);
		throw new TypeError(`the serializer "arrayBuffer" takes an ArrayBuffer or a view of one, not ${described(value)}`);
	},
	load: (body) => body,
};

const stream: Serializer = {
	read: "stream",
	marks: false,
	store(value) {
		if (value instanceof ReadableStream) return plain(value);
		throw new TypeError(`the serializer "stream" takes a ReadableStream, not ${described(value)}`);
	},
	load: (body) => body,
};

const SERIALIZERS: Record<SerializerType, Serializer> = { json, text, arrayBuffer, stream };

/** `undefined` for a name that is none. */
export function serializerOf(type: SerializerType): Serializer | undefined {
	return Object.hasOwn(SERIALIZERS, type) ? SERIALIZERS[type] : undefined;
}

function isNumber(body: string): boolean {
	return /^-?\d/.test(body) && String(Number(body)) === body;
}

function described(value: unknown): string {
	return value === null ? "null" : typeof value === "object" ? "an object" : typeof value === "number" ? String(value) : typeof value;
}

/** The member of the metadata that says that a body is a string. */
const MARK = "@workkit/kv";

/** The metadata to store; `undefined` for none. Metadata that is no object has no room for the mark. */
export function marked(metadata: unknown, stored: Stored): unknown {
	if (!stored.marked) return metadata;
	if (metadata === undefined || metadata === null) return { [MARK]: "string" };
	return isObject(metadata) ? { ...metadata, [MARK]: "string" } : metadata;
}

/** The metadata as it was put, and whether it held the mark. */
export function unmarked(metadata: unknown): { metadata: any; marked: boolean } {
	if (!isObject(metadata) || metadata[MARK] !== "string") return { metadata, marked: false };
	const { [MARK]: _, ...rest } = metadata;
	return { metadata: Object.keys(rest).length === 0 ? null : rest, marked: true };
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

