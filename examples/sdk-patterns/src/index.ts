// `$.Subject.predicate.Object`: names as values, the default State store, and the events of both.

import { $, type Handler, on, state } from "sdk.do";

export class Heard {
	events: string[] = [];

	async add(event: string) {
		this.events.push(event);
		await state.save(this);
	}

	all() {
		return this.events;
	}
}

const handler: Handler = async (event) => {
	await (await state.get(Heard, "all")).add(`${event.$type} ${event.what.id}`);
};

// State events
on($.State.updated, handler);
on($.Session.expired, handler);

export default {
	async fetch(request) {
		const [kind, key = ""] = new URL(request.url).pathname.slice(1).split("/");
		// State types
		if (kind === "types") return Response.json([$.State, $.Session, $.Cache, $.Counter].map(String));
		if (kind === "state" && request.method === "PUT") {
			await $.state.set(key, await request.json());
			return new Response(null, { status: 204 });
		}
		if (kind === "state" && request.method === "DELETE") {
			await $.state.delete(key);
			return new Response(null, { status: 204 });
		}
		if (kind === "state") return Response.json(await $.state.get(key));
		if (kind === "sessions") {
			const session = await state.get($.Session, key);
			if (request.method === "POST") await session.create({ user: key }, { ttl: $.Milliseconds(50) });
			return Response.json(await session.get());
		}
		if (kind === "heard") return Response.json(await (await state.get(Heard, "all")).all());
		return new Response("try /state/KEY, /sessions/NAME, /heard or /types\n", { status: 404 });
	},
} satisfies ExportedHandler<Env>;
