// A new user gets a welcome, and a reminder a little later: a workflow whose steps are remembered, a queue for
// the mails, timers, files for what was sent, and a cron line that counts.

export default {
	async fetch(request, env) {
		const { pathname, searchParams } = new URL(request.url);
		const [, what, name = ""] = pathname.split("/");
		switch (`${request.method} ${what}`) {
			case "POST users":
				return Response.json(await env.ONBOARDING.trigger({ name, pause: Number(searchParams.get("pause") ?? 6000) }));
			case "GET runs":
				return Response.json(await env.ONBOARDING.getExecution(name));
			case "PUT reminders":
				await env.REMINDERS.set(name, Date.now() + Number(searchParams.get("in") ?? 1000), `wake up, ${name}`);
				return new Response("set\n");
			case "GET letters":
				return Response.json(await env.LETTERS.list({ prefix: `${name}/` }));
			case "GET ticks":
				return Response.json(await env.STATE.get("ticks", "json"));
			default:
				return new Response("POST /users/NAME, GET /runs/ID, PUT /reminders/NAME, GET /letters/NAME\n", { status: 404 });
		}
	},

	// Mails are written one by one; one that fails comes again.
	async message(event, env) {
		const { to, text } = event.payload as { to: string; text: string };
		await env.LETTERS.put(`${to}/${event.id}.txt`, text);
	},

	async timer(event, env) {
		await env.MAILS.send({ to: event.id, text: String(event.payload) });
	},

	async scheduled(event, env) {
		await env.STATE.update("ticks", { $inc: { count: 1 }, $set: { last: event.scheduledTime } });
	},

	workflows: {
		onboarding: {
			async handler({ input, env, step }) {
				const { name, pause } = input as { name: string; pause: number };
				await step.run("welcome", () => env.MAILS.send({ to: name, text: `welcome, ${name}` }));
				await step.sleep(pause);
				await step.run("remind", () => env.MAILS.send({ to: name, text: `still there, ${name}?` }));
				return `${name} has heard of us twice`;
			},
		},
	},
} satisfies Ploy;
