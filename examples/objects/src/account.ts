// Money that moves from one object to another. The class has neither a base nor a constructor: `state` and
// `env` are there all the same, and its methods can be called on a stub.

export class Account {
	declare readonly state: DurableObjectState;
	declare readonly env: Env;

	async balance(): Promise<number> {
		return (await this.state.storage.get<number>("balance")) || 0;
	}

	async deposit(amount: number): Promise<void> {
		await this.state.storage.put("balance", (await this.balance()) + amount);
	}

	async transfer(amount: number, toAccountId: string): Promise<void> {
		const balance = (await this.state.storage.get<number>("balance")) || 0;
		if (balance < amount) throw new Error("Insufficient funds");
		await this.state.storage.put("balance", balance - amount);

		const toAccount = this.env.ACCOUNTS.get(this.env.ACCOUNTS.idFromName(toAccountId));
		await toAccount.deposit(amount);
	}
}
