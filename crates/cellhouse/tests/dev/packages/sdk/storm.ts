// A storm of events. The handler writes down what it got; each subject has numbers that must come in order.

import { on, send, state } from "sdk.do";

type Any = any;

/** The numbers of one subject, as its handler got them. */
export class Line {
	declare ctx: Any;

	constructor(ctx: Any) {
		ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS line (at INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER NOT NULL)");
	}

	add(n: number) {
		this.ctx.storage.sql.exec("INSERT INTO line (n) VALUES (?)", n);
	}

	all() {
		return this.ctx.storage.sql.exec("SELECT n FROM line ORDER BY at").toArray().map((row: Any) => row.n);
	}
}

on($.Storm.struck, async (event) => (await state.get($.Line, event.id)).add(event.n));

export default {
	async fetch(request: Request): Promise<Response> {
		const url = new URL(request.url);
		const id = url.searchParams.get("id") ?? "";
		if (url.pathname === "/pending") return Response.json(await on.pending());
		if (request.method === "GET") return Response.json(await (await state.get($.Line, id)).all());
		const [from, to] = await request.json();
		const sent = [];
		for (let n = from; n < to; n++) sent.push(send($.Storm.struck, { id, n }));
		await Promise.all(sent);
		return Response.json(sent.length);
	},
};
