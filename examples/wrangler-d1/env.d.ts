// Made by `cellhouse types` from wrangler.toml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		MY_DB: D1Database;
	}
}

interface Env extends Cloudflare.Env {}
