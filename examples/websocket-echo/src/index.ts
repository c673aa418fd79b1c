// Sends every WebSocket message back; the word "bye" ends the talk.

function echo(): Response {
	const { 0: client, 1: server } = new WebSocketPair();
	server.accept();
	server.addEventListener("message", ({ data }) => {
		if (data === "bye") {
			server.close(1000, "goodbye");
		} else {
			server.send(data);
		}
	});
	return new Response(null, { status: 101, webSocket: client });
}

export default {
	async fetch(request) {
		if (request.headers.get("Upgrade") !== "websocket") {
			return new Response("connect with a WebSocket client\n", { status: 426 });
		}
		return echo();
	},
} satisfies Ploy;
