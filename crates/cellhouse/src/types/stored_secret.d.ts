// A secret of a Secrets Store, as Cloudflare's Workers have it.

interface SecretsStoreSecret {
	get(): Promise<string>;
}
