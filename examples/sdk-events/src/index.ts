// Events: an order that tells of itself, and handlers that get what was told, also after a crash.

import { every, on, send, state } from "sdk.do";

export class Order {
	declare state: DurableObjectState;

	async create(orderData: any) {
		await this.state.storage.put("order", orderData);
		await this.state.storage.put("status", "pending");

		// Publish event
		await send($.Order.created, orderData);
	}

	async status() {
		return (await this.state.storage.get<string>("status")) ?? "none";
	}

	async confirm() {
		await this.state.storage.put("status", "confirmed");
	}
}

/** What the handlers have to tell. */
export class Journal {
	lines: string[] = [];

	async write(line: string) {
		this.lines.push(line);
		await state.save(this);
	}

	read() {
		return this.lines;
	}
}

const journal = () => state.get(Journal, "main");

on($.Order.created, async (event) => {
	const order = await state.get(Order, event.what.id);
	await order.confirm();
	await (await journal()).write(`order ${event.what.id} of ${event.total} confirmed`);
});

// Tried again until it works, or until it is in the list of /dead.
on($.Order.shipped, (event) => {
	throw new Error(`nobody ships order ${event.what.id}`);
}, { retries: 2, retryDelay: 10 });

every.hour(async () => (await journal()).write("an hour has passed"));

export default {
	async fetch(request) {
		const [kind, id = "", action] = new URL(request.url).pathname.slice(1).split("/");
		if (kind === "orders" && action === "ship") {
			await send("Order.shipped", { id });
			return new Response(null, { status: 202 });
		}
		if (kind === "orders") {
			const order = await state.get(Order, id);
			if (request.method === "PUT") await order.create({ id, total: Number(await request.text()) });
			return Response.json(await order.status());
		}
		if (kind === "journal") return Response.json(await (await journal()).read());
		if (kind === "dead") return Response.json(await on.dead.list());
		return new Response("try /orders/NAME, /journal or /dead\n", { status: 404 });
	},
} satisfies ExportedHandler<Env>;
