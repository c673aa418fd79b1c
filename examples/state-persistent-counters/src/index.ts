// Counts every page view, exactly, however many arrive at once. The count outlives the process.

export default {
	async fetch(request, env) {
		const { pathname } = new URL(request.url);
		if (pathname === "/stats") {
			const counters = await env.STATE.get("counters", "json");
			return Response.json(counters ?? { pageViews: 0 });
		}
		await env.STATE.update("counters", {
			$inc: { pageViews: 1 },
		});
		return new Response(`you looked at ${pathname}\n`);
	},
} satisfies Ploy;
