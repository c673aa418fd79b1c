// Made by `cellhouse types` from wrangler.toml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		COUNTER: DurableObjectNamespace<import("./src/index").Counter>;
		ACCOUNTS: DurableObjectNamespace<import("./src/index").Account>;
		SESSIONS: DurableObjectNamespace<import("./src/index").Session>;
		INVENTORY: DurableObjectNamespace<import("./src/index").Inventory>;
		LIMITERS: DurableObjectNamespace<import("./src/index").RateLimiter>;
		LEADERBOARDS: DurableObjectNamespace<import("./src/index").Leaderboard>;
	}
}

interface Env extends Cloudflare.Env {}
