// Two stores in one app: the same key in one is not seen in the other.

export default {
	async fetch(request, env) {
		switch (`${request.method} ${new URL(request.url).pathname}`) {
			case "PUT /config": {
				const value = await request.text();
				await env.STATE.put("config", value);
				return new Response(null, { status: 204 });
			}
			case "PUT /user": {
				const userData = await request.text();
				await env.USER_STATE.put("user:abc", userData);
				return new Response(null, { status: 204 });
			}
			default: {
				const general = await env.STATE.list();
				const users = await env.USER_STATE.list();
				return Response.json({
					STATE: general.keys.map((key) => key.name),
					USER_STATE: users.keys.map((key) => key.name),
				});
			}
		}
	},
} satisfies Ploy;
