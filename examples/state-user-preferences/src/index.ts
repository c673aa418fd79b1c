// Preferences per user: GET /<user> reads them, PUT /<user> replaces them.

const DEFAULTS = { theme: "light", language: "en" };

export default {
	async fetch(request, env) {
		const userId = new URL(request.url).pathname.slice(1);
		if (userId === "") {
			return new Response("name a user: /alice\n", { status: 404 });
		}
		if (request.method === "PUT") {
			const prefs = await request.json();
			await env.STATE.put(`prefs:${userId}`, JSON.stringify(prefs));
			return new Response(null, { status: 204 });
		}
		const raw = await env.STATE.get(`prefs:${userId}`);
		return Response.json(raw ? JSON.parse(raw) : DEFAULTS);
	},
} satisfies Ploy;
