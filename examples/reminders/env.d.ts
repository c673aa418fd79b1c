// Made by `cellhouse types` from wrangler.toml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

declare namespace Cloudflare {
	interface Env {
		REMINDERS: DurableObjectNamespace<import("./src/index").Reminder>;
		SESSIONS: DurableObjectNamespace<import("./src/index").UserSession>;
	}
}

interface Env extends Cloudflare.Env {}
