// The object that probes look at.
import { DurableObject } from "cloudflare:workers";
import { inside } from "./objects.js";

export class Probed extends DurableObject {
	#started = crypto.randomUUID();

	/** What went wrong in a probe that runs in here, or null. */
	async probe(name) {
		try {
			await inside[name](this.ctx);
			return null;
		} catch (error) {
			return String(error?.message ?? error);
		}
	}

	echo(value) {
		return value;
	}
	started() {
		return this.#started;
	}
	end() {
		this.ctx.abort("the end");
	}
	props() {
		return this.ctx.props;
	}
	facets() {
		return this.ctx.facets.get("facet", () => ({ class: this.ctx.exports.Probed, id: "its id" })).idOf();
	}
	idOf() {
		return this.ctx.id;
	}
	container() {
		return typeof this.ctx.container;
	}
	handles(name) {
		return typeof this[name];
	}
	async keep(key, value) {
		await this.ctx.storage.put(key, value);
		return this.ctx.storage.getCurrentBookmark();
	}
	kept(key) {
		return this.ctx.storage.get(key);
	}
	async restore(bookmark) {
		await this.ctx.storage.onNextSessionRestoreBookmark(bookmark);
		this.ctx.abort("to restore");
	}
	alarmAt(time) {
		return this.ctx.storage.setAlarm(time);
	}
	async alarm(info) {
		const { isRetry, retryCount, scheduledTime } = info;
		await this.ctx.storage.put("alarm", { isRetry, retryCount, scheduledTime });
	}

	fetch(request) {
		if (request.headers.get("upgrade") !== "websocket") return new Response(new URL(request.url).pathname);
		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server, ["tag"]);
		server.serializeAttachment({ kept: 1 });
		this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
		this.ctx.setHibernatableWebSocketEventTimeout(5000);
		return new Response(null, { status: 101, webSocket: client });
	}

	webSocketMessage(socket, message) {
		const { ctx } = this;
		const pair = ctx.getWebSocketAutoResponse();
		const answers = {
			count: () => [ctx.getWebSockets(), ctx.getWebSockets("tag"), ctx.getWebSockets("other")].map((list) => list.length).join(" "),
			tags: () => JSON.stringify(ctx.getTags(socket)),
			attachment: () => JSON.stringify(socket.deserializeAttachment()),
			"auto-response": () => `${pair.request} ${pair.response}`,
			timestamp: () => String(ctx.getWebSocketAutoResponseTimestamp(socket)),
			timeout: () => String(ctx.getHibernatableWebSocketEventTimeout()),
		};
		socket.send(answers[message]?.() ?? `echo: ${message}`);
	}
	async webSocketClose(_socket, code, reason) {
		await this.ctx.storage.put("closed", [code, reason]);
	}
	webSocketError() {}
}
