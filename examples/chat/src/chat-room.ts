// Everybody in the room gets every message. The server's end of a pair needs no accept(): returning the
// client's end with status 101 accepts it.

export class ChatRoom {
	private sessions: WebSocket[] = [];

	async fetch(_request: Request): Promise<Response> {
		const pair = new WebSocketPair();
		const [client, server] = Object.values(pair);

		this.sessions.push(server);

		server.addEventListener("message", async (event) => {
			const message = event.data;
			for (const session of this.sessions) session.send(message);
		});
		server.addEventListener("close", () => {
			this.sessions = this.sessions.filter((session) => session !== server);
		});

		return new Response(null, { status: 101, webSocket: client });
	}
}
