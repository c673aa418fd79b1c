import type { Env } from "../env";

// Images in R2: stored with their type, served with ranges and conditions, listed by folder.
export default {
	async fetch(request: Request, env: Env): Promise<Response> {
		const url = new URL(request.url);
		const key = decodeURIComponent(url.pathname.slice(1));
		switch (request.method) {
			case "PUT":
				return await put(env, key, request);
			case "GET":
				return key === "" ? await list(env, url.searchParams) : await get(env, key, request);
			case "DELETE":
				await env.IMAGES.delete(key);
				return new Response(null, { status: 204 });
			default:
				return new Response("Method Not Allowed", { status: 405 });
		}
	},
};

async function put(env: Env, key: string, request: Request): Promise<Response> {
	const object = await env.IMAGES.put(key, request.body, {
		// Content-Type, Cache-Control and the like, for whoever gets it.
		httpMetadata: request.headers,
		customMetadata: { uploader: request.headers.get("x-user") ?? "nobody" },
		// Nothing is overwritten that somebody else has changed meanwhile.
		onlyIf: request.headers,
	});
	if (object === null) return new Response("Precondition Failed", { status: 412 });
	return Response.json({ key, size: object.size, etag: object.etag }, { status: 201 });
}

async function get(env: Env, key: string, request: Request): Promise<Response> {
	const object = await env.IMAGES.get(key, { range: request.headers, onlyIf: request.headers });
	if (object === null) return new Response("Not Found", { status: 404 });
	const headers = new Headers({ etag: object.httpEtag });
	object.writeHttpMetadata(headers);
	if (!("body" in object)) return new Response(null, { status: 304, headers });
	const range = object.range as { offset: number; length: number };
	if (range.length === object.size) return new Response(object.body, { headers });
	const last = range.offset + range.length - 1;
	headers.set("content-range", `bytes ${range.offset}-${last}/${object.size}`);
	return new Response(object.body, { status: 206, headers });
}

async function list(env: Env, query: URLSearchParams): Promise<Response> {
	const listed = await env.IMAGES.list({
		prefix: query.get("folder") ?? "",
		delimiter: "/",
		cursor: query.get("cursor") ?? undefined,
		include: ["customMetadata"],
	});
	return Response.json({
		folders: listed.delimitedPrefixes,
		images: listed.objects.map(({ key, size, customMetadata }) => ({ key, size, uploader: customMetadata?.uploader })),
		cursor: listed.truncated ? listed.cursor : null,
	});
}
