// A small profile service: one route for each method of State.

type Route = (request: Request, env: PloyEnv) => Promise<Response>;

const routes: Record<string, Route> = {
	// put, get, getWithMetadata and delete of one JSON value
	async "PUT /greeting"(_request, env) {
		await env.STATE.put("greeting", JSON.stringify({ message: "hello" }), {
			metadata: { source: "example" },
		});
		return Response.json({ stored: "greeting" }, { status: 201 });
	},
	async "GET /greeting"(_request, env) {
		const value = await env.STATE.get("greeting", "json");
		return Response.json({ value });
	},
	async "GET /greeting/details"(_request, env) {
		const result = await env.STATE.getWithMetadata("greeting", {
			type: "json",
		});
		return Response.json(result);
	},
	async "DELETE /greeting"(_request, env) {
		await env.STATE.delete("greeting");
		return Response.json({ deleted: "greeting" });
	},

	// a key that nobody wrote
	async "GET /my-key"(_request, env) {
		const value = await env.STATE.get("my-key");
		return Response.json({ value });
	},

	// JSON that may be read from a copy of up to 60 seconds
	async "PUT /settings"(request, env) {
		await env.STATE.put("settings", await request.text(), {
			metadata: { updatedBy: "admin" },
		});
		return Response.json({ stored: "settings" }, { status: 201 });
	},
	async "GET /settings"(_request, env) {
		const settings = await env.STATE.get("settings", {
			type: "json",
			cacheTtl: 60,
		});
		return Response.json({ settings });
	},
	async "GET /settings/details"(_request, env) {
		const result = await env.STATE.getWithMetadata("settings", { type: "json" });

		console.log(result.value);
		console.log(result.metadata);
		return Response.json(result);
	},

	// bytes: stored from the request's stream, read as an ArrayBuffer
	async "PUT /avatar"(request, env) {
		if (request.body === null) {
			return new Response("send the picture as the body", { status: 400 });
		}
		await env.STATE.put("avatar", request.body);
		return Response.json({ stored: "avatar" }, { status: 201 });
	},
	async "GET /avatar"(_request, env) {
		const blob = await env.STATE.get("avatar", "arrayBuffer");
		return blob === null ? new Response("no avatar", { status: 404 }) : new Response(blob);
	},

	// strings, with and without options
	async "PUT /username"(_request, env) {
		await env.STATE.put("username", "alice", {
			expirationTtl: 3600,
			metadata: { updatedBy: "admin" },
		});
		return Response.json({ stored: "username" }, { status: 201 });
	},
	async "POST /username"(_request, env) {
		await env.STATE.set("username", "alice");
		return Response.json({ stored: "username" }, { status: 201 });
	},
	async "GET /username"(_request, env) {
		return Response.json(await env.STATE.getWithMetadata("username"));
	},
	async "DELETE /username"(_request, env) {
		await env.STATE.delete("username");
		return Response.json({ deleted: "username" });
	},

	// many keys at once
	async "PUT /users"(_request, env) {
		for (const [id, name] of [["1", "Ada"], ["2", "Grace"]]) {
			await env.STATE.put(`user:${id}`, JSON.stringify({ name }));
		}
		return Response.json({ stored: ["user:1", "user:2"] }, { status: 201 });
	},
	async "GET /users/both"(_request, env) {
		const values = await env.STATE.get(["user:1", "user:2"], { type: "json" });
		const user1 = values.get("user:1");
		return Response.json({ user1, found: [...values.keys()] });
	},
	async "GET /users"(_request, env) {
		const page = await env.STATE.list({ prefix: "user:", limit: 100 });

		console.log(page.keys);
		console.log(page.cursor);
		return Response.json({ names: page.keys.map((key) => key.name), complete: page.list_complete });
	},

	// update: change a part of a JSON value in one atomic step
	async "POST /promotion"(_request, env) {
		await env.STATE.update("user:123", {
			$set: { role: "admin", updatedAt: Date.now() },
		});
		return Response.json(await env.STATE.get("user:123", "json"));
	},
	async "POST /operators"(_request, env) {
		await env.STATE.put("operators", JSON.stringify({ oldField: 1, queue: ["a", "b"], array: [1, 2] }));
		await env.STATE.update("operators", { $set: { name: "Alice" } });
		await env.STATE.update("operators", { $unset: { oldField: "" } });
		await env.STATE.update("operators", { $inc: { visits: 1 } });
		await env.STATE.update("operators", { $push: { tags: "new-tag" } });
		await env.STATE.update("operators", { $pop: { queue: -1 } });
		await env.STATE.update("operators", { $set: { "nested.field": true, "array.0": 9 } });
		return Response.json(await env.STATE.get("operators", "json"));
	},
};

export default {
	async fetch(request, env) {
		const { pathname } = new URL(request.url);
		const route = routes[`${request.method} ${pathname}`];
		if (route === undefined) {
			return Response.json({ routes: Object.keys(routes) }, { status: pathname === "/" ? 200 : 404 });
		}
		return await route(request, env);
	},
} satisfies Ploy;
