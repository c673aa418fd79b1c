// `db`: documents by type and id, with relations between them, in two tables of the app's D1 database. A
// document is JSON with `$id` and `$type`.

import { DbError, shown } from "./errors";
import { countOf, idOf, typeName } from "./names";
import { run, type Rows } from "./sql";

export type Doc<Fields = Record<string, any>> = Fields & { $id: string; $type: string };

export interface PageOptions {
	/** 100 unless said otherwise, and 1,000 at most. */
	limit?: number;
	offset?: number;
	/** Where the page before ended: its `cursor`. */
	cursor?: string;
}

const MAX_PAGE = 1_000;
const PAGE = 100;

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
	const [rows] = await run(["SELECT * FROM sdk_documents WHERE type = ? AND id = ?", ...parameters]);
	return rows![0] ? docOf(rows![0]) : null;
}

async function create<Fields extends object>(type: unknown, document: unknown): Promise<Doc<Fields>> {
	const name = typeName(type, "db.create()");
	const fields = fieldsOf(document, "db.create()");
	const { $id, id } = document as { $id?: unknown; id?: unknown };
	const key = idOf($id ?? id ?? crypto.randomUUID(), "db.create()");
	const now = Date.now();
	const sql = "INSERT INTO sdk_documents VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING type, id, data";
	const [rows] = await run([sql, name, key, jsonOf(fields, "db.create()"), now, now]);
	if (rows!.length > 0) return docOf(rows![0]!);
	throw new DbError("DB_CONFLICT", `there is a ${name} ${shown(key)} already: use db.update() or db.upsert()`);
}

/** Changes the fields that are given; one that is undefined goes. */
async function update<Fields = Record<string, any>>(type: unknown, id: unknown, changes: unknown): Promise<Doc<Fields>> {
	const [name, key] = [typeName(type, "db.update()"), idOf(id, "db.update()")];
	const { sets, json } = changed(fieldsOf(changes, "db.update()"), "data", "?1", "db.update()");
	const sql = `UPDATE sdk_documents SET data = ${sets}, updated = ?2 WHERE type = ?3 AND id = ?4 AND ?1 IS NOT NULL RETURNING type, id, data`;
	const [rows] = await run([sql, json, Date.now(), name, key]);
	if (rows!.length > 0) return docOf(rows![0]!);
	throw new DbError("DB_NOT_FOUND", `there is no ${name} ${shown(key)} to update`);
}

/** Changes of fields as one expression of SQL, so that two updates of one document cannot lose each other's.
 * `from` is the document, `parameter` stands for the new values, which are one JSON text. */
function changed(fields: Record<string, unknown>, from: string, parameter: string, method: string): { sets: string; json: string } {
	const names = Object.keys(fields);
	for (const name of names) {
		if (/["\\\0]/.test(name)) throw new TypeError(`db: the name of a field has no quotes, backslashes or NUL; this is ${shown(name)}`);
	}
	const json = jsonOf(fields, method);
	const kept = new Set(Object.keys(JSON.parse(json)));
	const path = (name: string) => `'$."${name.replaceAll("'", "''")}"'`;
	let sets = from;
	for (const some of chunks(names.filter((name) => kept.has(name)))) {
		sets = `json_set(${sets}, ${some.map((name) => `${path(name)}, ${parameter} -> ${path(name)}`).join(", ")})`;
	}
	for (const some of chunks(names.filter((name) => !kept.has(name)))) sets = `json_remove(${sets}, ${some.map(path).join(", ")})`;
	return { sets, json };
}

/** A function of SQL takes 32 arguments in D1. */
function chunks(names: string[]): string[][] {
	return Array.from({ length: Math.ceil(names.length / 15) }, (_, at) => names.slice(at * 15, at * 15 + 15));
}

/** Makes the document, or changes its fields: `upsert($.Person, id, fields)`, or with `$id` among the fields. */
async function upsert<Fields = Record<string, any>>(type: unknown, id: unknown, document?: unknown): Promise<Doc<Fields>> {
	const name = typeName(type, "db.upsert()");
	const given = document === undefined && typeof id === "object" ? id : document;
	const fields = fieldsOf(given, "db.upsert()");
	const key = idOf(given === id ? ((id as Doc).$id ?? (id as Doc).id) : id, "db.upsert()");
	const { sets, json } = changed(fields, "sdk_documents.data", "excluded.data", "db.upsert()");
	const now = Date.now();
	const sql = `INSERT INTO sdk_documents VALUES (?, ?, ?, ?, ?) ON CONFLICT (type, id) DO UPDATE SET data = ${sets}, updated = excluded.updated RETURNING type, id, data`;
	const [rows] = await run([sql, name, key, json, now, now]);
	return docOf(rows![0]!);
}

/** Whether it was there. Its relations go with it. */
async function remove(type: unknown, id: unknown): Promise<boolean> {
	const at = [typeName(type, "db.delete()"), idOf(id, "db.delete()")];
	const [rows] = await run(
		["DELETE FROM sdk_documents WHERE type = ? AND id = ? RETURNING id", ...at],
		["DELETE FROM sdk_relations WHERE (from_type = ? AND from_id = ?) OR (to_type = ? AND to_id = ?)", ...at, ...at],
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
	const [rows] = await run(["SELECT type, id, data FROM sdk_documents WHERE type = ? AND id > ? ORDER BY id LIMIT ? OFFSET ?", ...parameters]);
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
	const has = "EXISTS (SELECT 1 FROM json_tree(sdk_documents.data) WHERE atom LIKE ? ESCAPE '\\')";
	const sql = `SELECT type, id, data FROM sdk_documents WHERE type = ? AND id > ? AND ${words.map(() => has).join(" AND ")} ORDER BY id LIMIT ? OFFSET ?`;
	const [rows] = await run([sql, name, options.cursor ?? "", ...words, limit + 1, offsetOf(options)]);
	return page(rows!, limit, (row) => row.id);
}

/** Rows of a statement of SQL. Tables: sdk_documents, sdk_relations, and those of the app. */
async function query<Row = Record<string, any>>(sql: unknown, ...parameters: unknown[]): Promise<Row[]> {
	if (typeof sql !== "string") throw new TypeError(`db.query(): SQL is a string; this is ${shown(sql)}`);
	const values = parameters.length === 1 && Array.isArray(parameters[0]) ? parameters[0] : parameters;
	const [rows] = await run([sql, ...values]);
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
	await run(["INSERT OR IGNORE INTO sdk_relations VALUES (?, ?, ?, ?, ?)", ...row]);
}

/** Whether it was there. */
async function unrelate(from: Reference, predicate: unknown, to: Reference): Promise<boolean> {
	const row = [...referenceOf(from, "db.unrelate()"), typeName(predicate, "db.unrelate()"), ...referenceOf(to, "db.unrelate()")];
	const sql = "DELETE FROM sdk_relations WHERE from_type = ? AND from_id = ? AND predicate = ? AND to_type = ? AND to_id = ? RETURNING to_id";
	const [rows] = await run([sql, ...row]);
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
	const sql = `SELECT type, id, data FROM sdk_relations JOIN sdk_documents ON type = ${there}_type AND id = ${there}_id WHERE ${here}_type = ? AND ${here}_id = ? AND predicate = ? ORDER BY type, id LIMIT ?`;
	const [rows] = await run([sql, ...at, typeName(predicate, "db.getRelated()"), limit]);
	return rows!.map(docOf);
}

export const db = { get, list, create, update, upsert, delete: remove, search, query, relate, unrelate, getRelated };
