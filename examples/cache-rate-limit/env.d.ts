// Made by `cellhouse types` from ploy.yaml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

import type { CacheBinding } from "@meetploy/types";

export interface Env {
	vars: Record<string, string>;
	CACHE: CacheBinding;
}

declare global {
	interface PloyEnv extends Env {}
}
