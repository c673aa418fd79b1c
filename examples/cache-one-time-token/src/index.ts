// Codes that are good for 15 minutes: POST /<user> makes one, PUT /<user> with the code as the body checks it.
// A real service would send the code by mail; this one answers with it, so that curl can play both sides.

function newCode(): string {
	const [number] = crypto.getRandomValues(new Uint32Array(1));
	return String(number % 1_000_000).padStart(6, "0");
}

export default {
	async fetch(request, env) {
		const userId = new URL(request.url).pathname.slice(1);
		switch (request.method) {
			case "POST": {
				const code = newCode();
				await env.CACHE.set(`otp:${userId}`, code, { ttl: 900 });
				return Response.json({ code });
			}
			case "PUT": {
				const submittedCode = await request.text();
				const stored = await env.CACHE.get(`otp:${userId}`);
				const valid = stored !== null && stored === submittedCode;
				return Response.json({ valid }, { status: valid ? 200 : 403 });
			}
			default:
				return new Response("POST /alice makes a code, PUT /alice checks it\n", { status: 405 });
		}
	},
} satisfies Ploy;
