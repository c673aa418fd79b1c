// Made by `cellhouse types` from ploy.yaml. Run it again after a change there.
/// <reference path="./cellhouse.d.ts" />

import type { FileStorageBinding, QueueBinding, StateBinding, TimerBinding, WorkflowBinding } from "@meetploy/types";

export interface Env {
	vars: Record<string, string>;
	STATE: StateBinding;
	MAILS: QueueBinding;
	REMINDERS: TimerBinding;
	ONBOARDING: WorkflowBinding;
	LETTERS: FileStorageBinding;
}

declare global {
	interface PloyEnv extends Env {}
}
