/** Names as values: `$.Order.created`. Global where `sdk.do` is imported. */
declare const $: import("sdk.do").Dollar;
/** Registers handlers of events. Global where `sdk.do` is imported. */
declare const on: typeof import("sdk.do").on;

declare module "sdk.do" {
	/** A name, such as `$.Order.created`. As text it is "Order.created". */
	export interface Path {
		(...parameters: any[]): any;
		readonly [segment: string]: any;
	}

	/** A type of things, such as `$.Person`. Its methods are those of `db`. */
	export type TypePath = {
		get<Fields = Record<string, any>>(id: string): Promise<Doc<Fields> | null>;
		list<Fields = Record<string, any>>(options?: PageOptions): Promise<Page<Fields>>;
		create<Fields extends object>(item: Fields): Promise<Doc<Fields>>;
		update<Fields = Record<string, any>>(id: string, changes: Partial<Fields>): Promise<Doc<Fields>>;
		upsert<Fields = Record<string, any>>(id: string, item: Fields): Promise<Doc<Fields>>;
		delete(id: string): Promise<boolean>;
		search<Fields = Record<string, any>>(text: string, options?: PageOptions): Promise<Page<Fields>>;
	} & Path;

	/** A length of time: `$.Minutes(5)`. As a number it is its milliseconds. */
	export interface Duration {
		readonly milliseconds: number;
		readonly text: string;
		valueOf(): number;
		toString(): string;
	}
	/** Milliseconds, or a length. */
	export type Length = number | Duration;

	interface DollarMembers {
		Milliseconds(count?: number): Duration;
		Seconds(count?: number): Duration;
		Minutes(count?: number): Duration;
		Hours(count?: number): Duration;
		Days(count?: number): Duration;
		Weeks(count?: number): Duration;
		/** Makes a type of objects for `state.get()`: with get(), set(field, value), update(fields), delete(). */
		defineType(name: string, schema: TypeSchema): void;
		/** The app's default State store. Values are JSON. */
		readonly state: {
			get<Value = any>(key: string): Promise<Value | null>;
			set(key: string, value: unknown, options?: { expirationTtl?: number; expiration?: number; metadata?: unknown }): Promise<void>;
			update(key: string, update: object): Promise<void>;
			delete(key: string): Promise<void>;
			list(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<{ keys: { name: string }[]; list_complete: boolean; cursor?: string }>;
		};
	}
	export type Dollar = DollarMembers & { readonly [type: string]: TypePath };
	export const $: Dollar;

	type PropertyType = "string" | "number" | "boolean" | "object" | "array" | "date" | "any";
	export interface TypeSchema {
		properties: Record<string, PropertyType | { type?: PropertyType; required?: boolean; default?: unknown }>;
	}

	// ---- objects

	/** What a call of an object's method gives is a promise. */
	export type StateStub<Class> = {
		readonly [Name in Exclude<keyof Class, "ctx" | "state" | "env" | "fetch" | "alarm" | "onAlarm">]: Class[Name] extends (...parameters: infer Parameters) => infer Result
			? (...parameters: Parameters) => Promise<Awaited<Result>>
			: Promise<Awaited<Class[Name]>>;
	} & { fetch(input: any, init?: any): Promise<Response> };

	type TypeName = Path | string | (new (...parameters: any[]) => object);

	export const state: {
		/** The one object of a type with that id. With `create: false` an error with the code STATE_NOT_FOUND if it is not there. */
		get<Class>(type: new (...parameters: any[]) => Class, id: string | number, options?: StateGetOptions): Promise<StateStub<Class>>;
		get<Class = any>(type: Path | string, id: string | number, options?: StateGetOptions): Promise<0 extends 1 & Class ? any : StateStub<Class>>;
		/** In a method: stores the object's own fields, as far as they can be cloned. */
		save(object: object): Promise<void>;
		/** Whether it was there. */
		delete(type: TypeName, id: string | number, options?: { namespace?: string }): Promise<boolean>;
		/** The ids; `cursor` of the array is where the next page begins. */
		list(type: TypeName, options?: { prefix?: string; limit?: number; cursor?: string; namespace?: string }): Promise<string[] & { cursor?: string }>;
		/** In a method: onAlarm() is called after so many milliseconds, or at that time; null: not any more. */
		alarm(object: object, when: Length | Date | null): Promise<void>;
		config(options: { namespace?: string; region?: string; ttl?: Length; persistence?: "memory" | "disk" | "auto" }): void;
	};
	export interface StateGetOptions {
		region?: string;
		namespace?: string;
		create?: boolean;
	}

	// ---- events

	export interface Event<Data = any> {
		/** Of the event. */
		readonly $id: string;
		/** Such as "Order.created". */
		readonly $type: string;
		/** What it happened to. */
		readonly what: { $type: string; [field: string]: any };
		readonly metadata: { id: string; action: string; object?: string; time: string; attempt: number };
		readonly data: Data;
		/** The fields that were sent. */
		readonly [field: string]: any;
	}
	/** `$.Order.created`, "Order.created", "Order.*", a RegExp for that, or a function. */
	export type Pattern = Path | string | RegExp | ((event: Event) => boolean | Promise<boolean>);
	export type Handler = (event: Event) => unknown;
	export interface HandlerOptions {
		/** What it is called in the log: keep it when the code changes. */
		name?: string;
		group?: string;
		/** Of one attempt: 30 s unless said otherwise. */
		timeout?: Length;
		/** 5 unless said otherwise. */
		retries?: number;
		/** Before the first retry; doubles with each: 1 s unless said otherwise. */
		retryDelay?: Length;
		onError?: (error: unknown, event: Event) => unknown;
	}
	export interface DeadLetter {
		number: number;
		handler: string;
		attempts: number;
		error: string;
		died: string;
		event: { id: string; name: string; data: any; time: string };
	}
	/** Registers a handler, at the level of a module. Gives an id for `on.off()`. */
	export const on: {
		(pattern: Pattern, handler: Handler, options?: HandlerOptions): string;
		off(idOrGroup: string): number;
		group(name: string): { (pattern: Pattern, handler: Handler, options?: HandlerOptions): string; off(): number };
		/** Events that wait for their handlers. */
		pending(): Promise<number>;
		dead: {
			list(options?: { after?: number; limit?: number }): Promise<DeadLetter[]>;
			retry(number?: number): Promise<number>;
			delete(number?: number): Promise<number>;
		};
	};
	/** Stores an event; gives its id. */
	export function send(event: Path | string, data?: unknown): Promise<string>;

	interface ScheduledRun {
		name: string;
		scheduledTime: Date;
	}
	type Scheduled = (run: ScheduledRun) => unknown;
	type Each = (run: Scheduled, options?: { name?: string }) => string;
	/** Registers a function that runs again and again, at the level of a module: a length, or five fields of cron in UTC. */
	export const every: {
		(when: Length | string, run: Scheduled, options?: { name?: string }): string;
		second: Each;
		minute: Each;
		hour: Each;
		day: Each;
		week: Each;
	};

	// ---- documents

	export type Doc<Fields = Record<string, any>> = Fields & { $id: string; $type: string };
	export type Page<Fields = Record<string, any>> = Doc<Fields>[] & { cursor?: string };
	export interface PageOptions {
		/** 100 unless said otherwise, 1,000 at most. */
		limit?: number;
		offset?: number;
		cursor?: string;
	}
	type DocReference = { $id: string; $type: string } | readonly [type: TypeName, id: string];
	export const db: {
		get<Fields = Record<string, any>>(type: TypeName, id: string): Promise<Doc<Fields> | null>;
		list<Fields = Record<string, any>>(type: TypeName, options?: PageOptions): Promise<Page<Fields>>;
		create<Fields extends object>(type: TypeName, item: Fields): Promise<Doc<Fields>>;
		/** Changes the fields that are given; one that is undefined goes. */
		update<Fields = Record<string, any>>(type: TypeName, id: string, changes: Partial<Fields>): Promise<Doc<Fields>>;
		upsert<Fields = Record<string, any>>(type: TypeName, id: string, item: Fields): Promise<Doc<Fields>>;
		upsert<Fields extends object>(type: TypeName, item: Fields & { $id: string }): Promise<Doc<Fields>>;
		delete(type: TypeName, id: string): Promise<boolean>;
		/** Documents that have all words of the text in their values. */
		search<Fields = Record<string, any>>(type: TypeName, text: string, options?: PageOptions): Promise<Page<Fields>>;
		query<Row = Record<string, any>>(sql: string, ...parameters: unknown[]): Promise<Row[]>;
		relate(from: DocReference, predicate: TypeName, to: DocReference): Promise<void>;
		unrelate(from: DocReference, predicate: TypeName, to: DocReference): Promise<boolean>;
		getRelated<Fields = Record<string, any>>(from: DocReference, predicate: TypeName, options?: { limit?: number; reverse?: boolean }): Promise<Doc<Fields>[]>;
	};

	// ---- models and other services

	export interface AiOptions {
		model?: string;
		timeout?: Length;
		signal?: AbortSignal;
	}
	export interface GenerateOptions extends AiOptions {
		/** What the model should know. */
		context?: unknown;
		system?: string;
		temperature?: number;
		maxTokens?: number;
	}
	export const ai: {
		/** Goes before the variables AI_BASE_URL, AI_API_KEY, AI_MODEL, AI_EMBEDDING_MODEL. */
		configure(config: { baseUrl?: string; apiKey?: string; model?: string; embeddingModel?: string; timeout?: Length }): void;
		generate(prompt: string, options: GenerateOptions & { stream: true }): Promise<AsyncIterable<string>>;
		generate<Answer = any>(prompt: string, options: GenerateOptions & { schema: Record<string, any> }): Promise<Answer>;
		generate(prompt: string, options?: GenerateOptions): Promise<string>;
		generateText(prompt: string, options?: GenerateOptions): Promise<string>;
		stream(prompt: string, options?: GenerateOptions): Promise<AsyncIterable<string>>;
		embed(input: string, options?: AiOptions): Promise<number[]>;
		embed(input: string[], options?: AiOptions): Promise<number[][]>;
	};

	export const api: {
		fetch(
			input: string | URL | Request,
			options?: RequestInit & { json?: unknown; query?: Record<string, string | number | boolean | undefined>; timeout?: Length },
		): Promise<Response>;
	};
	/** `$id` is the variable USER_ID, or "anonymous". */
	export const user: { readonly current: { $id: string; $type: "User" } };

	// ---- errors

	export class SdkError extends Error {
		readonly code: string;
	}
	export class StateError extends SdkError {
		readonly code:
			| "STATE_NOT_FOUND"
			| "STATE_ACCESS_DENIED"
			| "STATE_STORAGE_ERROR"
			| "STATE_CONFLICT"
			| "STATE_ALARM_ERROR"
			| "STATE_TRANSACTION_ERROR"
			| "STATE_WEBSOCKET_ERROR";
	}
	export class DbError extends SdkError {
		readonly code: "DB_NOT_FOUND" | "DB_CONFLICT" | "DB_ERROR";
	}
	export class AiError extends SdkError {
		readonly code: "AI_NOT_CONFIGURED" | "AI_TIMEOUT" | "AI_UNREACHABLE" | "AI_HTTP_ERROR" | "AI_BAD_ANSWER";
		readonly status?: number;
	}
}
