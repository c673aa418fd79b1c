// An approximate counter with `@workkit/kv`. Two calls at once may count as one: KV has no atomic increment.
// For exact counters use an object, or State's `update` with `$inc`.

import { kv, type WorkkitKV } from "@workkit/kv";

async function increment(counters: WorkkitKV<number>, key: string): Promise<number> {
	const current = (await counters.get(key)) ?? 0;
	const next = current + 1;
	await counters.put(key, next);
	return next;
}

export default {
	async fetch(request, env) {
		const counters = kv<number>(env.COUNTER_KV, {
			prefix: "count:",
			serializer: "text",
		});
		const key = new URL(request.url).pathname.slice(1) || "all";
		return Response.json({ key, count: await increment(counters, key) });
	},
} satisfies ExportedHandler<Env>;
