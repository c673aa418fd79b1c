// The errors of this package. Each has a `code` that stays the same, and a message that says what was
// wrong and what would be right. Wrong arguments are TypeErrors.

/** Every error of this package that is not about an argument. */
export class SdkError extends Error {
	constructor(
		readonly code: string,
		message: string,
		options: { cause?: unknown } = {},
	) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = new.target.name;
	}
}

export type StateErrorCode =
	| "STATE_NOT_FOUND"
	| "STATE_ACCESS_DENIED"
	| "STATE_STORAGE_ERROR"
	| "STATE_CONFLICT"
	| "STATE_ALARM_ERROR"
	| "STATE_TRANSACTION_ERROR"
	| "STATE_WEBSOCKET_ERROR";

/** Of `state` and the types of objects that come with it. */
export class StateError extends SdkError {
	declare readonly code: StateErrorCode;
	constructor(code: StateErrorCode, message: string, options?: { cause?: unknown }) {
		super(code, message, options);
	}
}

/** Of `db`. */
export class DbError extends SdkError {
	declare readonly code: "DB_NOT_FOUND" | "DB_CONFLICT" | "DB_ERROR";
	constructor(code: "DB_NOT_FOUND" | "DB_CONFLICT" | "DB_ERROR", message: string, options?: { cause?: unknown }) {
		super(code, message, options);
	}
}

export type AiErrorCode = "AI_NOT_CONFIGURED" | "AI_TIMEOUT" | "AI_UNREACHABLE" | "AI_HTTP_ERROR" | "AI_BAD_ANSWER";

/** Of `ai`. `status` is what the endpoint answered. */
export class AiError extends SdkError {
	declare readonly code: AiErrorCode;
	readonly status?: number;
	constructor(code: AiErrorCode, message: string, options: { cause?: unknown; status?: number } = {}) {
		super(code, message, options);
		if (options.status !== undefined) this.status = options.status;
	}
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
	if (typeof value === "function") return value.name ? `the function ${value.name}` : "a function";
	if (Array.isArray(value)) return "an array";
	if (value !== null && typeof value === "object") return "an object";
	return String(value);
}
