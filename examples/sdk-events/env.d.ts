// Made by `cellhouse types` from wrangler.toml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
	}
}

interface Env extends Cloudflare.Env {}
