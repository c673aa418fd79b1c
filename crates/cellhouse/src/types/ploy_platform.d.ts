// Ploy's queues, timers, workflows and file storage.

declare module "@meetploy/types" {
	export interface QueueSendOptions {
		delaySeconds?: number;
	}

	export interface QueueBatchMessage extends QueueSendOptions {
		payload: unknown;
	}

	export interface QueueBinding {
		send(payload: unknown, options?: QueueSendOptions): Promise<{ messageId: string }>;
		sendBatch(messages: QueueBatchMessage[]): Promise<{ messageIds: string[] }>;
	}

	export interface QueueMessageEvent {
		id: string;
		queueName: string;
		payload: unknown;
		/** 1 the first time. */
		attempt: number;
		timestamp: Date;
	}

	export interface TimerOptions {
		payload?: unknown;
		/** The timer repeats. */
		intervalMs?: number;
	}

	export interface TimerEvent {
		id: string;
		/** Milliseconds since 1970. */
		scheduledTime: number;
		payload?: unknown;
		intervalMs?: number;
	}

	export interface TimerBinding {
		/** In place of the timer of that id. A time in the past means at once. */
		set(id: string, scheduledTime: Date | number, options?: TimerOptions | unknown): Promise<void>;
		get(id: string): Promise<TimerEvent | null>;
		delete(id: string): Promise<void>;
	}

	export type WorkflowExecutionStatus = "pending" | "running" | "completed" | "failed" | "cancelled";

	export interface WorkflowExecution {
		id: string;
		status: WorkflowExecutionStatus;
		input?: unknown;
		output?: unknown;
		errorMessage?: string;
		startedAt?: string;
		completedAt?: string;
	}

	export interface WorkflowBinding {
		trigger(input?: unknown): Promise<{ executionId: string }>;
		getExecution(id: string): Promise<WorkflowExecution>;
		cancel(id: string): Promise<void>;
	}

	export interface WorkflowStep {
		/** Runs `fn` once, and remembers what it gave. One that fails is tried again. */
		run<T>(name: string, fn: () => T | Promise<T>, options?: { retries?: number; input?: unknown }): Promise<T>;
		sleep(ms: number): Promise<void>;
	}

	export interface WorkflowContext<TEnv = unknown, TInput = unknown> {
		input: TInput;
		env: TEnv;
		step: WorkflowStep;
	}

	export interface WorkflowHandlerConfig<TEnv = unknown, TInput = any, TOutput = any> {
		handler(ctx: WorkflowContext<TEnv, TInput>): Promise<TOutput>;
		onError?(error: Error, ctx: WorkflowContext<TEnv, TInput>): Promise<void>;
	}

	export interface FileStorageBinding {
		put(key: string, value: string, options?: { contentType?: string }): Promise<void>;
		get(key: string): Promise<{ body: string; contentType: string; size: number } | null>;
		delete(key: string): Promise<void>;
		list(options?: { prefix?: string; limit?: number }): Promise<{ keys: { key: string; size: number; contentType: string }[] }>;
	}

	export interface PloyHandler<TEnv = unknown> {
		message?(event: QueueMessageEvent, env: TEnv, ctx: ExecutionContext): void | Promise<void>;
		timer?(event: TimerEvent, env: TEnv, ctx: ExecutionContext): void | Promise<void>;
		workflows?: Record<string, WorkflowHandlerConfig<TEnv, any, any>>;
	}
}
