// Remembers who comes, and how often: PUT stores a user, each GET counts as a visit.

export class Session {
	declare readonly state: DurableObjectState;

	async fetch(request: Request): Promise<Response> {
		if (request.method === "PUT") {
			await this.state.storage.put("user", await request.json());
			return new Response(null, { status: 204 });
		}
		const visits = (await this.state.storage.get<number>("visits")) || 0;
		await this.state.storage.put("visits", visits + 1);

		const user = await this.state.storage.get("user");
		return new Response(JSON.stringify({ visits, user }));
	}
}
