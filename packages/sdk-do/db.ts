// `db`: documents by type and id, with relations between them, in two tables of a database of the app. A
// document is JSON with `$id` and `$type`.

import { DbError, shown } from "./errors";
import { countOf, idOf, typeName } from "./names";
import { run, type Rows, type Statement } from "./sql";

export type Doc<Fields = Record<string, any>> = Fields & { $id: string; $type: string };

export interface PageOptions {
	/** 100 unless said otherwise, and 1,000 at most. */
	limit?: number;
	offset?: number;
	/** Where the page before ended: its `cursor`. */
	cursor?: string;
}

const SCHEMA: Statement[] = [
	["CREATE TABLE IF NOT EXISTS documents (type TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID"],
	["CREATE TABLE IF NOT EXISTS relations (from_type TEXT NOT NULL, from_id TEXT NOT NULL, predicate TEXT NOT NULL, to_type TEXT NOT NULL, to_id TEXT NOT NULL, PRIMARY KEY (from_type, from_id, predicate, to_type, to_id)) WITHOUT ROWID"],
	["CREATE INDEX IF NOT EXISTS relations_back ON relations (to_type, to_id, predicate)"],
];
const MAX_PAGE = 1_000;
const PAGE = 100;

let made: Promise<unknown> | undefined;

async function all(...statements: Statement[]): Promise<Rows[]> {
	// One that failed is tried again by the next call.
	made ??= run(SCHEMA).catch((error) => {
		made = undefined;
		throw error;
	});
	await made;
	return run(statements);
}

function docOf(row: Rows[number]): Doc<any> {
	return { ...JSON.parse(row.data), $id: row.id, $type: row.type };
}

/** The fields as they are stored: without `$id` and `$type`, which have columns. */
function fieldsOf(given: unknown, method: string): Record<string, unknown> {
	if (typeof given !== "object" || given === null || Array.isArray(given)) {
		throw new TypeError(`${method}: a document is an object; this is ${shown(given)}`);
	}
	const { $id, $type, ...fields } = given as Record<string, unknown>;
	return fields;
}

function jsonOf(fields: Record<string, unknown>, method: string): string {
	try {
		return JSON.stringify(fields);
	} catch (error) {
		throw new TypeError(`${method}: the document is no JSON: ${(error as Error).message}`);
	}
}

async function get<Fields = Record<string, any>>(type: unknown, id: unknown): Promise<Doc<Fields> | null> {
	const parameters = [typeName(type, "db.get()"), idOf(id, "db.get()")];
	const [rows] = await all(["SELECT * FROM documents WHERE type = ? AND id = ?", ...parameters]);
	return rows![0] ? docOf(rows![0]) : null;
}

async function create<Fields extends object>(type: unknown, document: unknown): Promise<Doc<Fields>> {
	const name = typeName(type, "db.create()");
	const fields = fieldsOf(document, "db.create()");
	const { $id, id } = document as { $id?: unknown; id?: unknown };
	const key = idOf($id ?? id ?? crypto.randomUUID(), "db.create()");
	const now = Date.now();
	const sql = "INSERT INTO documents VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING type, id, data";
	const [rows] = await all([sql, name, key, jsonOf(fields, "db.create()"), now, now]);
	if (rows!.length > 0) return docOf(rows![0]!);
	throw new DbError("DB_CONFLICT", `there is a ${name} ${shown(key)} already: use db.update() or db.upsert()`);
}

/** Changes the fields that are given; one that is undefined goes. */
async function update<Fields = Record<string, any>>(type: unknown, id: unknown, changes: unknown): Promise<Doc<Fields>> {
	const [name, key] = [typeName(type, "db.update()"), idOf(id, "db.update()")];
	const { sets, parameters } = changed(fieldsOf(changes, "db.update()"));
	const sql = `UPDATE documents SET data = ${sets}, updated = ? WHERE type = ? AND id = ? RETURNING type, id, data`;
	const [rows] = await all([sql, ...parameters, Date.now(), name, key]);
	if (rows!.length > 0) return docOf(rows![0]!);
	throw new DbError("DB_NOT_FOUND", `there is no ${name} ${shown(key)} to update`);
}

/** Changes of fields as one expression of SQL, so that two updates of one document cannot lose each other's. */
function changed(fields: Record<string, unknown>): { sets: string; parameters: string[] } {
	const path = (name: string) => `$."${name}"`;
	let sets = "data";
	const parameters: string[] = [];
	for (const [name, value] of Object.entries(fields)) {
		if (/["\\]/.test(name)) throw new TypeError(`db: the name of a field has no quotes and no backslashes; this is ${shown(name)}`);
		const text = jsonOf({ value }, "db.update()");
		if (text === "{}") {
			sets = `json_remove(${sets}, ?)`;
			parameters.push(path(name));
		} else {
			sets = `json_set(${sets}, ?, json(?))`;
			parameters.push(path(name), text.slice('{"value":'.length, -1));
		}
	}
	return { sets, parameters };
}

/** Makes the document, or changes its fields: `upsert($.Person, id, fields)`, or with `$id` among the fields. */
async function upsert<Fields = Record<string, any>>(type: unknown, id: unknown, document?: unknown): Promise<Doc<Fields>> {
	const name = typeName(type, "db.upsert()");
	const given = document === undefined && typeof id === "object" ? id : document;
	const fields = fieldsOf(given, "db.upsert()");
	const key = idOf(given === id ? ((id as Doc).$id ?? (id as Doc).id) : id, "db.upsert()");
	const { sets, parameters } = changed(fields);
	const now = Date.now();
	const sql = `INSERT INTO documents VALUES (?, ?, ?, ?, ?) ON CONFLICT (type, id) DO UPDATE SET data = ${sets.replace("data", "documents.data")}, updated = excluded.updated RETURNING type, id, data`;
	const [rows] = await all([sql, name, key, jsonOf(fields, "db.upsert()"), now, now, ...parameters]);
	return docOf(rows![0]!);
}

/** Whether it was there. Its relations go with it. */
async function remove(type: unknown, id: unknown): Promise<boolean> {
	const at = [typeName(type, "db.delete()"), idOf(id, "db.delete()")];
	const [rows] = await all(
		["DELETE FROM documents WHERE type = ? AND id = ? RETURNING id", ...at],
		["DELETE FROM relations WHERE (from_type = ? AND from_id = ?) OR (to_type = ? AND to_id = ?)", ...at, ...at],
	);
	return rows!.length > 0;
}

type Page<Fields> = Doc<Fields>[] & { cursor?: string };

function page(rows: Rows, limit: number, cursorOf: (row: Rows[number]) => string): Page<any> {
	const docs: Page<any> = rows.slice(0, limit).map(docOf);
	if (rows.length > limit) docs.cursor = cursorOf(rows[limit - 1]!);
	return docs;
}

/** Documents of a type in the order of their ids; `cursor` of the array is where the next page begins. */
async function list<Fields = Record<string, any>>(type: unknown, options: PageOptions = {}): Promise<Page<Fields>> {
	const limit = countOf(options.limit, PAGE, MAX_PAGE, "db.list()", "limit");
	const parameters = [typeName(type, "db.list()"), options.cursor ?? "", limit + 1, offsetOf(options)];
	const [rows] = await all(["SELECT type, id, data FROM documents WHERE type = ? AND id > ? ORDER BY id LIMIT ? OFFSET ?", ...parameters]);
	return page(rows!, limit, (row) => row.id);
}

function offsetOf({ offset = 0 }: PageOptions): number {
	if (Number.isInteger(offset) && offset >= 0) return offset;
	throw new TypeError(`db: offset is a whole number from 0 on; this is ${shown(offset)}`);
}

/** Documents with all words of the text in their values, in upper or lower case. */
async function search<Fields = Record<string, any>>(type: unknown, text: unknown, options: PageOptions = {}): Promise<Page<Fields>> {
	const name = typeName(type, "db.search()");
	if (typeof text !== "string" || text.trim() === "") throw new TypeError(`db.search(): a text is needed; this is ${shown(text)}`);
	const limit = countOf(options.limit, PAGE, MAX_PAGE, "db.search()", "limit");
	const words = text.trim().split(/\s+/).map((word) => `%${word.replace(/[\\%_]/g, "\\$&")}%`);
	const has = "EXISTS (SELECT 1 FROM json_tree(documents.data) WHERE atom LIKE ? ESCAPE '\\')";
	const sql = `SELECT type, id, data FROM documents WHERE type = ? AND id > ? AND ${words.map(() => has).join(" AND ")} ORDER BY id LIMIT ? OFFSET ?`;
	const [rows] = await all([sql, name, options.cursor ?? "", ...words, limit + 1, offsetOf(options)]);
	return page(rows!, limit, (row) => row.id);
}

/** Rows of a statement of SQL. Tables: documents, relations, and those that the app makes. */
async function query<Row = Record<string, any>>(sql: unknown, ...parameters: unknown[]): Promise<Row[]> {
	if (typeof sql !== "string") throw new TypeError(`db.query(): SQL is a string; this is ${shown(sql)}`);
	const values = parameters.length === 1 && Array.isArray(parameters[0]) ? parameters[0] : parameters;
	const [rows] = await all([sql, ...values]);
	return rows as Row[];
}

// ---- relations

/** A document, or `[$.Person, id]`. */
type Reference = Doc | readonly [type: unknown, id: unknown];

function referenceOf(given: unknown, method: string): [string, string] {
	if (Array.isArray(given) && given.length === 2) return [typeName(given[0], method), idOf(given[1], method)];
	const { $type, $id } = (given ?? {}) as Partial<Doc>;
	if ($type !== undefined && $id !== undefined) return [typeName($type, method), idOf($id, method)];
	throw new TypeError(`${method}: a document with $type and $id, or [$.Person, id]; this is ${shown(given)}`);
}

/** `relate(person, "knows", other)`. */
async function relate(from: Reference, predicate: unknown, to: Reference): Promise<void> {
	const row = [...referenceOf(from, "db.relate()"), typeName(predicate, "db.relate()"), ...referenceOf(to, "db.relate()")];
	await all(["INSERT OR IGNORE INTO relations VALUES (?, ?, ?, ?, ?)", ...row]);
}

/** Whether it was there. */
async function unrelate(from: Reference, predicate: unknown, to: Reference): Promise<boolean> {
	const row = [...referenceOf(from, "db.unrelate()"), typeName(predicate, "db.unrelate()"), ...referenceOf(to, "db.unrelate()")];
	const sql = "DELETE FROM relations WHERE from_type = ? AND from_id = ? AND predicate = ? AND to_type = ? AND to_id = ? RETURNING to_id";
	const [rows] = await all([sql, ...row]);
	return rows!.length > 0;
}

export interface RelatedOptions {
	limit?: number;
	/** `true`: documents that have this relation to it. */
	reverse?: boolean;
}

/** The documents that a document has a relation to. */
async function getRelated<Fields = Record<string, any>>(from: Reference, predicate: unknown, options: RelatedOptions = {}): Promise<Doc<Fields>[]> {
	const [here, there] = options.reverse ? ["to", "from"] : ["from", "to"];
	const at = referenceOf(from, "db.getRelated()");
	const limit = countOf(options.limit, PAGE, MAX_PAGE, "db.getRelated()", "limit");
	const sql = `SELECT type, id, data FROM relations JOIN documents ON type = ${there}_type AND id = ${there}_id WHERE ${here}_type = ? AND ${here}_id = ? AND predicate = ? ORDER BY type, id LIMIT ?`;
	const [rows] = await all([sql, ...at, typeName(predicate, "db.getRelated()"), limit]);
	return rows!.map(docOf);
}

export const db = { get, list, create, update, upsert, delete: remove, search, query, relate, unrelate, getRelated };
