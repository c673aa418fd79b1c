// D1, called.
import { holds, same, fails } from "./expect.js";

const table = async (DB, name) => {
	await DB.exec(`DROP TABLE IF EXISTS ${name}`);
	await DB.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, name TEXT)`);
	return name;
};
let tables = 0;
const meta = async ({ env: { DB } }) => {
	const name = await table(DB, `meta_${++tables}`);
	return (await DB.prepare(`INSERT INTO ${name} (name) VALUES ('a'), ('b')`).run()).meta;
};
const filled = async (DB, name) => {
	await table(DB, name);
	await DB.prepare(`INSERT INTO ${name} (name) VALUES (?), (?)`).bind("a", "b").run();
	return DB.prepare(`SELECT * FROM ${name} ORDER BY id`);
};

export default {
	"D1Database.prepare": async ({ env: { DB } }) => same(await DB.prepare("SELECT 1 AS one").first(), { one: 1 }),
	"D1Database.batch": async ({ env: { DB } }) => {
		await table(DB, "batches");
		const insert = DB.prepare("INSERT INTO batches (id, name) VALUES (?, ?)");
		const results = await DB.batch([insert.bind(1, "a"), insert.bind(2, "b"), DB.prepare("SELECT name FROM batches")]);
		same(results[2].results, [{ name: "a" }, { name: "b" }]);
		await fails(() => DB.batch([insert.bind(3, "c"), insert.bind(1, "twice")]));
		same(await DB.prepare("SELECT count(*) AS n FROM batches").first("n"), 2);
	},
	"D1Database.exec": async ({ env: { DB } }) => same((await DB.exec("SELECT 1;\nSELECT 2;")).count, 2),
	"D1Database.withSession": async ({ env: { DB } }) => {
		const session = DB.withSession("first-primary");
		same(await session.prepare("SELECT 2 AS two").first("two"), 2);
		const next = DB.withSession(session.getBookmark());
		same(await next.prepare("SELECT 3 AS three").first("three"), 3);
	},
	"D1Database.dump": async ({ env: { DB } }) => same((await DB.dump()) instanceof ArrayBuffer, true),
	"D1DatabaseSession.prepare": async ({ env: { DB } }) => same(await DB.withSession().prepare("SELECT 1 AS one").first("one"), 1),
	"D1DatabaseSession.batch": async ({ env: { DB } }) => {
		const session = DB.withSession("first-unconstrained");
		same((await session.batch([session.prepare("SELECT 1 AS one")]))[0].results, [{ one: 1 }]);
	},
	"D1DatabaseSession.getBookmark": async ({ env: { DB } }) => {
		const session = DB.withSession("first-primary");
		same(session.getBookmark(), null);
		await session.prepare("SELECT 1").first();
		same(typeof session.getBookmark(), "string");
	},
	"D1PreparedStatement.bind": async ({ env: { DB } }) => {
		const statement = DB.prepare("SELECT ? AS x, typeof(?2) AS y");
		const one = statement.bind(1, "text");
		const two = statement.bind(null, new Uint8Array([1]).buffer);
		same(await one.first(), { x: 1, y: "text" });
		same(await two.first(), { x: null, y: "blob" });
	},
	"D1PreparedStatement.first": async ({ env: { DB } }) => {
		const statement = await filled(DB, "firsts");
		same(await statement.first(), { id: 1, name: "a" });
		same(await statement.first("name"), "a");
		await fails(() => statement.first("nothing"));
		same(await DB.prepare("SELECT 1 WHERE 0").first(), null);
	},
	"D1PreparedStatement.run": async ({ env: { DB } }) => {
		await table(DB, "runs");
		const result = await DB.prepare("INSERT INTO runs (name) VALUES ('a')").run();
		same([result.success, result.meta.changes, result.results], [true, 1, []]);
	},
	"D1PreparedStatement.all": async ({ env: { DB } }) => {
		const { success, results } = await (await filled(DB, "alls")).all();
		same([success, results], [true, [{ id: 1, name: "a" }, { id: 2, name: "b" }]]);
	},
	"D1PreparedStatement.raw": async ({ env: { DB } }) => {
		const statement = await filled(DB, "raws");
		same(await statement.raw(), [[1, "a"], [2, "b"]]);
		same(await statement.raw({ columnNames: true }), [["id", "name"], [1, "a"], [2, "b"]]);
	},
	"D1ExecResult.count": async ({ env: { DB } }) => same((await DB.exec("SELECT 1")).count, 1),
	"D1ExecResult.duration": async ({ env: { DB } }) => same(typeof (await DB.exec("SELECT 1")).duration, "number"),
	"D1Meta.duration": async (probe) => same(typeof (await meta(probe)).duration, "number"),
	"D1Meta.size_after": async (probe) => holds((await meta(probe)).size_after > 0),
	"D1Meta.rows_read": async (probe) => same(typeof (await meta(probe)).rows_read, "number"),
	"D1Meta.rows_written": async (probe) => same((await meta(probe)).rows_written, 2),
	"D1Meta.last_row_id": async (probe) => same((await meta(probe)).last_row_id, 2),
	"D1Meta.changed_db": async (probe) => same((await meta(probe)).changed_db, true),
	"D1Meta.changes": async (probe) => same((await meta(probe)).changes, 2),
	"D1Meta.served_by_region": async (probe) => same(typeof (await meta(probe)).served_by_region, "string"),
	"D1Meta.served_by_colo": async (probe) => same(typeof (await meta(probe)).served_by_colo, "string"),
	"D1Meta.served_by_primary": async (probe) => same((await meta(probe)).served_by_primary, true),
	"D1Meta.timings": async (probe) => same(typeof (await meta(probe)).timings.sql_duration_ms, "number"),
	"D1Meta.total_attempts": async (probe) => same((await meta(probe)).total_attempts, 1),
};
