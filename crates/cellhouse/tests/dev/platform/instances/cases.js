// Workflows and what is done to them, whose answers must be the same in Cellhouse and in miniflare. Each answer is
// [name, what came of it]. Ids and times are left out, and `waiting` is told as `running`, as miniflare does.
import { WorkflowEntrypoint } from "cloudflare:workers";
import * as workflows from "cloudflare:workflows";

const { NonRetryableError } = workflows;

const shown = (error) => {
	const isObject = typeof error === "object" && error !== null;
	return { thrown: error?.constructor?.name, name: error?.name, message: error?.message, remote: isObject && error.remote };
};
const outcome = async (work) => {
	try {
		return ["gave", (await work()) ?? null];
	} catch (error) {
		return shown(error);
	}
};
class Custom extends Error {
	name = "Custom";
	extra = 1;
}
const once = { retries: { limit: 0, delay: 0 } };
const thrown = {
	typed: new TypeError("typed"),
	custom: new Custom("custom"),
	empty: new Custom(""),
	text: "text",
	object: { a: 1 },
	undefined: undefined,
	cause: new RangeError("cause", { cause: 1 }),
	fatal: new NonRetryableError("fatal"),
	exception: new DOMException("aborted", "AbortError"),
};
let leaked;

const runs = {
	async plain(event, step) {
		const { payload, timestamp, instanceId, workflowName } = event;
		const given = await step.do("a", async () => 1);
		return [given, payload, timestamp instanceof Date, typeof instanceId, workflowName, Object.keys(event).sort()];
	},
	async values(_event, step) {
		const value = { date: new Date(5), map: new Map([[1, 2]]), bytes: new Uint8Array(3), none: undefined, nul: null };
		const got = await step.do("values", async () => value);
		return [got.date instanceof Date, got.map.get(1), got.bytes.length, "none" in got, got.nul, got === value];
	},
	async nothing(_event, step) {
		await step.do("nothing", async () => {});
	},
	async synchronous(_event, step) {
		return [await step.do("sync", () => 7), await step.do("nested", async () => (await step.do("inner", async () => 3)) + 1)];
	},
	async context(_event, step) {
		const config = { retries: { limit: 1, delay: "3 seconds" }, timeout: 5000 };
		return [await step.do("c", config, async (...given) => given), await step.do("c", config, async (context) => context)];
	},
	async errors(_event, step) {
		const found = {};
		for (const [name, error] of Object.entries(thrown)) {
			found[name] = await outcome(() => step.do(name, once, async () => { throw error; }));
		}
		return found;
	},
	async fatal(_event, step) {
		let calls = 0;
		const got = await outcome(() => step.do("x", async () => { calls++; throw new NonRetryableError("no more"); }));
		return [calls, got];
	},
	async fatalUncaught(_event, step) {
		await step.do("x", async () => { throw new NonRetryableError("no more"); });
	},
	async fatalOutside() {
		throw new NonRetryableError("outside of steps");
	},
	async throwsCustom() {
		throw new Custom("boom");
	},
	async throwsText() {
		throw "boom";
	},
	async throwsObject() {
		throw { a: 1 };
	},
	async throwsNothing() {
		throw undefined;
	},
	async exhausted(_event, step) {
		const config = { retries: { limit: 2, delay: 10, backoff: "constant" } };
		await step.do("x", config, async ({ attempt }) => { throw new RangeError(`attempt ${attempt}`); });
	},
	async attempts(_event, step) {
		const seen = [];
		for (const backoff of ["constant", "linear", "exponential"]) {
			const config = { retries: { limit: 3, delay: "0.01 seconds", backoff } };
			await step.do("x", config, async ({ attempt, step: { count } }) => {
				seen.push([count, attempt]);
				if (attempt < 3) throw new Error("again");
			});
		}
		return seen;
	},
	async timeout(_event, step) {
		return outcome(() => step.do("x", { ...once, timeout: 50 }, () => new Promise((resolve) => setTimeout(resolve, 1500))));
	},
	async parallel(_event, step) {
		const ran = [];
		const work = (number) => step.do("p", async () => {
			ran.push(number);
			await scheduler.wait(40 * number);
			ran.push(-number);
			return number;
		});
		return [await Promise.all([1, 2, 3].map(work)), ran];
	},
	async wrong(_event, step) {
		const say = async () => 1;
		const wrong = [
			() => step.do("a".repeat(257), say),
			() => step.do("a\u0001", say),
			() => step.do("a"),
			() => step.do("a", {}),
			() => step.do("a", {}, 5),
			() => step.do("a", 5, say),
			() => step.do("a", null, say),
			() => step.do("a", { retries: 5 }, say),
			() => step.do("a", { retries: { limit: -1, delay: 0 } }, say),
			() => step.do("a", { retries: { limit: 1 } }, say),
			() => step.do("a", { retries: { limit: 1, delay: "soon" } }, say),
			() => step.do("a", { retries: { limit: Infinity, delay: 1 } }, say),
			() => step.do("a", { retries: { limit: 1, delay: 1, backoff: "none" } }, say),
			() => step.do("a", { retries: { limit: 1, delay: 1, more: 1 } }, say),
			() => step.do("a", { timeout: 0 }, say),
			() => step.do("a", { timeout: "soon" }, say),
			() => step.do("a", { other: 1 }, say),
			() => step.do("", say),
			() => step.do("a", say, 5),
			() => step.do("a", say, { rollback: 5 }),
			() => step.sleep("s", 10),
			() => step.sleep("s", "10 ms"),
			() => step.sleep("s", "0.01 seconds"),
			() => step.sleepUntil("u", 1000),
			() => step.sleepUntil("u", new Date(Date.now() + 20)),
			() => step.waitForEvent("w", { type: "t", timeout: 20 }),
		];
		const found = [];
		for (const call of wrong) found.push(await outcome(call));
		return found;
	},
	async leak(_event, step) {
		leaked = step;
	},
	async leaked() {
		const { message } = await leaked.do("outside", async () => 5).catch((error) => error);
		return message;
	},
	async unserializable(_event, step) {
		try {
			return await step.do("function", async () => () => 1);
		} catch {
			return "caught";
		}
	},
	async large(_event, step) {
		const give = (bytes) => outcome(async () => (await step.do("large", once, async () => "x".repeat(bytes))).length);
		return [await give(1_000_000), await give(3_000_000)];
	},
	async bigint() {
		return 5n;
	},
	async output() {
		return { date: new Date(5), map: new Map([[1, 2]]), bytes: new Uint8Array(3), none: undefined, buffer: new ArrayBuffer(2), nan: NaN };
	},
	async event(_event, step) {
		const event = await step.waitForEvent("w", { type: "go", timeout: "10 seconds" });
		return [event.payload, event.type, event.timestamp instanceof Date, Object.keys(event).sort()];
	},
	async events(_event, step) {
		const got = await Promise.all([1, 2].map(() => step.waitForEvent("w", { type: "go" })));
		return got.map(({ payload }) => payload);
	},
	async slow({ instanceId }, step) {
		await step.do("one", async () => {
			begun.add(instanceId);
			await scheduler.wait(2000);
		});
		await step.sleep("nap", 300);
		return await step.do("two", async () => "done");
	},
	async undone(_event, step) {
		const log = [];
		const undo = (name) => ({ rollback: async ({ output, error, stepName }) => void log.push([name, output, error.message, stepName]) });
		undone = log;
		await step.do("one", async () => 1, undo("first"));
		await step.do("two", async () => 2, undo("second"));
		throw new Error("undo it");
	},
};
let undone;
const begun = new Set();

export class Flow extends WorkflowEntrypoint {
	async run(event, step) {
		return await runs[event.payload?.run ?? "plain"](event, step);
	}
}
export class NoRun extends WorkflowEntrypoint {}

const ENDS = ["complete", "errored", "terminated"];
const told = ({ status, output, error }) => ({ status: status === "waiting" ? "running" : status, output, error });

async function until(instance, statuses) {
	for (let tries = 0; tries < 400; tries++) {
		const found = await instance.status();
		if (statuses.includes(told(found).status)) return told(found);
		await scheduler.wait(25);
	}
	return ["never", statuses, told(await instance.status())];
}
const over = (instance) => until(instance, ENDS);
/** That the first step of `slow` runs. */
async function hasBegun({ id }) {
	while (!begun.has(id)) await scheduler.wait(10);
}
const start = (env, run) => env.FLOW.create({ params: { run } });

const calls = {
	module: () => ["NonRetryableError" in workflows, shown(new NonRetryableError("a")), shown(new NonRetryableError("a", "b"))],
	created: async ({ FLOW }) => {
		const instance = await FLOW.create();
		const { output: [, payload] } = await over(instance);
		return [instance.id.length, payload];
	},
	"params null": async ({ FLOW }) => (await over(await FLOW.create({ params: null }))).output[1],
	"100 characters": async ({ FLOW }) => (await FLOW.create({ id: "a".repeat(100) })).id.length,
	"a bad id": async ({ FLOW }) => {
		const found = [];
		for (const id of ["a b", "", 5, null, "a".repeat(101), "-a"]) found.push(await outcome(() => FLOW.create({ id })));
		return found.map(({ message }) => message);
	},
	"params that are none": async ({ FLOW }) => {
		const { name } = await FLOW.create({ params: Symbol("a") }).catch((error) => error);
		return name;
	},
	get: async ({ FLOW }) => {
		const { id } = await FLOW.create({ id: "found" });
		return (await FLOW.get(id)).id;
	},
	"a batch": async ({ FLOW }) => (await FLOW.createBatch([{ id: "b1" }, {}])).map(({ id }) => id.length),
	"a bad batch": async ({ FLOW }) => [
		(await outcome(() => FLOW.createBatch([]))).message,
		(await outcome(() => FLOW.createBatch([{ id: "b2" }, { id: "a b" }]))).message,
	],
	"one that is over": async (env) => {
		const instance = await start(env, "plain");
		await over(instance);
		const found = [await outcome(() => instance.pause()), await outcome(() => instance.resume())];
		found.push((await outcome(() => instance.terminate())).message);
		return [...found, (await instance.status()).status];
	},
	event: async (env) => {
		const instance = await start(env, "event");
		await until(instance, ["running"]);
		await instance.sendEvent({ type: "other", payload: 1 });
		await instance.sendEvent({ type: "go", payload: { a: new Date(7), none: undefined } });
		return over(instance);
	},
	"two events": async (env) => {
		const instance = await start(env, "events");
		await until(instance, ["running"]);
		for (const payload of [1, 2]) await instance.sendEvent({ type: "go", payload });
		return over(instance);
	},
	"an early event": async (env) => {
		const instance = await start(env, "event");
		await until(instance, ["running"]);
		await instance.sendEvent({ type: "go", payload: "early" });
		return over(instance);
	},
	pause: async (env) => {
		const instance = await start(env, "slow");
		await hasBegun(instance);
		await instance.pause();
		const { status } = await instance.status();
		const paused = await until(instance, ["paused"]);
		await instance.resume();
		return [status, paused, await over(instance)];
	},
	"pause and resume at once": async (env) => {
		const instance = await start(env, "slow");
		await hasBegun(instance);
		await instance.pause();
		await instance.resume();
		return [told(await instance.status()), await over(instance)];
	},
	terminate: async (env) => {
		const instance = await start(env, "slow");
		await hasBegun(instance);
		await instance.terminate();
		const ended = told(await instance.status());
		const again = await outcome(() => instance.terminate());
		await instance.restart();
		return [ended, again.message, await over(instance)];
	},
	restart: async (env) => {
		const instance = await start(env, "slow");
		await over(instance);
		const wrong = await outcome(() => instance.restart({ from: { name: "none" } }));
		await instance.restart({ from: { name: "two" } });
		return [wrong.message, await over(instance)];
	},
	undone: async (env) => [await over(await start(env, "undone")), undone],
	leaked: async (env) => {
		await over(await start(env, "leak"));
		return over(await start(env, "leaked"));
	},
	"no run()": async ({ NORUN }) => over(await NORUN.create()),
};
const others = ["leak", "leaked", "event", "events", "slow", "undone"];
for (const run of Object.keys(runs)) {
	if (!others.includes(run)) calls[`run ${run}`] = async (env) => over(await start(env, run));
}

export default {
	async fetch(_request, env) {
		const all = Object.entries(calls).map(async ([name, call]) => [name, await outcome(() => call(env))]);
		return Response.json(await Promise.all(all));
	},
};
