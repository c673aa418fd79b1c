// Queues, schedules, rate limits, contexts and tails, called. What a handler saw it writes into KV, as it may run
// in another isolate than who asks.
import { eventually, holds, same } from "./expect.js";

export const seen = (env, what, value) => env.KV.put(`seen:${what}`, JSON.stringify(value));
const saw = (env, what) => eventually(() => env.KV.get(`seen:${what}`, "json"));

/** Sends one message that is named so, and gives what the consumer saw of it. */
async function sent({ env }, name, body = { name }) {
	await env.QUEUE.send({ name, body });
	return saw(env, `message:${name}`);
}

export default {
	"Queue.send": async (probe) => same((await sent(probe, "send", { nested: [1, 2] })).body.body, { nested: [1, 2] }),
	"Queue.sendBatch": async ({ env }) => {
		await env.QUEUE.sendBatch([{ body: { name: "batch 1" } }, { body: { name: "batch 2" }, contentType: "json" }]);
		await saw(env, "message:batch 1");
		await saw(env, "message:batch 2");
	},
	"Queue.metrics": async ({ env }) => same(typeof (await env.QUEUE.metrics()).backlogCount, "number"),
	"MessageBatch.messages": async (probe) => holds((await sent(probe, "messages")).count >= 1),
	"MessageBatch.queue": async (probe) => same((await sent(probe, "queue")).queue, "compat-queue"),
	"MessageBatch.metadata": async (probe) => same(typeof (await sent(probe, "metadata")).backlogCount, "number"),
	"MessageBatch.retryAll": async (probe) => same((await sent(probe, "retryAll")).attempts, 2),
	"MessageBatch.ackAll": async (probe) => same((await sent(probe, "ackAll")).attempts, 1),
	"Message.id": async (probe) => holds((await sent(probe, "id")).id.length > 0),
	"Message.timestamp": async (probe) => holds(Math.abs(Date.now() - new Date((await sent(probe, "timestamp")).timestamp)) < 60_000),
	"Message.body": async (probe) => same((await sent(probe, "body", "text")).body.body, "text"),
	"Message.attempts": async (probe) => same((await sent(probe, "attempts")).attempts, 1),
	"Message.retry": async (probe) => same((await sent(probe, "retry")).attempts, 2),
	"Message.ack": async (probe) => same((await sent(probe, "ack")).attempts, 1),
	"MessageBatchMetrics.backlogCount": async (probe) => same(typeof (await sent(probe, "backlogCount")).backlogCount, "number"),
	"MessageBatchMetrics.backlogBytes": async (probe) => same(typeof (await sent(probe, "backlogBytes")).backlogBytes, "number"),
	// Nothing else waits, so there may be none.
	"MessageBatchMetrics.oldestMessageTimestamp": async (probe) => {
		const { hasOldest, backlogCount } = await sent(probe, "oldest");
		holds(hasOldest || backlogCount === 0);
	},
	"RateLimit.limit": async ({ env }) => {
		const outcomes = [];
		for (let call = 0; call < 3; call++) outcomes.push((await env.LIMIT.limit({ key: "compat" })).success);
		same(outcomes, [true, true, false]);
	},
	"ExportedHandler.fetch": async ({ request }) => same(new URL(request.url).pathname, "/probes"),
	"ExportedHandler.queue": async (probe) => holds(await sent(probe, "handler")),
	"ExportedHandler.scheduled": async ({ env }) => holds(await saw(env, "scheduled")),
	"ScheduledController.cron": async ({ env }) => same((await saw(env, "scheduled")).cron, "0 0 1 1 *"),
	"ScheduledController.scheduledTime": async ({ env }) => same(typeof (await saw(env, "scheduled")).scheduledTime, "number"),
	"ScheduledController.noRetry": async ({ env }) => same((await saw(env, "scheduled")).noRetry, "function"),
	"ExportedHandler.tail": async ({ env }) => holds(await saw(env, "tail")),
	// The app beside this one has no tail().
	"ExportedHandler.trace": async ({ env }) => same(await saw(env, "trace"), "array"),
	"ExecutionContext.waitUntil": async ({ ctx, env }) => {
		ctx.waitUntil(seen(env, "waited", true));
		same(await saw(env, "waited"), true);
	},
	"ExecutionContext.passThroughOnException": ({ ctx }) => same(ctx.passThroughOnException(), undefined),
	"ExecutionContext.props": ({ ctx }) => same(ctx.props, {}),
	...Object.fromEntries(
		["event", "eventTimestamp", "logs", "exceptions", "scriptName", "outcome", "executionModel", "truncated", "cpuTime", "wallTime", "diagnosticsChannelEvents", "scriptVersion"].map((name) => [
			`TraceItem.${name}`,
			async ({ env }) => holds((await saw(env, "tail")).has.includes(name)),
		]),
	),
	// The default export has no name.
	"TraceItem.entrypoint": async ({ env }) => holds(!(await saw(env, "tail")).has.includes("entrypoint")),
	"TraceItem.durableObjectId": async ({ env }) => {
		await env.OBJECTS.getByName("tailed").echo(1);
		holds(/^[0-9a-f]{64}$/.test(await saw(env, "tailed object")));
	},
	"TraceLog.timestamp": async ({ env }) => same(typeof (await saw(env, "tail")).log.timestamp, "number"),
	"TraceLog.level": async ({ env }) => same((await saw(env, "tail")).log.level, "log"),
	"TraceLog.message": async ({ env }) => same((await saw(env, "tail")).log.message, ["to be tailed"]),
	"TraceException.timestamp": async ({ env }) => same(typeof (await saw(env, "tail")).exception.timestamp, "number"),
	"TraceException.message": async ({ env }) => same((await saw(env, "tail")).exception.message, "thrown for the tail"),
	"TraceException.name": async ({ env }) => same((await saw(env, "tail")).exception.name, "Error"),
	"TraceException.stack": async ({ env }) => same(typeof (await saw(env, "tail")).exception.stack, "string"),
};

/** What the queue's consumer does: what a message's name asks for, and writes down what it saw. */
export async function consume(batch, env) {
	for (const message of batch.messages) {
		const { name } = message.body;
		const again = ["retry", "retryAll"].includes(name) && message.attempts === 1;
		if (again && name === "retry") message.retry();
		if (again && name === "retryAll") batch.retryAll();
		if (again) continue;
		const { id, timestamp, body, attempts } = message;
		const metrics = batch.metadata?.metrics ?? {};
		await seen(env, `message:${name}`, {
			id, timestamp, body, attempts, queue: batch.queue, count: batch.messages.length,
			backlogCount: metrics.backlogCount, backlogBytes: metrics.backlogBytes, hasOldest: "oldestMessageTimestamp" in metrics,
		});
		if (name === "ackAll") batch.ackAll();
		else message.ack();
	}
}

/** What the tail's consumer does. */
export async function tailed(events, env) {
	const ofObject = events.find(({ durableObjectId }) => durableObjectId !== undefined);
	if (ofObject) await seen(env, "tailed object", ofObject.durableObjectId);
	for (const item of events) {
		const log = item.logs.find(({ message }) => message[0] === "to be tailed");
		const [exception] = item.exceptions;
		if (log && exception) {
			const plain = (value, names) => Object.fromEntries(names.map((name) => [name, value[name]]));
			await seen(env, "tail", {
				has: ["event", "eventTimestamp", "logs", "exceptions", "scriptName", "outcome", "executionModel", "truncated", "cpuTime", "wallTime", "diagnosticsChannelEvents", "scriptVersion", "entrypoint"].filter((name) => item[name] !== undefined),
				log: plain(log, ["timestamp", "level", "message"]),
				exception: plain(exception, ["timestamp", "message", "name", "stack"]),
			});
		}
	}
}

