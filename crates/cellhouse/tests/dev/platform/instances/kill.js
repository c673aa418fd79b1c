// A Workflow of steps, sleeps, retries and an event, which is killed again and again. Each call of a step's function leaves
// a token in KV, with the time; the step gives the token, and the Workflow all of them.
import { WorkflowEntrypoint } from "cloudflare:workers";

export class Flow extends WorkflowEntrypoint {
	async run(_event, step) {
		const given = {};
		const effect = (name, config = {}) => step.do(name, config, async ({ attempt }) => {
			const token = crypto.randomUUID();
			await this.env.KV.put(`effect/${name}/${Date.now()}/${token}`, "");
			await scheduler.wait(150);
			if (name === "shaky" && attempt < 3) throw new Error("not yet");
			given[name] = token;
			return token;
		}).then((token) => (given[name] = token));
		await effect("first");
		await step.sleep("nap", "1 second");
		await Promise.all(["left", "right", "middle"].map((name) => effect(name)));
		await effect("shaky", { retries: { limit: 9, delay: "0.3 seconds", backoff: "constant" } });
		await step.sleep("long nap", "6 seconds");
		await effect("after");
		const { payload } = await step.waitForEvent("the end", { type: "end" });
		await effect("last");
		return { given, payload };
	}
}

export default {
	async fetch(request, env) {
		const { pathname } = new URL(request.url);
		if (pathname === "/start") return Response.json((await env.FLOW.create({ id: "it" })).id);
		if (pathname === "/end") {
			await (await env.FLOW.get("it")).sendEvent({ type: "end", payload: 7 });
			return Response.json("sent");
		}
		if (pathname === "/status") return Response.json(await (await env.FLOW.get("it")).status());
		const { keys } = await env.KV.list({ prefix: "effect/" });
		return Response.json(keys.map(({ name }) => name.split("/").slice(1)));
	},
};
