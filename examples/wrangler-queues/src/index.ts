// Orders are taken at once and handled afterwards: a queue between the request and the work, a dead-letter
// queue for what cannot be done, and a cron trigger that counts what came of it every night.

interface Order {
	id: string;
	cents: number;
}

async function handle(order: Order, env: Env): Promise<void> {
	// Twice for one order does no harm: a message may come again after a crash.
	if (!Number.isInteger(order.cents)) throw new Error(`order ${order.id} has no price`);
	await env.ORDERS.put(`done:${order.id}`, String(order.cents));
}

export default {
	async fetch(request, env) {
		const { pathname } = new URL(request.url);
		if (request.method === "POST" && pathname === "/orders") {
			const order = { id: crypto.randomUUID(), ...((await request.json()) as object) } as Order;
			await env.INTAKE.send(order);
			return Response.json({ id: order.id }, { status: 202 });
		}
		if (pathname === "/report") return Response.json(await env.ORDERS.get("report", "json"));
		const [, , id] = pathname.split("/");
		const cents = await env.ORDERS.get(`done:${id}`);
		const failed = await env.ORDERS.get(`failed:${id}`);
		return Response.json({ cents: cents === null ? null : Number(cents), failed: failed !== null });
	},

	async queue(batch, env) {
		for (const message of batch.messages) {
			const order = message.body as Order;
			if (batch.queue === "intake-failed") {
				await env.ORDERS.put(`failed:${order.id}`, "1");
				continue;
			}
			try {
				await handle(order, env);
				message.ack();
			} catch (error) {
				console.warn(`attempt ${message.attempts}: ${error}`);
				message.retry();
			}
		}
	},

	async scheduled(controller, env) {
		const done = await env.ORDERS.list({ prefix: "done:" });
		const failed = await env.ORDERS.list({ prefix: "failed:" });
		const report = { at: controller.scheduledTime, done: done.keys.length, failed: failed.keys.length };
		await env.ORDERS.put("report", JSON.stringify(report));
	},
} satisfies ExportedHandler<Env>;
