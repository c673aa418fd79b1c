// A score board: each visit counts one visit and gives ten points.

export default {
	async fetch(request, env) {
		if (request.method === "POST") {
			await env.STATE.update("user:123", {
				$inc: { visits: 1, score: 10 },
			});
			return new Response(null, { status: 204 });
		}
		return Response.json((await env.STATE.get("user:123", "json")) ?? { visits: 0, score: 0 });
	},
} satisfies Ploy;
