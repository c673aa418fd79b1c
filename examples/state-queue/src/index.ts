// A job list that several workers share: every change is one atomic update().

export default {
	async fetch(request, env) {
		switch (`${request.method} ${new URL(request.url).pathname}`) {
			case "POST /jobs":
				await env.STATE.update("job-queue", {
					$push: { pending: { id: "job_1", task: "send-email" } },
				});
				return new Response("queued\n", { status: 201 });
			case "POST /jobs/drop":
				await env.STATE.update("job-queue", {
					$pop: { pending: -1 },
				});
				return new Response("dropped the oldest\n");
			case "POST /jobs/finish":
				await env.STATE.update("job-queue", {
					$pop: { pending: -1 },
					$push: { completed: { id: "job_1", finishedAt: Date.now() } },
				});
				return new Response("finished the oldest\n");
			case "GET /jobs":
				return Response.json((await env.STATE.get("job-queue", "json")) ?? {});
			default:
				return new Response("GET /jobs, POST /jobs, POST /jobs/finish, POST /jobs/drop\n", { status: 404 });
		}
	},
} satisfies Ploy;
