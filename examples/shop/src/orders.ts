// What becomes of an order: taken from stock at once, confirmed by the queue's consumer, summed up at night.
import { and, eq, gte, inArray, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { type Item, orders, products } from "./schema";

export interface OrderMessage {
	order: string;
}

export class OutOfStock extends Error {
	constructor(readonly product: number) {
		super(`product ${product} is out of stock`);
	}
}

/** Takes the items from stock, all or none of them. */
async function reserve(env: Env, items: Item[]): Promise<void> {
	const taken: Item[] = [];
	for (const item of items) {
		if (await env.STOCK.getByName(String(item.product)).take(item.count)) {
			taken.push(item);
			continue;
		}
		await Promise.all(taken.map(({ product, count }) => env.STOCK.getByName(String(product)).giveBack(count)));
		throw new OutOfStock(item.product);
	}
}

export async function place(env: Env, customer: string, items: Item[]): Promise<{ id: string; cents: number }> {
	const db = drizzle(env.DB);
	const found = await db.select().from(products).where(inArray(products.id, items.map(({ product }) => product)));
	const price = new Map(found.map(({ id, cents }) => [id, cents]));
	const cents = items.reduce((sum, { product, count }) => sum + (price.get(product) ?? 0) * count, 0);
	await reserve(env, items);
	const id = crypto.randomUUID();
	await db.insert(orders).values({ id, customer, items, cents, created: new Date() });
	await env.ORDERS.send({ order: id } satisfies OrderMessage);
	return { id, cents };
}

/** Writes a receipt and confirms the order. A message may come twice: the result is the same. */
export async function confirm(env: Env, { order }: OrderMessage): Promise<void> {
	const db = drizzle(env.DB);
	const [found] = await db.select().from(orders).where(eq(orders.id, order));
	if (found === undefined) throw new Error(`there is no order ${order}`);
	const lines = found.items.map(({ product, count }) => `${count} x product ${product}`);
	await env.FILES.put(`receipts/${order}.txt`, [...lines, `total ${(found.cents / 100).toFixed(2)}`].join("\n"));
	await db.update(orders).set({ state: "confirmed" }).where(eq(orders.id, order));
}

/** Writes what was sold on the day before `time`. */
export async function report(env: Env, time: number): Promise<string> {
	const since = new Date(time - 86_400_000);
	const [sums] = await drizzle(env.DB)
		.select({ orders: sql<number>`count(*)`, cents: sql<number>`coalesce(sum(${orders.cents}), 0)` })
		.from(orders)
		.where(and(gte(orders.created, since), eq(orders.state, "confirmed")));
	const key = `reports/${new Date(time).toISOString().slice(0, 10)}.json`;
	await env.FILES.put(key, JSON.stringify(sums), { httpMetadata: { contentType: "application/json" } });
	return key;
}
