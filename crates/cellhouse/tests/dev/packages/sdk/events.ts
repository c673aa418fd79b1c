// Handlers of events, and an object that keeps what they got, in its order.

import { every, on, send, state } from "sdk.do";

type Any = any;

export class Seen {
	declare ctx: Any;

	add(handler: string, what: unknown, at: Any = null) {
		const { sql } = this.ctx.storage;
		sql.exec("CREATE TABLE IF NOT EXISTS seen (n INTEGER PRIMARY KEY AUTOINCREMENT, handler TEXT, what TEXT, at TEXT)");
		sql.exec("INSERT INTO seen (handler, what, at) VALUES (?, ?, ?)", handler, JSON.stringify(what), JSON.stringify(at));
	}

	all() {
		try {
			const rows = this.ctx.storage.sql.exec("SELECT handler, what, at FROM seen ORDER BY n").toArray();
			return rows.map((row: Any) => [row.handler, JSON.parse(row.what), JSON.parse(row.at)]);
		} catch {
			return [];
		}
	}
}

const seen = () => state.get(Seen, "all");
const note = (name: string) => async (event: Any) => (await seen()).add(name, { ...event, metadata: event.metadata.action }, event.metadata.attempt);

on($.Order.created, note("created"));
on("Order.*", async (event) => (await seen()).add("any", event.$type));
on(/^Shop\.(opened|closed)$/, async (event) => (await seen()).add("regexp", event.$type));
on((event) => event.what.$type === "Shop" && event.loud === true, async (event) => (await seen()).add("predicate", event.$type));
const gone = on($.Order.created, note("removed"));
on.off(gone);

on($.Ship.sailed, async (event) => {
	await new Promise((resolve) => setTimeout(resolve, 20));
	await (await seen()).add("ship", `sailed ${event.n}`);
});
on($.Ship.landed, async (event) => (await seen()).add("ship", `landed ${event.n}`));

on($.Flaky.tried, async (event) => {
	await (await seen()).add("flaky", event.id, event.metadata.attempt);
	if (event.metadata.attempt < 3) throw new Error("not yet");
}, { retryDelay: 10 });
on($.Flaky.tried, async (event) => (await seen()).add("steady", event.id, event.metadata.attempt));

on($.Broken.tried, () => { throw new Error("never ever"); }, {
	retries: 2, retryDelay: 5, name: "broken",
	onError: async (error: Any, event) => (await seen()).add("onError", error.message, event.metadata.attempt),
});
on($.Hanging.tried, () => new Promise(() => {}), { retries: 0, timeout: 20 });

for (const action of ["created", "updated", "deleted"]) on(`State.${action}`, async (event) => (await seen()).add(event.$type, event.what.id, event.store));
on($.Session.expired, async (event) => (await seen()).add(event.$type, event.what.id));

every($.Seconds(1), async (run) => (await seen()).add("every", run.name, run.scheduledTime));

/** A class of the app in the style of the document: its alarm is its end. */
export class UserSession {
	declare state: Any;

	async login(milliseconds: number) {
		await this.state.storage.put("user", "ada");
		await this.state.storage.setAlarm(Date.now() + milliseconds);
	}

	async alarm() {
		await this.state.storage.deleteAll();
	}
}

export default {
	async fetch(request: Request, env: Any): Promise<Response> {
		const url = new URL(request.url);
		const body = request.method === "POST" ? await request.json() : undefined;
		if (url.pathname === "/send") {
			await Promise.all(body.map(([name, data]: Any) => send(name, data)));
			return Response.json(body.length);
		}
		if (url.pathname === "/state") {
			for (const [method, ...parameters] of body) await env.STATE[method](...parameters);
			return Response.json(body.length);
		}
		if (url.pathname === "/session") {
			await (await state.get($.Session, "s")).create({ user: "ada" }, { ttl: 5 });
			await (await state.get($.UserSession, "u")).login(5);
			return Response.json(null);
		}
		if (url.pathname === "/dead") return Response.json(await on.dead.list());
		if (url.pathname === "/retry") return Response.json(await on.dead.retry());
		if (url.pathname === "/pending") return Response.json(await on.pending());
		return Response.json(await (await seen()).all());
	},
};
