// Made by `cellhouse types` from wrangler.jsonc. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		SESSION_SECRET: string;
		ASSETS: { fetch(input: Request | URL | string, init?: RequestInit): Promise<Response> };
		DB: D1Database;
		CARTS: KVNamespace;
		FILES: R2Bucket;
		STOCK: DurableObjectNamespace<import("./src/index").Stock>;
		ORDERS: Queue;
	}
}

interface Env extends Cloudflare.Env {}
