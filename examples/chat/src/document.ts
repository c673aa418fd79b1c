// A text that all who are connected see change. It outlives them: GET gives what was written last.

export class Document {
	declare readonly state: DurableObjectState;
	private clients = new Set<WebSocket>();

	async fetch(request: Request): Promise<Response> {
		if (request.headers.get("Upgrade") === "websocket") {
			const pair = new WebSocketPair();
			const [client, server] = Object.values(pair);

			this.clients.add(server);

			server.addEventListener("message", (event) => {
				const update = JSON.parse(event.data);
				for (const client of this.clients) client.send(JSON.stringify(update));
				this.state.storage.put("content", update.content);
			});
			server.addEventListener("close", () => this.clients.delete(server));

			return new Response(null, { status: 101, webSocket: client });
		}

		const content = await this.state.storage.get("content");
		return new Response(JSON.stringify({ content }));
	}
}
