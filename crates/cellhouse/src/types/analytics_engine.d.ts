// Analytics Engine, as Cloudflare's Workers have it.

interface AnalyticsEngineDataset {
	writeDataPoint(event?: AnalyticsEngineDataPoint): void;
}

interface AnalyticsEngineDataPoint {
	indexes?: (ArrayBuffer | string | null)[];
	doubles?: number[];
	blobs?: (ArrayBuffer | string | null)[];
}
