// WebSockets that end in Durable Objects: /rooms/NAME is a chat, /documents/NAME a text that several edit.

export { ChatRoom } from "./chat-room";
export { Document } from "./document";

export default {
	async fetch(request, env) {
		const [kind, name] = new URL(request.url).pathname.slice(1).split("/");
		if (kind === "rooms" && name) {
			if (request.headers.get("Upgrade") !== "websocket") {
				return new Response("connect with a WebSocket client\n", { status: 426 });
			}
			return env.CHAT_ROOMS.getByName(name).fetch(request);
		}
		if (kind === "documents" && name) {
			return env.DOCUMENTS.get(env.DOCUMENTS.idFromName(name)).fetch(request);
		}
		return new Response("try /rooms/NAME or /documents/NAME\n", { status: 404 });
	},
} satisfies Ploy;
