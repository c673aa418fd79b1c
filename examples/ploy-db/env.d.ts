// Made by `cellhouse types` from ploy.yaml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

export interface Env {
	vars: Record<string, string>;
	DB: D1Database;
}

declare global {
	interface PloyEnv extends Env {}
}
