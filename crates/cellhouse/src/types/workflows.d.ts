type WorkflowDurationLabel = "second" | "minute" | "hour" | "day" | "week" | "month" | "year";
/** Milliseconds, or a text such as "5 minutes". */
type WorkflowSleepDuration = `${number} ${WorkflowDurationLabel}${"s" | ""}` | number;

type InstanceStatus = {
	status: "queued" | "running" | "paused" | "errored" | "terminated" | "complete" | "waiting" | "waitingForPause" | "unknown";
	error?: { name: string; message: string };
	output?: unknown;
};

interface WorkflowInstanceCreateOptions<Params = unknown> {
	/** 1 to 100 letters, digits, `_` and `-`. */
	id?: string;
	params?: Params;
	retention?: { successRetention?: WorkflowSleepDuration; errorRetention?: WorkflowSleepDuration };
}

interface WorkflowInstanceRestartOptions {
	from?: { name: string; count?: number; type?: "do" | "sleep" | "waitForEvent" };
}

declare abstract class WorkflowInstance {
	id: string;
	pause(): Promise<void>;
	resume(): Promise<void>;
	terminate(): Promise<void>;
	restart(options?: WorkflowInstanceRestartOptions): Promise<void>;
	status(): Promise<InstanceStatus>;
	sendEvent(event: { type: string; payload: unknown }): Promise<void>;
}

declare abstract class Workflow<Params = unknown> {
	get(id: string): Promise<WorkflowInstance>;
	create(options?: WorkflowInstanceCreateOptions<Params>): Promise<WorkflowInstance>;
	/** Leaves out those that there are already. */
	createBatch(batch: WorkflowInstanceCreateOptions<Params>[]): Promise<WorkflowInstance[]>;
}

declare module "cloudflare:workers" {
	export type WorkflowStepConfig = {
		retries?: { limit: number; delay: WorkflowSleepDuration; backoff?: "constant" | "linear" | "exponential" };
		timeout?: WorkflowSleepDuration;
		sensitive?: "output";
	};
	export type WorkflowEvent<Params> = {
		payload: Readonly<Params>;
		timestamp: Date;
		instanceId: string;
		workflowName: string;
	};
	export type WorkflowStepEvent<Payload> = { payload: Readonly<Payload>; timestamp: Date; type: string };
	export type WorkflowStepContext = { step: { name: string; count: number }; attempt: number; config: WorkflowStepConfig };
	export type WorkflowStepRollbackOptions<Output = unknown> = {
		rollback(context: { ctx: WorkflowStepContext; error: Error; output: Output | undefined; stepName: string }): Promise<void>;
		rollbackConfig?: Pick<WorkflowStepConfig, "retries" | "timeout">;
	};
	export abstract class WorkflowStep {
		do<T>(
			name: string,
			callback: (context: WorkflowStepContext) => Promise<T>,
			rollback?: WorkflowStepRollbackOptions<T>,
		): Promise<T>;
		do<T>(
			name: string,
			config: WorkflowStepConfig,
			callback: (context: WorkflowStepContext) => Promise<T>,
			rollback?: WorkflowStepRollbackOptions<T>,
		): Promise<T>;
		sleep(name: string, duration: WorkflowSleepDuration): Promise<void>;
		sleepUntil(name: string, timestamp: Date | number): Promise<void>;
		waitForEvent<T>(name: string, options: { type: string; timeout?: WorkflowSleepDuration }): Promise<WorkflowStepEvent<T>>;
	}
	export abstract class WorkflowEntrypoint<Environment = Cloudflare.Env, Params = unknown> {
		protected ctx: ExecutionContext;
		protected env: Environment;
		constructor(ctx: ExecutionContext, env: Environment);
		run(event: Readonly<WorkflowEvent<Params>>, step: WorkflowStep): Promise<unknown>;
	}
}

declare module "cloudflare:workflows" {
	/** A step that throws it fails without being tried again. */
	export class NonRetryableError extends Error {
		constructor(message: string, name?: string);
	}
}
