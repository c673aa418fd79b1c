// A D1 database: one user by email, new users, and credits that move from one to another.

export default {
	async fetch(request, env): Promise<Response> {
		const { pathname, searchParams } = new URL(request.url);
		const email = searchParams.get("email") ?? "";
		switch (`${request.method} ${pathname}`) {
			case "GET /":
				return findUser(env);
			case "POST /users":
				return addUser(env, email);
			case "POST /credits":
				return moveCredits(env, email, searchParams.get("to") ?? "", Number(searchParams.get("amount")));
			default:
				return new Response("Not found", { status: 404 });
		}
	},
} satisfies ExportedHandler<Env>;

async function findUser(env: Env): Promise<Response> {
	// Prepare a secure, SQL-injection safe query
	const statement = env.MY_DB.prepare(
		"SELECT * FROM Users WHERE email = ? LIMIT 1"
	).bind("user@example.com");

	// Execute the query
	const { results } = await statement.all();

	if (results.length === 0) return new Response("Not found", { status: 404 });

	return Response.json(results[0]);
}

async function addUser(env: Env, email: string): Promise<Response> {
	try {
		const { meta } = await env.MY_DB.prepare("INSERT INTO Users (email) VALUES (?)").bind(email).run();
		return Response.json({ id: meta.last_row_id }, { status: 201 });
	} catch (error) {
		return new Response((error as Error).message, { status: 409 });
	}
}

// Reads, decides, and writes in one transaction: no two of them mix.
async function moveCredits(env: Env, from: string, to: string, amount: number): Promise<Response> {
	const left = await env.MY_DB.transaction(async (tx) => {
		const credits = await tx.prepare("SELECT credits FROM Users WHERE email = ?").bind(from).first<number>("credits");
		if (credits === null || credits < amount) return null;
		await tx.batch([
			tx.prepare("UPDATE Users SET credits = credits - ? WHERE email = ?").bind(amount, from),
			tx.prepare("UPDATE Users SET credits = credits + ? WHERE email = ?").bind(amount, to),
		]);
		return credits - amount;
	});
	return left === null ? new Response("Too few credits", { status: 409 }) : Response.json({ left });
}
