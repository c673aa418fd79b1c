// Made by `cellhouse types` from wrangler.toml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		/** this binding: not in this version of Cellhouse yet. */
		MY_DB: any;
	}
}

interface Env extends Cloudflare.Env {}
