// What the document's worker does: uploads go into the bucket, downloads come out of it.
export default {
	async fetch(request, env) {
		const key = new URL(request.url).pathname.slice(1);
		if (key === "plain") return new Response("hello");
		if (request.method === "PUT") {
			await env.BUCKET.put(key, request.body);
			return new Response("stored");
		}
		const object = await env.BUCKET.get(key);
		return object === null ? new Response("none", { status: 404 }) : new Response(object.body);
	},
};
