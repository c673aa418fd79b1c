// Made by `cellhouse types` from wrangler.jsonc. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		ACCOUNTS: Fetcher;
		AUDIT: Fetcher;
		CREDITS: DurableObjectNamespace;
	}
}

interface Env extends Cloudflare.Env {}
