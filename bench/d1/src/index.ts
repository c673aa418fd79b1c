// What is measured of D1, the same for both peers: single queries within one request, and one query per request.

const ROWS = 1000;
const LONG = `WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < ?) SELECT count(*) AS n FROM x`;

export default {
	async fetch(request: Request, env: { DB: any }): Promise<Response> {
		const { pathname, searchParams } = new URL(request.url);
		const times = Number(searchParams.get("times") ?? 1);
		switch (pathname) {
			case "/plain":
				return new Response("hello");
			case "/setup":
				return new Response(await setUp(env.DB));
			case "/select":
				return new Response(await select(env.DB, times));
			case "/insert":
				return new Response(await insert(env.DB, times));
			case "/batch":
				return new Response(await batch(env.DB, times));
			case "/one":
				return Response.json(await user(env.DB, Math.floor(Math.random() * ROWS) + 1).first());
			case "/add":
				await env.DB.prepare("INSERT INTO log (text) VALUES (?)").bind("a line of the log").run();
				return new Response("added");
			case "/long":
				return Response.json(await env.DB.prepare(LONG).bind(times).first());
			default:
				return new Response("not found", { status: 404 });
		}
	},
};

const user = (db: any, id: number) => db.prepare("SELECT * FROM users WHERE id = ?").bind(id);

async function setUp(db: any): Promise<string> {
	await db.exec("DROP TABLE IF EXISTS users");
	await db.exec("DROP TABLE IF EXISTS log");
	await db.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT)");
	await db.exec("CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT)");
	const insert = db.prepare("INSERT INTO users (email, name) VALUES (?, ?)");
	for (let at = 0; at < ROWS; at += 100) {
		const rows = Array.from({ length: 100 }, (_, index) => insert.bind(`user-${at + index}@example.com`, `User ${at + index}`));
		await db.batch(rows);
	}
	return "ready";
}

async function select(db: any, times: number): Promise<string> {
	for (let n = 0; n < times; n++) {
		const row = await user(db, (n % ROWS) + 1).first();
		if (row === null) throw new Error("a user is missing");
	}
	return "done";
}

async function insert(db: any, times: number): Promise<string> {
	const statement = db.prepare("INSERT INTO log (text) VALUES (?)");
	for (let n = 0; n < times; n++) await statement.bind("a line of the log").run();
	return "done";
}

async function batch(db: any, times: number): Promise<string> {
	const statement = db.prepare("INSERT INTO log (text) VALUES (?)");
	for (let n = 0; n < times; n++) {
		await db.batch(Array.from({ length: 100 }, (_, index) => statement.bind(`line ${index}`)));
	}
	return "done";
}
