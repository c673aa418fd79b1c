// Counts, and loses nothing: no second request reaches the object between its get and its put.

export class Counter {
	state: DurableObjectState;

	constructor(state: DurableObjectState) {
		this.state = state;
	}

	async fetch(request: Request): Promise<Response> {
		const url = new URL(request.url);
		const count = (await this.state.storage.get<number>("count")) || 0;
		if (url.pathname === "/get") return new Response(JSON.stringify({ count }));
		if (url.pathname === "/increment") {
			await this.state.storage.put("count", count + 1);
			return new Response(JSON.stringify({ count: count + 1 }));
		}
		if (url.pathname === "/reset") {
			await this.state.storage.delete("count");
			return new Response(JSON.stringify({ count: 0 }));
		}
		return new Response("Not found", { status: 404 });
	}
}
