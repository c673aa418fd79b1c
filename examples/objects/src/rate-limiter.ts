// Allows so many requests in any minute.

const MINUTE = 60_000;

export class RateLimiter {
	declare readonly state: DurableObjectState;

	async checkLimit(userId: string, maxPerMinute = 60): Promise<boolean> {
		const key = `requests:${userId}`;
		const now = Date.now();

		const requests = (await this.state.storage.get<number[]>(key)) || [];
		const recent = requests.filter((time) => now - time < MINUTE);
		if (recent.length >= maxPerMinute) return false;

		recent.push(now);
		await this.state.storage.put(key, recent);
		return true;
	}
}
