// With a model: a conversation that remembers, as state.do shows it. Any endpoint with OpenAI's interface
// will do: see the variables in wrangler.toml.

import { ai, state } from "sdk.do";

export class Conversation {
	declare state: DurableObjectState;

	async addMessage(message: string) {
		const history = (await this.state.storage.get<string[]>("messages")) || [];
		history.push(message);

		// Generate AI response
		const response = await ai.generate(message, {
			context: { history },
		});

		history.push(response);
		await this.state.storage.put("messages", history);

		return response;
	}

	async messages() {
		return (await this.state.storage.get<string[]>("messages")) || [];
	}
}

export default {
	async fetch(request) {
		const [kind, id = ""] = new URL(request.url).pathname.slice(1).split("/");
		if (kind === "conversations") {
			const conversation = await state.get(Conversation, id);
			if (request.method === "POST") return new Response(await conversation.addMessage(await request.text()));
			return Response.json(await conversation.messages());
		}
		if (kind === "stream") {
			const pieces = await ai.generate(await request.text(), { stream: true });
			const encoder = new TextEncoder();
			const body = new ReadableStream({
				async start(controller) {
					for await (const piece of pieces) controller.enqueue(encoder.encode(piece));
					controller.close();
				},
			});
			return new Response(body);
		}
		return new Response("try /conversations/NAME or /stream\n", { status: 404 });
	},
} satisfies ExportedHandler<Env>;
