// Plain classes as durable objects: nothing is configured, `state.get()` finds them by the name of the export.

import { $, state } from "sdk.do";

export class Counter {
	value = 0;

	async increment(by = 1): Promise<number> {
		this.value += by;
		await state.save(this);
		return this.value;
	}

	get() {
		return this.value;
	}
}

export class Reminder {
	message = "";
	rang = false;

	async set(message: string, milliseconds: number) {
		this.message = message;
		this.rang = false;
		await state.save(this);
		await state.alarm(this, milliseconds);
	}

	async onAlarm() {
		this.rang = true;
		await state.save(this);
	}

	show() {
		return { message: this.message, rang: this.rang };
	}
}

export default {
	async fetch(request) {
		const url = new URL(request.url);
		const [kind, id = ""] = url.pathname.slice(1).split("/");
		if (kind === "counters" && id === "") return Response.json(await state.list($.Counter));
		if (kind === "counters" && request.method === "DELETE") return Response.json(await state.delete($.Counter, id));
		if (kind === "counters") {
			const counter = await state.get(Counter, id);
			return Response.json(await (request.method === "POST" ? counter.increment() : counter.get()));
		}
		if (kind === "reminders") {
			const reminder = await state.get(Reminder, id);
			if (request.method === "POST") await reminder.set(await request.text(), 100);
			return Response.json(await reminder.show());
		}
		if (kind === "scores") {
			// A type that comes with the package.
			const board = await state.get($.Leaderboard, "game");
			if (request.method === "POST") await board.updateScore(id, Number(await request.text()));
			return Response.json(await board.getTop(3));
		}
		return new Response("try /counters/NAME, /reminders/NAME or /scores/NAME\n", { status: 404 });
	},
} satisfies ExportedHandler<Env>;
