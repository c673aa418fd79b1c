// A Worker that calls every method of Cloudflare's types. `/probes` answers with what each probe found: null, or what
// was not as it should be. The names are asked for in the body; `/names` lists all that have a probe.
import cache from "./cache.js";
import crypto from "./crypto.js";
import d1 from "./d1.js";
import events, { consume, seen, tailed } from "./events.js";
import html from "./html.js";
import kv from "./kv.js";
import messages from "./messages.js";
import objects from "./objects.js";
import r2 from "./r2.js";
import streams from "./streams.js";
import web from "./web.js";
import workflows from "./workflows.js";

export { Probed } from "./probed.js";
export { Flow } from "./workflows.js";

/** Longer than any probe takes. */
const PATIENCE = 30_000;
const AT_ONCE = 8;

// A class or function of the global scope that has no probe of its own is looked at.
const present = (name) => () => {
	if (typeof globalThis[name] !== "function") throw new Error(`${name} is ${typeof globalThis[name]}`);
};
const probes = { ...kv, ...d1, ...objects, ...r2, ...cache, ...events, ...html, ...messages, ...streams, ...crypto, ...web, ...workflows };

async function outcome(name, context) {
	const probe = probes[name] ?? (name.startsWith("ServiceWorkerGlobalScope.") ? present(name.split(".")[1]) : undefined);
	if (probe === undefined) return "there is no probe for it";
	const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("no answer")));
	try {
		await Promise.race([probe(context), late]);
		return null;
	} catch (error) {
		return String(error?.message ?? error);
	}
}

export default {
	async fetch(request, env, ctx) {
		const { pathname } = new URL(request.url);
		if (pathname === "/names") return Response.json(Object.keys(probes));
		if (pathname === "/tailed") {
			console.log("to be tailed");
			throw new Error("thrown for the tail");
		}
		const names = await request.json();
		const found = {};
		const work = names[Symbol.iterator]();
		const turns = Array.from({ length: AT_ONCE }, async () => {
			for (const name of work) found[name] = await outcome(name, { request, env, ctx });
		});
		await Promise.all(turns);
		return Response.json(found);
	},
	queue: consume,
	async scheduled(controller, env) {
		const { cron, scheduledTime, noRetry } = controller;
		await seen(env, "scheduled", { cron, scheduledTime, noRetry: typeof noRetry });
	},
	tail: tailed,
};
