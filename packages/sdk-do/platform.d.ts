// What the runtime gives to this package: the module "cellhouse:platform", which no app can import, and
// the parts of objects and databases that are used here. Only for the compiler.

declare module "cellhouse:platform" {
	export interface ObjectId {
		toString(): string;
		readonly name?: string;
	}
	export interface Namespace {
		getByName(name: string, options?: { locationHint?: string }): any;
	}
	export interface Cursor extends Iterable<Record<string, any>> {
		toArray(): Record<string, any>[];
		raw(): Iterable<any[]>;
		readonly rowsWritten: number;
	}
	export interface ObjectStorage {
		readonly sql: { exec(sql: string, ...parameters: unknown[]): Cursor };
		readonly kv: {
			get(key: string): any;
			put(key: string, value: unknown): void;
			delete(key: string): boolean;
			list(options?: { prefix?: string; limit?: number }): Iterable<[string, any]>;
		};
		getAlarm(): Promise<number | null>;
		setAlarm(time: number): Promise<void>;
		deleteAlarm(): Promise<void>;
		deleteAll(): Promise<void>;
		transactionSync<Result>(callback: () => Result): Result;
		sync(): Promise<void>;
	}
	export interface ObjectState {
		readonly id: ObjectId;
		readonly storage: ObjectStorage;
		waitUntil(promise: Promise<unknown>): void;
	}
	export type ObjectClass = new (ctx: any, env: any) => object;

	/** A change of a State store that has not been turned into an event. */
	export interface Change {
		/** The cell that it happened in, and its number there. */
		source: string;
		seq: number;
		/** The name of the binding; "state" for the default store where nothing is bound to it. */
		store: string;
		key: string;
		action: "created" | "updated" | "deleted" | "expired";
		/** Milliseconds since 1970. */
		time: number;
	}

	/** `env` of the app. */
	export const env: Record<string, any>;
	/** The app's default State store. */
	export function state(): any;
	/** The default D1 database of the app. */
	export function database(): any;
	/** The app's own export of that name. */
	export function exported(name: string): unknown;
	/** The name under which the app exports a value. */
	export function exportedAs(value: unknown): string | undefined;
	/** Whether the app's modules are still being evaluated. */
	export function isLoading(): boolean;
	/** The namespace of a class that the app's config binds. */
	export function bound(className: string): Namespace | undefined;
	/** The namespace of the objects that are configured nowhere: see `define()`. */
	export function automatic(): Namespace;
	/** `resolve` finds the class of an automatic object by its name; `made` is called with each new instance
	 * before its first event. */
	export function define(hooks: {
		resolve(name: string): ObjectClass;
		made(object: object, ctx: ObjectState, className: string): void;
	}): void;
	/** Makes an object exist that has stored nothing. */
	export function create(ctx: ObjectState): void;
	/** An empty class name stands for the automatic objects. */
	export function exists(className: string, name: string): boolean;
	export function remove(className: string, name: string): Promise<boolean>;
	export function list(className: string, prefix: string, cursor: string, limit: number): { names: string[]; cursor: string };
	/** Whether newer code waits for the objects of this isolate. */
	export function isLeaving(): boolean;
	/** From now on changes of State are noted. */
	export function watchChanges(): void;
	export function takeChanges(limit: number): Change[];
	/** Forgets those of a source up to a number. */
	export function ackChanges(source: string, seq: number): void;
}

declare class WebSocketPair {
	0: any;
	1: any;
}
