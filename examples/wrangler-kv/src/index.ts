// A Worker as Cloudflare's own tool configures it: wrangler.toml and a KV namespace.

export default {
	async fetch(request, env, ctx) {
		switch (`${request.method} ${new URL(request.url).pathname}`) {
			case "PUT /welcome":
				await env.MY_KV.put("welcome_message", "Hello from edge caching!");
				return new Response(null, { status: 204 });
			case "GET /welcome": {
				const message = await env.MY_KV.get("welcome_message");
				return message === null
					? new Response("PUT /welcome first\n", { status: 404 })
					: new Response(message);
			}
			case "POST /session":
				// Answer at once and write afterwards.
				ctx.waitUntil(env.MY_KV.put("session_id", "xyz123", { expirationTtl: 60 }));
				return new Response(null, { status: 202 });
			case "GET /session":
				return Response.json({ session: await env.MY_KV.get("session_id") });
			default:
				return new Response("PUT or GET /welcome, POST or GET /session\n", { status: 404 });
		}
	},
} satisfies ExportedHandler<Env>;
