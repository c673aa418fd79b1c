// Made by `cellhouse types` from wrangler.toml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		REFUNDS: KVNamespace;
		REFUND: Workflow<Parameters<import("./src/index").Refund["run"]>[0]["payload"]>;
	}
}

interface Env extends Cloudflare.Env {}
