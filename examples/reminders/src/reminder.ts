// Says something later, also if the server was restarted meanwhile. PUT sets it, GET tells what was said.

import { sendNotification } from "./notify";

export class Reminder {
	declare readonly state: DurableObjectState;

	async fetch(request: Request): Promise<Response> {
		if (request.method === "GET") {
			const due = await this.state.storage.getAlarm();
			const sent = (await this.state.storage.get<string[]>("sent")) || [];
			return Response.json({ due, sent });
		}
		const { message, delayMs } = await request.json();

		await this.state.storage.put("message", message);

		await this.state.storage.setAlarm(Date.now() + delayMs);

		return new Response("Reminder set");
	}

	async alarm(): Promise<void> {
		const message = await this.state.storage.get<string>("message");
		await sendNotification(this.state.storage, message ?? "");
	}
}
