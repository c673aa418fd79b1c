// Two caches in one app: the same key in one is not seen in the other.

export default {
	async fetch(request, env) {
		const { pathname } = new URL(request.url);
		const id = pathname.split("/")[2] ?? "";
		switch (`${request.method} /${pathname.split("/")[1]}`) {
			case "PUT /config": {
				const value = await request.text();
				await env.CACHE.set("config", value, { ttl: 60 });
				return new Response(null, { status: 204 });
			}
			case "PUT /user": {
				const sessionData = await request.text();
				await env.SESSION_CACHE.set(`user:${id}`, sessionData, { ttl: 3600 });
				return new Response(null, { status: 204 });
			}
			case "GET /user":
				return Response.json({
					CACHE: await env.CACHE.get(`user:${id}`),
					SESSION_CACHE: await env.SESSION_CACHE.get(`user:${id}`),
				});
			case "GET /config":
				return Response.json({
					CACHE: await env.CACHE.get("config"),
					SESSION_CACHE: await env.SESSION_CACHE.get("config"),
				});
			default:
				return new Response("PUT or GET /config and /user/<id>\n", { status: 404 });
		}
	},
} satisfies Ploy;
