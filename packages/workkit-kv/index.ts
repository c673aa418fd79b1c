// `@workkit/kv`: a typed client for a KV namespace. This file is what an app imports; each subject has a
// file of its own. Nothing here needs Cellhouse: it runs against any binding with Cloudflare's KV interface.

export { kv } from "./client";
export {
	assertKVBinding,
	assertValidTtl,
	BindingNotFoundError,
	ConfigError,
	InternalError,
	KVSerializationError,
	ServiceUnavailableError,
	TimeoutError,
	ValidationError,
	WorkkitError,
	wrapKVError,
} from "./errors";
export type { KVErrorContext, ValidationIssue } from "./errors";
export { prefixKey, stripPrefix, validateKey } from "./keys";
export type { SerializerType } from "./serializer";
export type {
	GetOptions,
	KVBatchPutEntry,
	KVGetWithMetadataResult,
	KVListEntry,
	KVListOptions,
	KVNamespaceLike,
	KVOptions,
	KVPutOptions,
	WorkkitKV,
} from "./types";
