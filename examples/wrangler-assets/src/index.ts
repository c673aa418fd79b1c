// Files come from `public`, without this code. It answers the API, and writes today's guest into the first page.

async function count(env: Env): Promise<number> {
	const visits = Number((await env.VISITS.get("visits")) ?? "0") + 1;
	await env.VISITS.put("visits", `${visits}`);
	return visits;
}

async function page(request: Request, env: Env): Promise<Response> {
	const guest = new URL(request.url).searchParams.get("guest") ?? "stranger";
	const response = await env.ASSETS.fetch(request);
	return new HTMLRewriter()
		.on("#guest", {
			element(element) {
				element.setInnerContent(guest);
			},
		})
		.on("script[src]", {
			element(element) {
				element.setAttribute("defer", "");
			},
		})
		.transform(response);
}

export default {
	async fetch(request, env): Promise<Response> {
		const { pathname } = new URL(request.url);
		if (pathname === "/") return page(request, env);
		if (pathname === "/api/visits" && request.method === "POST") {
			return Response.json({ visits: await count(env) });
		}
		return Response.json({ error: "not found" }, { status: 404 });
	},
} satisfies ExportedHandler<Env>;
