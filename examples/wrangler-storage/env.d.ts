// Made by `cellhouse types` from wrangler.toml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		TEXTS: KVNamespace;
		CATALOG: D1Database;
		BIDDING: DurableObjectNamespace<import("./src/index").Bidding>;
		PICTURES: R2Bucket;
	}
}

interface Env extends Cloudflare.Env {}
