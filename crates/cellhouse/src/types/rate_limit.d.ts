// Rate limiting, as Cloudflare's Workers have it.

interface RateLimit {
	limit(options: { key: string }): Promise<{ success: boolean }>;
}
