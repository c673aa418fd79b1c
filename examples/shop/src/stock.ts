// How many of a product are left: one object for each, so no two orders get the last one.
import { DurableObject } from "cloudflare:workers";

const FIRST_DELIVERY = 20;

export class Stock extends DurableObject<Env> {
	async left(): Promise<number> {
		return (await this.ctx.storage.get<number>("left")) ?? FIRST_DELIVERY;
	}

	/** Takes that many, or none. */
	async take(count: number): Promise<boolean> {
		const left = await this.left();
		if (left < count) return false;
		await this.ctx.storage.put("left", left - count);
		return true;
	}

	async giveBack(count: number): Promise<void> {
		await this.ctx.storage.put("left", (await this.left()) + count);
	}
}
