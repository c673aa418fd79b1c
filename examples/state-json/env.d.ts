// Made by `cellhouse types` from ploy.yaml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

import type { StateBinding } from "@meetploy/types";

export interface Env {
	vars: Record<string, string>;
	STATE: StateBinding;
}

declare global {
	interface PloyEnv extends Env {}
}
