// The version of the code, as Cloudflare's Workers have it.

interface WorkerVersionMetadata {
	id: string;
	tag: string;
	timestamp: string;
}
