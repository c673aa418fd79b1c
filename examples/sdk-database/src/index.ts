// With a database: an object that keeps users which `db` has loaded, as state.do shows it.

import { $, db, state } from "sdk.do";

export class UserCache {
	declare state: DurableObjectState;

	async getUser(userId: string) {
		// Check cache
		let user: unknown = await this.state.storage.get(`user:${userId}`);

		if (!user) {
			// Load from database
			user = await db.get($.Person, userId);
			await this.state.storage.put(`user:${userId}`, user);
		}

		return user;
	}
}

export default {
	async fetch(request) {
		const url = new URL(request.url);
		const [kind, id = ""] = url.pathname.slice(1).split("/");
		if (kind === "people" && request.method === "PUT") {
			return Response.json(await db.upsert($.Person, id, await request.json()));
		}
		if (kind === "people" && request.method === "DELETE") {
			return new Response(null, { status: (await $.Person.delete(id)) ? 204 : 404 });
		}
		if (kind === "people" && id !== "") {
			const person = await $.Person.get(id);
			return Response.json(person, { status: person ? 200 : 404 });
		}
		if (kind === "people") {
			const words = url.searchParams.get("q");
			const people = words ? await db.search($.Person, words) : await db.list($.Person, { limit: 10 });
			return Response.json(people);
		}
		if (kind === "friends" && request.method === "PUT") {
			const [from, to] = id.split("+");
			await db.relate([$.Person, from ?? ""], $.knows, [$.Person, to ?? ""]);
			return new Response(null, { status: 204 });
		}
		if (kind === "friends") return Response.json(await db.getRelated([$.Person, id], $.knows));
		if (kind === "cached") {
			const cache = await state.get(UserCache, "all");
			return Response.json(await cache.getUser(id));
		}
		return new Response("try /people/NAME, /friends/NAME or /cached/NAME\n", { status: 404 });
	},
} satisfies ExportedHandler<Env>;
