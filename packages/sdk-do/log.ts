// The event log of an app: one object, whose cell holds the events that are not handled yet. It lives in an
// isolate where the app's module, and with it every `on()`, has been evaluated, and calls the handlers there.

import { ackChanges, isLeaving, type ObjectState, takeChanges } from "cellhouse:platform";
import { Delivery } from "./delivery";
import { LogRows, type DeadLetter } from "./log_rows";
import { handlers, matching } from "./handlers";
import { register } from "./registry";
import { LOG, outgoing, type Outgoing } from "./send";

/** Changes of State that become events at a time. */
const CHANGES = 500;
/** When the log looks whether it still runs while it has something to do: an isolate that is ended by a
 * limit takes it along. */
const LOOK_AGAIN = 5_000;
/** How long newer code has to take over. */
const LEAVE = 100;

class EventLog {
	readonly #ctx;
	readonly #rows;
	readonly #delivery;
	#isSoon = false;
	#delivers = false;
	#lookAt = 0;

	constructor(ctx: ObjectState) {
		this.#ctx = ctx;
		this.#rows = new LogRows(ctx);
		this.#delivery = new Delivery(this.#rows, () => ctx.storage.sync(), () => this.#again());
	}

	/** They are in the log when this returns, all of them or none. */
	append(events: Outgoing[]): void {
		this.#ctx.storage.transactionSync(() => {
			for (const event of events) this.#rows.append(event);
		});
		if (this.#lookAt <= Date.now()) void this.#lookAgain(Date.now() + LOOK_AGAIN);
		this.#deliverSoon();
	}

	/** The runtime calls this when the app has started, and when State has changed. */
	async fetch(): Promise<Response> {
		await this.#drain();
		await this.#ctx.storage.sync();
		this.#deliver();
		return new Response(null, { status: 204 });
	}

	async alarm(): Promise<void> {
		this.#lookAt = 0;
		await this.#drain();
		await this.#ctx.storage.sync();
		this.#deliver();
	}

	dead(after: number, limit: number): DeadLetter[] {
		return this.#rows.dead(after, limit);
	}

	exhume(numbers: number[] | undefined, again: boolean): number {
		const known = [...handlers.values()].map((handler) => handler.key);
		const count = this.#rows.exhume(numbers, again ? known : undefined);
		this.#deliverSoon();
		return count;
	}

	/** Events that are not handled by all that will. */
	pending(): number {
		return this.#rows.count();
	}

	// ---- delivering

	/** When all is durable: also that the log has started, and that it looks again. Only then may a handler run
	 * that could end the isolate. */
	#deliverSoon(): void {
		if (this.#isSoon) return;
		this.#isSoon = true;
		this.#ctx.waitUntil(this.#ctx.storage.sync().then(() => {
			this.#isSoon = false;
			this.#deliver();
		}));
	}

	#deliver(): void {
		this.#delivery.poke();
		if (this.#delivers) return;
		this.#delivers = true;
		this.#ctx.waitUntil(this.#untilRest());
	}

	async #untilRest(): Promise<void> {
		try {
			if (this.#delivery.isBusy && this.#lookAt <= Date.now()) await this.#lookAgain(Date.now() + LOOK_AGAIN);
			await this.#delivery.atRest();
		} finally {
			this.#delivers = false;
		}
		// What came meanwhile has a look of its own.
		if (this.#delivery.isBusy) return this.#deliver();
		const due = isLeaving() ? Date.now() + LEAVE : this.#delivery.nextDue;
		if (due !== undefined) await this.#lookAgain(due);
	}

	/** A timer's: the object may be somewhere else by now. */
	#again(): void {
		try {
			if (!isLeaving()) this.#deliver();
		} catch (error) {
			console.debug("the event log goes on elsewhere:", error);
		}
	}

	async #lookAgain(time: number): Promise<void> {
		this.#lookAt = time;
		await this.#ctx.storage.setAlarm(time);
	}

	// ---- changes of State

	/** Into the log, and out of the store when that is durable. What is seen twice is taken once. */
	async #drain(): Promise<void> {
		for (;;) {
			const changes = takeChanges(CHANGES);
			if (changes.length === 0) return;
			this.#ctx.storage.transactionSync(() => {
				for (const change of changes) {
					if (this.#rows.advance(change.source, change.seq)) this.#note(change);
				}
			});
			await this.#ctx.storage.sync();
			const last = new Map(changes.map(({ source, seq }) => [source, seq]));
			for (const [source, seq] of last) ackChanges(source, seq);
		}
	}

	/** A value that is new was put, too: "created" comes before "updated". */
	#note({ source, seq, store, key, action, time }: ReturnType<typeof takeChanges>[number]): void {
		const actions = action === "created" ? ["created", "updated"] : [action];
		for (const one of actions) {
			const name = `State.${one}`;
			if (matching(name).length === 0) continue;
			const event = outgoing(`${source}:${seq}:${one}`, name, { id: key, key, store }, time);
			this.#rows.append({ ...event, subject: `State/${store}/${key}` });
		}
	}
}

register(LOG, EventLog);
