// The database below `db`: D1 where the runtime has it, or else an object that runs the statements of a
// batch in one transaction. Both give the rows of each statement.

import { database, type ObjectState, automatic } from "cellhouse:platform";
import { DbError, messageOf } from "./errors";
import { objectName, register } from "./registry";

export type Statement = readonly [sql: string, ...parameters: unknown[]];
export type Rows = Record<string, any>[];

const DATABASE = "~database";

class Database {
	constructor(readonly ctx: ObjectState) {}

	run(statements: Statement[]): Rows[] {
		const { sql } = this.ctx.storage;
		return this.ctx.storage.transactionSync(() => statements.map(([text, ...parameters]) => sql.exec(text, ...parameters).toArray()));
	}
}

register(DATABASE, Database);

/** Runs all of them in one transaction, or, if one fails, none. */
export async function run(statements: Statement[]): Promise<Rows[]> {
	try {
		const d1 = database();
		if (!d1) return await automatic().getByName(objectName(DATABASE, "", "main")).run(statements);
		const prepared = statements.map(([text, ...parameters]) => d1.prepare(text).bind(...parameters));
		const results = await d1.batch(prepared);
		return results.map((result: { results?: Rows }) => result.results ?? []);
	} catch (error) {
		throw new DbError("DB_ERROR", `db: ${messageOf(error)}`, { cause: error });
	}
}
