// Feature flags with `@workkit/kv`: on for some users by name, for others by a share that depends on their id only.

import { kv, type WorkkitKV } from "@workkit/kv";

interface FeatureFlag {
	enabled: boolean;
	rolloutPercent: number;
	allowlist: string[];
}

async function isEnabled(flags: WorkkitKV<FeatureFlag>, flag: string, userId: string): Promise<boolean> {
	const config = await flags.get(flag);
	if (!config) return false;
	if (!config.enabled) return false;
	if (config.allowlist.includes(userId)) return true;

	const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${flag}:${userId}`));
	const value = (new DataView(hash).getUint32(0) / 0xffffffff) * 100;
	return value < config.rolloutPercent;
}

export default {
	async fetch(request, env) {
		const flags = kv<FeatureFlag>(env.FLAGS_KV, {
			prefix: "flag:",
			defaultCacheTtl: 30,
		});
		const [, flag = "", userId = ""] = new URL(request.url).pathname.split("/");

		if (request.method === "PUT") {
			const sent: FeatureFlag = await request.json();
			await flags.put(flag, sent);
			return new Response(null, { status: 201 });
		}
		return Response.json({ flag, userId, enabled: await isEnabled(flags, flag, userId) });
	},
} satisfies ExportedHandler<Env>;
