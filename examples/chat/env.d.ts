// Made by `cellhouse types` from ploy.yaml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

export interface Env {
	vars: Record<string, string>;
	CHAT_ROOMS: DurableObjectNamespace<import("./src/index").ChatRoom>;
	DOCUMENTS: DurableObjectNamespace<import("./src/index").Document>;
}

declare global {
	interface PloyEnv extends Env {}
}
