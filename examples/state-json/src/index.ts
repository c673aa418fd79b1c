// A staff directory that holds one person, stored as JSON.

export default {
	async fetch(request, env) {
		switch (`${request.method} ${new URL(request.url).pathname}`) {
			case "POST /hire": {
				await env.STATE.put(
					"user:123",
					JSON.stringify({ name: "Alice", role: "admin" }),
				);
				return new Response("hired\n", { status: 201 });
			}
			case "GET /staff/123": {
				const user = await env.STATE.get("user:123", "json");
				return user === null
					? new Response("nobody has this number\n", { status: 404 })
					: Response.json(user);
			}
			default:
				return new Response("POST /hire, then GET /staff/123\n", { status: 404 });
		}
	},
} satisfies Ploy;
