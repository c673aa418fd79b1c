// Queues, as Cloudflare's Workers have them.

type QueueContentType = "text" | "bytes" | "json" | "v8";

interface QueueMetrics {
	backlogCount: number;
	backlogBytes: number;
	oldestMessageTimestamp?: Date;
}

interface QueueSendOptions {
	contentType?: QueueContentType;
	/** Seconds until the message is delivered, at most a day. */
	delaySeconds?: number;
}

interface MessageSendRequest<Body = unknown> extends QueueSendOptions {
	body: Body;
}

interface QueueSendResponse {
	metadata: { metrics: QueueMetrics };
}

interface Queue<Body = unknown> {
	metrics(): Promise<QueueMetrics>;
	send(message: Body, options?: QueueSendOptions): Promise<QueueSendResponse>;
	/** At most 100 messages: all of them or, with an error, none. */
	sendBatch(messages: Iterable<MessageSendRequest<Body>>, options?: { delaySeconds?: number }): Promise<QueueSendResponse>;
}

interface QueueRetryOptions {
	delaySeconds?: number;
}

interface Message<Body = unknown> {
	readonly id: string;
	readonly timestamp: Date;
	readonly body: Body;
	/** 1 the first time. */
	readonly attempts: number;
	retry(options?: QueueRetryOptions): void;
	ack(): void;
}

interface MessageBatch<Body = unknown> {
	readonly messages: readonly Message<Body>[];
	readonly queue: string;
	readonly metadata: { metrics: QueueMetrics };
	retryAll(options?: QueueRetryOptions): void;
	ackAll(): void;
}

interface ExportedHandler<Environment = unknown, QueueMessage = unknown> {
	// A method, so that a handler may say of what type its bodies are.
	queue?(batch: MessageBatch<QueueMessage>, env: Environment, ctx: ExecutionContext): void | Promise<void>;
}
