// The Cache API: an answer that takes long to make is made once, and served from the cache until it expires.

// Stands in for something slow.
let made = 0;
async function makePage(pathname: string): Promise<Response> {
	await new Promise((resolve) => setTimeout(resolve, 50));
	const text = `${pathname.slice(1)}: page number ${++made}\n`;
	return new Response(text, {
		headers: { "Cache-Control": "s-maxage=60", "ETag": `"${made}"` },
	});
}

export default {
	async fetch(request, _env, ctx): Promise<Response> {
		const cache = caches.default;
		// The address is the key, query and all; what a client adds to it should not make another page.
		const { origin, pathname } = new URL(request.url);
		const key = new Request(origin + pathname, request);

		if (request.method === "DELETE") {
			return Response.json({ deleted: await cache.delete(key, { ignoreMethod: true }) });
		}
		if (request.method !== "GET") return new Response("GET or DELETE a page\n", { status: 405 });

		// A 304 where the client has the page already, a 206 for a range.
		const cached = await cache.match(key);
		if (cached !== undefined) return cached;

		const response = await makePage(pathname);
		// The client does not wait until it is stored.
		ctx.waitUntil(cache.put(key, response.clone()));
		return response;
	},
} satisfies ExportedHandler<Env>;
