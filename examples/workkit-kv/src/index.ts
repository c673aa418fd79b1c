// `@workkit/kv`: a typed client for a KV namespace. Nothing is installed for it.

import { assertKVBinding, assertValidTtl, kv, prefixKey, stripPrefix, validateKey, wrapKVError } from "@workkit/kv";

interface User {
	id: string;
	name: string;
	role: "admin" | "user";
}

interface UserMeta {
	lastLogin: number;
}

const PREFIX = "user:";

export default {
	async fetch(request, env) {
		const users = kv<User>(env.USERS_KV, {
			prefix: PREFIX,
			defaultTtl: 3600,
		});
		const { pathname, searchParams } = new URL(request.url);
		const [, route, key = ""] = pathname.split("/");

		switch (`${request.method} /${route}`) {
			case "PUT /users": {
				const sent: Omit<User, "id"> = await request.json();
				const user: User = { ...sent, id: key };
				const metadata: UserMeta = { lastLogin: Date.now() };
				await users.put(key, user, { ttl: 7200, metadata });
				return Response.json(user, { status: 201 });
			}
			case "GET /users": {
				// A change that another place made must be seen: not from a cache.
				const { value, metadata } = await users.getWithMetadata<UserMeta>(key, { cacheTtl: false });
				return value === null ? absent(key) : Response.json({ ...value, seen: metadata !== null });
			}
			case "HEAD /users":
				return new Response(null, { status: (await users.has(key)) ? 200 : 404 });
			case "DELETE /users":
				await users.delete(key);
				return new Response(null, { status: 204 });

			case "POST /staff": {
				const tomorrow = Math.floor(Date.now() / 1000) + 86400;
				await users.putMany([
					{ key: "alice", value: { id: "alice", name: "Alice", role: "admin" } },
					{ key: "bob", value: { id: "bob", name: "Bob", role: "user" }, options: { ttl: 60 } },
					{ key: "active:carol", value: { id: "carol", name: "Carol", role: "user" }, options: { expiration: tomorrow } },
				]);
				return new Response(null, { status: 201 });
			}
			case "GET /staff": {
				const names = (searchParams.get("names") ?? "").split(",");
				const found = await users.getMany(names);
				return Response.json(Object.fromEntries([...found].map(([name, user]) => [name, user.name])));
			}
			case "DELETE /staff":
				await users.deleteMany(["alice", "bob", "active:carol"]);
				return new Response(null, { status: 204 });

			case "GET /keys": {
				const names = [];
				for await (const entry of users.list({ prefix: searchParams.get("prefix") ?? "" })) {
					names.push({ name: entry.name, expires: entry.expiration !== undefined });
				}
				const all = await users.listKeys();
				return Response.json({ names, all: all.length });
			}
			case "GET /raw": {
				// What the client wrote, as the binding sees it.
				validateKey(key);
				const full = prefixKey(PREFIX, key);
				const text = await users.raw.get(full, "text");
				return Response.json({ full, bare: stripPrefix(PREFIX, full), text });
			}
			case "PUT /raw": {
				// The checks and the wrapper are there for code that uses the binding itself.
				assertKVBinding(env.USERS_KV);
				const ttl = Number(searchParams.get("ttl"));
				assertValidTtl(ttl);
				try {
					await env.USERS_KV.put(key, await request.text(), { expirationTtl: ttl });
				} catch (error) {
					wrapKVError(error, { operation: "put", key });
				}
				return new Response(null, { status: 201 });
			}
			default:
				return new Response("/users/:name, /staff, /keys, /raw/:key\n", { status: 404 });
		}
	},
} satisfies ExportedHandler<Env>;

function absent(key: string): Response {
	return new Response(`there is no user ${key}\n`, { status: 404 });
}
