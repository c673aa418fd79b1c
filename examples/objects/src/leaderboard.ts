// Keeps everybody's best score, and tells who is ahead.

export class Leaderboard {
	declare readonly state: DurableObjectState;

	async updateScore(userId: string, score: number): Promise<void> {
		const current = (await this.state.storage.get<number>(`score:${userId}`)) || 0;
		if (score > current) await this.state.storage.put(`score:${userId}`, score);
	}

	async getTop(limit = 10): Promise<{ userId: string; score: number }[]> {
		const entries = await this.state.storage.list({ prefix: "score:" });
		const scores = Array.from(entries.entries()).map(([key, score]) => ({
			userId: key.replace("score:", ""),
			score: score as number,
		}));
		return scores.sort((a, b) => b.score - a.score).slice(0, limit);
	}
}
