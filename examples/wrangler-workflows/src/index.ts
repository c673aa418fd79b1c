// A refund that takes its time: it waits for somebody to approve it, books the money back, and writes a letter a while
// later. What is done is done once, whatever stops in between.
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";

interface Order {
	order: string;
	cents: number;
	/** Milliseconds before the letter. */
	pause: number;
}

export class Refund extends WorkflowEntrypoint<Env, Order> {
	async run({ payload, instanceId }: WorkflowEvent<Order>, step: WorkflowStep) {
		const { order, cents, pause } = payload;
		await step.do("check", async () => {
			// Trying again would not help.
			if (!(cents > 0)) throw new NonRetryableError(`${cents} cents cannot be given back`);
		});
		const approval = await step.waitForEvent<{ by: string }>("approval", { type: "approval", timeout: "3 days" });
		const booking = await step.do("book", { retries: { limit: 4, delay: "1 second" } }, async ({ attempt }) => {
			// The first attempt finds the bank closed.
			if (attempt === 1) throw new Error("the bank does not answer");
			const id = crypto.randomUUID();
			await this.env.REFUNDS.put(`booking:${instanceId}`, JSON.stringify({ id, order, cents }));
			return id;
		});
		await step.sleep("before the letter", pause);
		await step.do("letter", () =>
			this.env.REFUNDS.put(`letter:${order}`, `${cents} cents are on their way, says ${approval.payload.by}.`));
		return { booking, approvedBy: approval.payload.by };
	}
}

export default {
	async fetch(request, env) {
		const { pathname, searchParams } = new URL(request.url);
		const [, what, id = ""] = pathname.split("/");
		switch (`${request.method} ${what}`) {
			case "POST refunds": {
				const order = (await request.json()) as { order: string; cents: number };
				const params = { ...order, pause: Number(searchParams.get("pause") ?? 6000) };
				const instance = await env.REFUND.create({ params });
				return Response.json({ id: instance.id }, { status: 202 });
			}
			case "GET refunds":
				return Response.json(await (await env.REFUND.get(id)).status());
			case "PUT approvals":
				await (await env.REFUND.get(id)).sendEvent({ type: "approval", payload: { by: await request.text() } });
				return new Response("approved\n");
			case "DELETE refunds":
				await (await env.REFUND.get(id)).terminate();
				return new Response("given up\n");
			case "GET letters":
				return new Response(await env.REFUNDS.get(`letter:${id}`));
			default:
				return new Response("POST /refunds, GET and DELETE /refunds/ID, PUT /approvals/ID, GET /letters/ORDER\n", { status: 404 });
		}
	},
} satisfies ExportedHandler<Env>;
