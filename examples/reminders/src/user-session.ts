// A login that is forgotten after an hour: the alarm deletes all that the object has.

const HOUR = 3_600_000;

export class UserSession {
	declare readonly state: DurableObjectState;

	async fetch(request: Request): Promise<Response> {
		const url = new URL(request.url);

		if (url.pathname === "/login") {
			const { userId, data, lastsMs = HOUR } = await request.json();

			await this.state.storage.put("userId", userId);
			await this.state.storage.put("loginTime", Date.now());
			await this.state.storage.put("data", data);

			await this.state.storage.setAlarm(Date.now() + lastsMs);

			return new Response("Logged in");
		}

		if (url.pathname === "/session") {
			const userId = await this.state.storage.get("userId");
			const data = await this.state.storage.get("data");
			return new Response(JSON.stringify({ userId, data }));
		}

		return new Response("Not found", { status: 404 });
	}

	async alarm(): Promise<void> {
		await this.state.storage.deleteAll();
	}
}
