// Sessions with `@workkit/kv`: made at login, looked up by a cookie, destroyed at logout.

import { kv } from "@workkit/kv";

interface SessionData {
	userId: string;
	role: string;
	expiresAt: number;
}

const DAY = 86400;

export default {
	async fetch(request, env) {
		const sessions = kv<SessionData>(env.SESSION_KV, {
			prefix: "session:",
			defaultTtl: DAY,
		});
		const { pathname, searchParams } = new URL(request.url);
		const id = /session=([\w-]+)/.exec(request.headers.get("cookie") ?? "")?.[1];

		if (request.method === "POST" && pathname === "/login") {
			const sessionId = crypto.randomUUID();
			const days = Number(searchParams.get("days") ?? 1);
			await sessions.put(sessionId, {
				userId: "user-123",
				role: "admin",
				expiresAt: Date.now() + days * DAY * 1000,
			});
			return new Response(null, { status: 201, headers: { "set-cookie": `session=${sessionId}; HttpOnly` } });
		}
		if (id === undefined) return new Response("POST /login first\n", { status: 401 });

		if (request.method === "POST" && pathname === "/logout") {
			await sessions.delete(id);
			return new Response(null, { status: 204 });
		}
		const session = await sessions.get(id);
		if (!session || session.expiresAt < Date.now()) {
			return new Response("the session has ended\n", { status: 401 });
		}
		return Response.json({ userId: session.userId, role: session.role });
	},
} satisfies ExportedHandler<Env>;
