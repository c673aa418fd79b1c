// Notes in a database: list them, add several at once, tick one off.

export default {
	async fetch(request, env): Promise<Response> {
		const { pathname } = new URL(request.url);
		if (request.method === "GET" && pathname === "/") {
			const { results } = await env.DB.prepare("SELECT id, text, done FROM notes ORDER BY id").all();
			return Response.json(results);
		}
		if (request.method === "POST" && pathname === "/") {
			const texts = (await request.text()).split("\n").filter((text) => text !== "");
			const insert = env.DB.prepare("INSERT INTO notes (text) VALUES (?) RETURNING id");
			const added = await env.DB.batch<{ id: number }>(texts.map((text) => insert.bind(text)));
			return Response.json(added.map(({ results }) => results[0]?.id), { status: 201 });
		}
		if (request.method === "PUT") {
			const { meta } = await env.DB.prepare("UPDATE notes SET done = 1 WHERE id = ?").bind(pathname.slice(1)).run();
			return new Response(null, { status: meta.changes === 1 ? 204 : 404 });
		}
		return new Response("Not found", { status: 404 });
	},
} satisfies Ploy;
