// Made by `cellhouse types`, because no package of Workers types is installed.

interface KVGetOptions<Type extends string> {
	type: Type;
	/** Seconds for which a copy may be used: at least 30. */
	cacheTtl?: number;
}

interface KVPutOptions {
	/** The moment at which the entry ends, in seconds since 1970. */
	expiration?: number;
	/** Seconds until the entry ends: at least 60. */
	expirationTtl?: number;
	/** Any JSON of up to 1,024 bytes; list() and getWithMetadata() give it back. */
	metadata?: unknown;
}

interface KVListOptions {
	/** Keys that begin with this. */
	prefix?: string | null;
	/** Keys of a page: 1 to 1,000. */
	limit?: number;
	/** `cursor` of the page before. */
	cursor?: string | null;
}

interface KVListKey<Metadata = unknown> {
	name: string;
	/** In seconds since 1970. */
	expiration?: number;
	metadata?: Metadata;
}

interface KVListResult<Metadata = unknown> {
	keys: KVListKey<Metadata>[];
	list_complete: boolean;
	/** Set unless the list is complete. */
	cursor?: string;
	cacheStatus: string | null;
}

interface KVValueWithMetadata<Value, Metadata> {
	value: Value | null;
	metadata: Metadata | null;
	cacheStatus: string | null;
}

interface KVNamespace<Key extends string = string> {
	get(key: Key, options?: "text" | Partial<KVGetOptions<"text">>): Promise<string | null>;
	get<Value = any>(key: Key, options: "json" | KVGetOptions<"json">): Promise<Value | null>;
	get(key: Key, options: "arrayBuffer" | KVGetOptions<"arrayBuffer">): Promise<ArrayBuffer | null>;
	get(key: Key, options: "stream" | KVGetOptions<"stream">): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null>;
	get(keys: Key[], options?: "text" | Partial<KVGetOptions<"text">>): Promise<Map<string, string | null>>;
	get<Value = any>(keys: Key[], options: "json" | KVGetOptions<"json">): Promise<Map<string, Value | null>>;

	getWithMetadata<Metadata = unknown>(key: Key, options?: "text" | Partial<KVGetOptions<"text">>): Promise<KVValueWithMetadata<string, Metadata>>;
	getWithMetadata<Value = any, Metadata = unknown>(key: Key, options: "json" | KVGetOptions<"json">): Promise<KVValueWithMetadata<Value, Metadata>>;
	getWithMetadata<Metadata = unknown>(key: Key, options: "arrayBuffer" | KVGetOptions<"arrayBuffer">): Promise<KVValueWithMetadata<ArrayBuffer, Metadata>>;
	getWithMetadata<Metadata = unknown>(key: Key, options: "stream" | KVGetOptions<"stream">): Promise<KVValueWithMetadata<ReadableStream<Uint8Array<ArrayBuffer>>, Metadata>>;
	getWithMetadata<Metadata = unknown>(keys: Key[], options?: "text" | Partial<KVGetOptions<"text">>): Promise<Map<string, { value: string; metadata: Metadata | null } | null>>;
	getWithMetadata<Value = any, Metadata = unknown>(keys: Key[], options: "json" | KVGetOptions<"json">): Promise<Map<string, { value: Value; metadata: Metadata | null } | null>>;

	put(key: Key, value: string | ArrayBuffer | ArrayBufferView | ReadableStream, options?: KVPutOptions): Promise<void>;
	delete(key: Key): Promise<void>;
	list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>>;
}

interface ExecutionContext<Props = unknown> {
	/** What the caller gives to this entrypoint. */
	readonly props: Props;
	/** The app's own entrypoints, as services, and its classes of objects, as namespaces. */
	readonly exports: Record<string, any>;
	waitUntil(promise: Promise<unknown>): void;
	passThroughOnException(): void;
}

interface ScheduledController {
	readonly cron: string;
	/** Milliseconds since 1970. */
	readonly scheduledTime: number;
	noRetry(): void;
}

interface ExportedHandler<Environment = unknown, QueueMessage = unknown> {
	fetch?(request: Request, env: Environment, ctx: ExecutionContext): Response | Promise<Response>;
	scheduled?(controller: ScheduledController, env: Environment, ctx: ExecutionContext): void | Promise<void>;
}

declare module "cloudflare:workers" {
	export const env: Cloudflare.Env;
	export function waitUntil(promise: Promise<unknown>): void;
	export const exports: Record<string, any>;
	export class WorkerEntrypoint<Environment = Cloudflare.Env, Props = unknown> {
		protected ctx: ExecutionContext<Props>;
		protected env: Environment;
		constructor(ctx: ExecutionContext<Props>, env: Environment);
	}
}

/** Two ends of a WebSocket: one for the client, one to talk to it. */
declare const WebSocketPair: { new (): { 0: WebSocket; 1: WebSocket } };

interface WebSocket {
	/** Begins to receive and send on this end. */
	accept(): void;
}

interface CacheStorage {
	/** The app's own cache. */
	readonly default: Cache;
}

interface ResponseInit {
	/** With status 101: the client's end of a pair. */
	webSocket?: WebSocket | null;
}

interface Response {
	readonly webSocket: WebSocket | null;
}

// R2, as Cloudflare's Workers have it.

interface R2Bucket {
	head(key: string): Promise<R2Object | null>;
	get(key: string): Promise<R2ObjectBody | null>;
	get(key: string, options: R2GetOptions & { onlyIf: R2Conditional | Headers }): Promise<R2ObjectBody | R2Object | null>;
	get(key: string, options?: R2GetOptions): Promise<R2ObjectBody | null>;
	put(key: string, value: R2Value | null, options: R2PutOptions & { onlyIf: R2Conditional | Headers }): Promise<R2Object | null>;
	put(key: string, value: R2Value | null, options?: R2PutOptions): Promise<R2Object>;
	delete(keys: string | string[]): Promise<void>;
	list(options?: R2ListOptions): Promise<R2Objects>;
	createMultipartUpload(key: string, options?: R2MultipartOptions): Promise<R2MultipartUpload>;
	resumeMultipartUpload(key: string, uploadId: string): R2MultipartUpload;
}

type R2Value = ReadableStream | ArrayBuffer | ArrayBufferView | string | Blob;

interface R2Object {
	readonly key: string;
	readonly version: string;
	readonly size: number;
	readonly etag: string;
	readonly httpEtag: string;
	readonly checksums: R2Checksums;
	readonly uploaded: Date;
	readonly httpMetadata?: R2HTTPMetadata;
	readonly customMetadata?: Record<string, string>;
	readonly range?: R2Range;
	readonly storageClass: string;
	readonly ssecKeyMd5?: string;
	writeHttpMetadata(headers: Headers): void;
}

interface R2ObjectBody extends R2Object {
	readonly body: ReadableStream;
	readonly bodyUsed: boolean;
	arrayBuffer(): Promise<ArrayBuffer>;
	bytes(): Promise<Uint8Array>;
	text(): Promise<string>;
	json<T>(): Promise<T>;
	blob(): Promise<Blob>;
}

type R2Range = { offset: number; length?: number } | { offset?: number; length: number } | { suffix: number };

interface R2Conditional {
	etagMatches?: string;
	etagDoesNotMatch?: string;
	uploadedBefore?: Date;
	uploadedAfter?: Date;
	secondsGranularity?: boolean;
}

interface R2GetOptions {
	onlyIf?: R2Conditional | Headers;
	range?: R2Range | Headers;
}

interface R2HTTPMetadata {
	contentType?: string;
	contentLanguage?: string;
	contentDisposition?: string;
	contentEncoding?: string;
	cacheControl?: string;
	cacheExpiry?: Date;
}

interface R2MultipartOptions {
	httpMetadata?: R2HTTPMetadata | Headers;
	customMetadata?: Record<string, string>;
	storageClass?: string;
}

interface R2PutOptions extends R2MultipartOptions {
	onlyIf?: R2Conditional | Headers;
	md5?: ArrayBuffer | ArrayBufferView | string;
	sha1?: ArrayBuffer | ArrayBufferView | string;
	sha256?: ArrayBuffer | ArrayBufferView | string;
	sha384?: ArrayBuffer | ArrayBufferView | string;
	sha512?: ArrayBuffer | ArrayBufferView | string;
}

interface R2Checksums {
	readonly md5?: ArrayBuffer;
	readonly sha1?: ArrayBuffer;
	readonly sha256?: ArrayBuffer;
	readonly sha384?: ArrayBuffer;
	readonly sha512?: ArrayBuffer;
	toJSON(): { md5?: string; sha1?: string; sha256?: string; sha384?: string; sha512?: string };
}

interface R2ListOptions {
	limit?: number;
	prefix?: string;
	cursor?: string;
	delimiter?: string;
	startAfter?: string;
	include?: ("httpMetadata" | "customMetadata")[];
}

type R2Objects = { objects: R2Object[]; delimitedPrefixes: string[] } & (
	| { truncated: true; cursor: string }
	| { truncated: false }
);

interface R2UploadedPart {
	partNumber: number;
	etag: string;
}

interface R2MultipartUpload {
	readonly key: string;
	readonly uploadId: string;
	uploadPart(partNumber: number, value: R2Value): Promise<R2UploadedPart>;
	abort(): Promise<void>;
	complete(uploadedParts: R2UploadedPart[]): Promise<R2Object>;
}
