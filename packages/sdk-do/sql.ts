// The database below `db`: the app's D1, whose tables for this package are made when they are first needed.

import { database } from "cellhouse:platform";
import { DbError, messageOf } from "./errors";

export type Statement = readonly [sql: string, ...parameters: unknown[]];
export type Rows = Record<string, any>[];

/** Their names are none that an app's own tables are likely to have. */
const SCHEMA: Statement[] = [
	["CREATE TABLE IF NOT EXISTS sdk_documents (type TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID"],
	["CREATE TABLE IF NOT EXISTS sdk_relations (from_type TEXT NOT NULL, from_id TEXT NOT NULL, predicate TEXT NOT NULL, to_type TEXT NOT NULL, to_id TEXT NOT NULL, PRIMARY KEY (from_type, from_id, predicate, to_type, to_id)) WITHOUT ROWID"],
	["CREATE INDEX IF NOT EXISTS sdk_relations_back ON sdk_relations (to_type, to_id, predicate)"],
];

let made: Promise<unknown> | undefined;

/** Runs all of them in one transaction, or, if one fails, none. Gives the rows of each. */
export async function run(...statements: Statement[]): Promise<Rows[]> {
	try {
		try {
			return await withTables(statements);
		} catch (error) {
			// Somebody has dropped them, or has gone back to a time before them.
			if (!/no such table: sdk_/.test(messageOf(error))) throw error;
			made = undefined;
			return await withTables(statements);
		}
	} catch (error) {
		throw new DbError("DB_ERROR", `db: ${messageOf(error)}`, { cause: error });
	}
}

async function withTables(statements: Statement[]): Promise<Rows[]> {
	// If it fails, the next call tries it again.
	made ??= batch(SCHEMA).catch((error) => {
		made = undefined;
		throw error;
	});
	await made;
	return batch(statements);
}

async function batch(statements: Statement[]): Promise<Rows[]> {
	const d1 = database();
	const results = await d1.batch(statements.map(([text, ...parameters]) => d1.prepare(text).bind(...parameters)));
	return results.map((result: { results?: Rows }) => result.results ?? []);
}
