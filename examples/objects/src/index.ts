// One Durable Object class for each file beside this one. The first part of the path names the class, the
// second one the object; what follows is what the object is asked.

export { Account } from "./account";
export { Counter } from "./counter";
export { Inventory } from "./inventory";
export { Leaderboard } from "./leaderboard";
export { RateLimiter } from "./rate-limiter";
export { Session } from "./session";

type Route = (request: Request, env: Env, name: string, action: string) => Promise<Response>;

// The request goes to the object as it is, but for its path.
function forward(stub: { fetch(request: Request): Promise<Response> }, request: Request, action: string) {
	return stub.fetch(new Request(`https://object/${action}`, request));
}

const routes: Record<string, Route> = {
	// An object that is made by its name: the same name always means the same object.
	async counters(request, env, name, action) {
		const id = env.COUNTER.idFromName(name);
		return forward(env.COUNTER.get(id), request, action);
	},

	// An object without a name: whoever made it keeps its id.
	async ids(request, env, existing, action) {
		if (request.method === "POST" && existing === "new") {
			const id = env.COUNTER.newUniqueId();
			return Response.json({ id: id.toString() }, { status: 201 });
		}
		const id = env.COUNTER.idFromString(existing);
		return forward(env.COUNTER.get(id), request, action);
	},

	// POST /accounts/ada/deposit?amount=10, /accounts/ada/transfer?amount=3&to=bob, GET /accounts/ada/balance
	async accounts(request, env, name, action) {
		const query = new URL(request.url).searchParams;
		const amount = Number(query.get("amount"));
		const account = env.ACCOUNTS.getByName(name);
		if (action === "balance") return Response.json({ balance: await account.balance() });
		if (action === "deposit") {
			await account.deposit(amount);
		} else {
			await account.transfer(amount, query.get("to") ?? "");
		}
		return Response.json({ done: action });
	},

	async sessions(request, env, name) {
		return env.SESSIONS.getByName(name).fetch(request);
	},

	// POST /inventories/shop/restock and /purchase with {"items": [...]}, GET /inventories/shop/stock
	async inventories(request, env, name, action) {
		const inventory = env.INVENTORY.getByName(name);
		if (action === "stock") return Response.json(await inventory.stock());
		const { items } = await request.json();
		await (action === "restock" ? inventory.restock(items) : inventory.purchase(items));
		return Response.json({ done: action });
	},

	// One limiter for each user, so that none of them has to carry all. ?max=3
	async limits(request, env, userId) {
		const max = new URL(request.url).searchParams.get("max");
		const limiter = env.LIMITERS.getByName(userId);
		const allowed = await limiter.checkLimit(userId, max === null ? undefined : Number(max));
		return Response.json({ allowed }, { status: allowed ? 200 : 429 });
	},

	// POST /leaderboards/chess/ada?score=12, GET /leaderboards/chess?limit=3
	async leaderboards(request, env, game, userId) {
		const query = new URL(request.url).searchParams;
		const board = env.LEADERBOARDS.getByName(game);
		if (request.method === "POST") {
			await board.updateScore(userId, Number(query.get("score")));
			return Response.json({ done: "score" });
		}
		const limit = query.get("limit");
		return Response.json(await board.getTop(limit === null ? undefined : Number(limit)));
	},
};

export default {
	async fetch(request, env) {
		const [kind = "", name = "", action = ""] = new URL(request.url).pathname.slice(1).split("/");
		const route = routes[kind];
		if (route === undefined || name === "") {
			return Response.json({ kinds: Object.keys(routes) }, { status: kind === "" ? 200 : 404 });
		}
		try {
			return await route(request, env, name, decodeURIComponent(action));
		} catch (error) {
			// An error of an object arrives here with its message.
			return Response.json({ error: (error as Error).message }, { status: 409 });
		}
	},
} satisfies ExportedHandler<Env>;
