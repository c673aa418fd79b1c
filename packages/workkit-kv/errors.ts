// What goes wrong with a KV namespace, as classes that say what to do about it: each has a stable code, the
// HTTP status to answer with, and whether trying again can help. Also the checks that throw them.

export interface KVErrorContext {
	/** What was called. */
	operation: "get" | "getWithMetadata" | "put" | "delete" | "has" | "list" | "getMany" | "putMany" | "deleteMany";
	/** The whole key, with the prefix. */
	key?: string;
	prefix?: string;
	/** The binding's name in `env`. */
	binding?: string;
}

export interface ValidationIssue {
	path: string[];
	message: string;
	code?: string;
}

interface Options {
	cause?: unknown;
	context?: Record<string, unknown>;
}

/** Every error of this package. */
export abstract class WorkkitError extends Error {
	abstract readonly code: string;
	/** The HTTP status that says the same. */
	abstract readonly statusCode: number;
	/** Whether the same call may succeed later. */
	abstract readonly retryable: boolean;
	readonly context?: Record<string, unknown>;
	readonly timestamp: Date = new Date();

	constructor(message: string, options: Options = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = new.target.name;
		if (options.context) this.context = options.context;
	}

	toJSON(): Record<string, unknown> {
		const { name, code, message, statusCode, retryable, context, cause } = this;
		const json: Record<string, unknown> = { name, code, message, statusCode, retryable, timestamp: this.timestamp.toISOString() };
		if (context) json.context = context;
		if (cause instanceof Error) json.cause = { name: cause.name, message: cause.message };
		return json;
	}
}

/** There is no binding of that name in `env`. */
export class BindingNotFoundError extends WorkkitError {
	readonly code = "WORKKIT_BINDING_NOT_FOUND";
	readonly statusCode = 500;
	readonly retryable = false;

	constructor(readonly bindingName: string, options: Options = {}) {
		super(
			`there is no ${bindingName} binding: env has none of that name, or the config file does not declare it`,
			{ ...options, context: { ...options.context, bindingName } },
		);
	}
}

/** There is a binding, and it is something else; or an option makes no sense. */
export class ConfigError extends WorkkitError {
	readonly code = "WORKKIT_CONFIG";
	readonly statusCode = 500;
	readonly retryable = false;
}

/** A key, a value or an option is not what KV takes. Nothing was written. */
export class ValidationError extends WorkkitError {
	readonly code = "WORKKIT_VALIDATION";
	readonly statusCode = 400;
	readonly retryable = false;

	constructor(message: string, readonly issues: ValidationIssue[] = [], options: Options = {}) {
		super(message, { ...options, context: { ...options.context, issues } });
	}
}

/** The binding failed; `cause` is its own error. */
export class InternalError extends WorkkitError {
	readonly code = "WORKKIT_INTERNAL";
	readonly statusCode = 500;
	readonly retryable = false;
}

/** A value could not become text, or text could not become a value. */
export class KVSerializationError extends WorkkitError {
	readonly code = "WORKKIT_INTERNAL";
	readonly statusCode = 500;
	readonly retryable = false;

	constructor(operation: "serialize" | "deserialize", key: string, cause?: unknown) {
		const why = cause instanceof Error ? `: ${cause.message}` : "";
		const verb = operation === "serialize" ? "stored" : "read";
		super(`the value of "${key}" cannot be ${verb}${why}`, { cause, context: { operation, kvKey: key } });
	}
}

/** The binding did not answer in time. */
export class TimeoutError extends WorkkitError {
	readonly code = "WORKKIT_TIMEOUT";
	readonly statusCode = 504;
	readonly retryable = true;
}

/** The store behind the binding is not there for the moment. */
export class ServiceUnavailableError extends WorkkitError {
	readonly code = "WORKKIT_SERVICE_UNAVAILABLE";
	readonly statusCode = 503;
	readonly retryable = true;
}

const METHODS = ["get", "getWithMetadata", "put", "delete", "list"] as const;

/** Throws unless this is a KV namespace. */
export function assertKVBinding(binding: unknown): asserts binding is object {
	if (binding === null || binding === undefined) throw new BindingNotFoundError("KVNamespace");
	const missing = METHODS.filter((name) => typeof (binding as Record<string, unknown>)[name] !== "function");
	if (missing.length === 0) return;
	throw new ConfigError(
		`this is no KV namespace: it has no ${missing.join("(), ")}(). Pass a binding of kv_namespaces or state, such as env.MY_KV`,
	);
}

/** The least that KV takes, in seconds. */
const MIN_TTL = 60;

/** Throws unless KV would take this as the seconds that an entry lives; `undefined` is for ever. */
export function assertValidTtl(ttl: number | undefined): void {
	if (ttl === undefined || (Number.isInteger(ttl) && ttl >= MIN_TTL)) return;
	const message = `a TTL is a whole number of seconds, at least ${MIN_TTL}; this is ${String(ttl)}`;
	throw new ValidationError(message, [{ path: ["ttl"], message, code: "WORKKIT_KV_TTL_TOO_LOW" }]);
}

/** Throws what a binding threw again as an error of this package that says what was being done. */
export function wrapKVError(error: unknown, context: KVErrorContext): never {
	if (error instanceof WorkkitError) throw error;
	const said = error instanceof Error ? error.message : String(error);
	const key = context.key === undefined ? "" : ` "${context.key}"`;
	const message = `KV ${context.operation}${key}: ${said}`;
	const options = { cause: error, context: { ...context } };
	if (/time(d )?\s?out/i.test(said)) throw new TimeoutError(message, options);
	if (/\b503\b|unavailable/i.test(said)) throw new ServiceUnavailableError(message, options);
	throw new InternalError(message, options);
}
