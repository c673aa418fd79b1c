// Marks a user as seen in two ways. Call each a hundred times at once and compare the result:
// the first way reads, changes and writes back, and loses visits; the second changes one field in place.

async function seenByWritingItAllBack(env: PloyEnv) {
	const raw = await env.STATE.get("user:123");
	const user = JSON.parse(raw!);
	user.lastSeen = Date.now();
	user.visits += 1;
	await env.STATE.put("user:123", JSON.stringify(user));
}

async function seenInOneStep(env: PloyEnv) {
	await env.STATE.update("user:123", {
		$set: { lastSeen: Date.now() },
	});
}

export default {
	async fetch(request, env) {
		switch (`${request.method} ${new URL(request.url).pathname}`) {
			case "PUT /user":
				await env.STATE.put("user:123", JSON.stringify({ name: "Alice", visits: 0 }));
				return new Response("created\n", { status: 201 });
			case "GET /user":
				return Response.json(await env.STATE.get("user:123", "json"));
			case "POST /seen/by-writing-it-all-back":
				await seenByWritingItAllBack(env);
				return new Response("seen\n");
			case "POST /seen/in-one-step":
				await seenInOneStep(env);
				return new Response("seen\n");
			default:
				return new Response("PUT /user, GET /user, POST /seen/in-one-step\n", { status: 404 });
		}
	},
} satisfies Ploy;
