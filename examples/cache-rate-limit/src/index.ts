// One request per second and address; the rest gets 429.

async function isTooSoon(env: PloyEnv, ip: string): Promise<boolean> {
	const key = `ratelimit:${ip}`;
	const seen = await env.CACHE.get(key);
	if (!seen) {
		await env.CACHE.set(key, "1", { ttl: 1 });
	}
	return seen !== null;
}

export default {
	async fetch(request, env) {
		const ip = request.headers.get("CF-Connecting-IP") ?? "unknown";
		if (await isTooSoon(env, ip)) {
			return new Response("slow down\n", { status: 429, headers: { "Retry-After": "1" } });
		}
		return new Response("welcome\n");
	},
} satisfies Ploy;
