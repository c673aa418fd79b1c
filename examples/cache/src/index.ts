// Values that may be forgotten: a greeting for a minute, a name without end, a session for five minutes.

export default {
	async fetch(request, env) {
		switch (`${request.method} ${new URL(request.url).pathname}`) {
			case "PUT /greeting": {
				await env.CACHE.set("greeting", "hello", { ttl: 60 });
				return new Response(null, { status: 204 });
			}
			case "GET /greeting": {
				const value = await env.CACHE.get("greeting");
				return Response.json({ value });
			}
			case "GET /my-key": {
				const value = await env.CACHE.get("my-key");
				return Response.json({ value });
			}
			case "PUT /username": {
				await env.CACHE.set("username", "alice");
				return new Response(null, { status: 204 });
			}
			case "GET /username": {
				return Response.json({ value: await env.CACHE.get("username") });
			}
			case "POST /session": {
				const token = crypto.randomUUID();
				await env.CACHE.set("session:abc", token, { ttl: 300 });
				return Response.json({ token });
			}
			case "GET /session": {
				return Response.json({ token: await env.CACHE.get("session:abc") });
			}
			default:
				return new Response("PUT or GET /greeting and /username, POST or GET /session\n", { status: 404 });
		}
	},
} satisfies Ploy;
