// Workflows, called.
import { WorkflowEntrypoint } from "cloudflare:workers";
import { eventually, fails, holds, same } from "./expect.js";

const runs = {
	do: (step) => step.do("a", { retries: { limit: 1, delay: 1 } }, async ({ attempt }) => {
		if (attempt === 1) throw new Error("again");
		return "done";
	}),
	sleep: (step) => step.sleep("a", 1).then(() => "slept"),
	sleepUntil: (step) => step.sleepUntil("a", Date.now() + 50).then(() => "slept"),
	waitForEvent: async (step) => (await step.waitForEvent("a", { type: "go" })).payload,
	long: (step) => step.sleep("a", "1 day"),
};

export class Flow extends WorkflowEntrypoint {
	run({ payload }, step) {
		return runs[payload](step);
	}
}

const start = ({ env }, params) => env.FLOW.create({ params });
const becomes = (instance, status) => eventually(async () => {
	const found = await instance.status();
	return found.status === status && found;
});
const gives = (name, output) => async (context) =>
	same((await becomes(await start(context, name), "complete")).output, output);
const waiting = async (context) => {
	const instance = await start(context, "long");
	await becomes(instance, "waiting");
	return instance;
};

export default {
	"Workflow.get": async (context) => {
		const { id } = await start(context, "sleep");
		same((await context.env.FLOW.get(id)).id, id);
		await fails(() => context.env.FLOW.get("none"));
	},
	"Workflow.create": async ({ env }) => {
		const id = crypto.randomUUID();
		same((await env.FLOW.create({ id, params: "sleep", retention: { successRetention: "1 day" } })).id, id);
		await fails(() => env.FLOW.create({ id }));
	},
	"Workflow.createBatch": async ({ env }) => {
		const id = crypto.randomUUID();
		const made = await env.FLOW.createBatch([{ id, params: "sleep" }, { params: "sleep" }, { id }]);
		same(made.length, 2);
	},
	"WorkflowInstance.id": async (context) => same((await start(context, "sleep")).id.length, 36),
	"WorkflowInstance.status": async (context) => same((await waiting(context).then((it) => it.status())).status, "waiting"),
	"WorkflowInstance.pause": async (context) => {
		const instance = await waiting(context);
		await instance.pause();
		await becomes(instance, "paused");
	},
	"WorkflowInstance.resume": async (context) => {
		const instance = await waiting(context);
		await instance.pause();
		await becomes(instance, "paused");
		await instance.resume();
		await becomes(instance, "waiting");
	},
	"WorkflowInstance.terminate": async (context) => {
		const instance = await waiting(context);
		await instance.terminate();
		same((await instance.status()).status, "terminated");
	},
	"WorkflowInstance.restart": async (context) => {
		const instance = await start(context, "do");
		await becomes(instance, "complete");
		await instance.restart({ from: { name: "a" } });
		holds((await instance.status()).status !== "complete");
		await becomes(instance, "complete");
	},
	"WorkflowInstance.sendEvent": async (context) => {
		const instance = await start(context, "waitForEvent");
		await instance.sendEvent({ type: "go", payload: { a: 1 } });
		same((await becomes(instance, "complete")).output, { a: 1 });
	},
	"WorkflowStep.do": gives("do", "done"),
	"WorkflowStep.sleep": gives("sleep", "slept"),
	"WorkflowStep.sleepUntil": gives("sleepUntil", "slept"),
	"WorkflowStep.waitForEvent": async (context) => {
		const instance = await start(context, "waitForEvent");
		await becomes(instance, "waiting");
		await instance.sendEvent({ type: "go", payload: 5 });
		same((await becomes(instance, "complete")).output, 5);
	},
};
