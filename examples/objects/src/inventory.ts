// Sells either all items of an order or none: the purchase is one transaction.

export class Inventory {
	declare readonly state: DurableObjectState;

	async restock(items: string[]): Promise<void> {
		for (const item of items) {
			const stock = (await this.state.storage.get<number>(`stock:${item}`)) || 0;
			await this.state.storage.put(`stock:${item}`, stock + 1);
		}
	}

	async stock(): Promise<Record<string, number>> {
		const entries = await this.state.storage.list<number>({ prefix: "stock:" });
		return Object.fromEntries([...entries].map(([key, stock]) => [key.slice("stock:".length), stock]));
	}

	async purchase(items: string[]): Promise<void> {
		const transaction = this.state.storage.transaction(async (txn) => {
			for (const item of items) {
				const stock = (await txn.get<number>(`stock:${item}`)) || 0;
				if (stock < 1) throw new Error(`Out of stock: ${item}`);
				await txn.put(`stock:${item}`, stock - 1);
			}
		});

		await transaction;
	}
}
