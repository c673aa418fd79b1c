/** What a KV namespace can do beyond Cloudflare's, as every one is a State store. Only Cellhouse has these. */
interface KVNamespace<Key extends string = string> {
	set(key: Key, value: string): Promise<void>;
	/** One atomic change of a JSON value, `{}` where there is none. Fields are named as `a.b.0`. */
	update(
		key: Key,
		change: {
			$set?: Record<string, unknown>;
			$unset?: Record<string, unknown>;
			$inc?: Record<string, number>;
			$push?: Record<string, unknown>;
			$pop?: Record<string, 1 | -1>;
		},
	): Promise<void>;
}
