// A report that takes half a second to make is made once and then served from Cache for ten minutes.

async function computeExpensiveReport(id: string) {
	await new Promise((resolve) => setTimeout(resolve, 500));
	return { id, edition: crypto.randomUUID(), pages: 42 };
}

export default {
	async fetch(request, env) {
		const id = new URL(request.url).pathname.slice(1);
		if (id === "") {
			return new Response("name a report: /2026-q3\n", { status: 404 });
		}

		const cached = await env.CACHE.get(`report:${id}`);
		if (cached) {
			return Response.json(JSON.parse(cached), { headers: { "x-report": "from the cache" } });
		}

		const report = await computeExpensiveReport(id);
		await env.CACHE.set(`report:${id}`, JSON.stringify(report), { ttl: 600 });
		return Response.json(report, { headers: { "x-report": "new" } });
	},
} satisfies Ploy;
