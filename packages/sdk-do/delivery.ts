// Who gets which event when. Events of a subject begin in their order: the next one when every handler has
// been tried with the one before. A handler that failed holds back its own later events of that subject until
// it succeeds or the event is given up, and nobody else's. Subjects go side by side, so many at a time. What is
// here is a view of the tables, and can be lost at any moment.

import { isLeaving } from "cellhouse:platform";
import { attempt } from "./attempt";
import { messageOf } from "./errors";
import { type Handler, handlers, matching } from "./handlers";
import { type Attempts, type LogRows } from "./log_rows";

/** Handlers that run at a time. */
const SIDE_BY_SIDE = 16;
/** Events that are looked at beyond the oldest one. */
const WINDOW = 5_000;
const PAGE = 500;
const MAX_DELAY = 3_600_000;
/** Pauses that are waited for in memory. */
const SHORT = 30_000;
/** Starts in a row, none of which came to rest, after which each attempt is noted before it begins: one of
 * the handlers may be what ends the process. */
const SUSPICIOUS = 3;
/** Attempts of which nobody saw the end, after which an event is given up. */
const MOST_BEGUN = 2;

/** Events that wait for their first try, in their order. */
interface Subject {
	name: string;
	waiting: { seq: number; meant: Handler[] }[];
}

/** Events of a subject that wait for a handler which has failed with the first of them. */
interface Lane {
	key: string;
	handler: Handler;
	failed: number[];
	/** When the first may be tried again, in milliseconds since 1970. */
	due: number;
}

export class Delivery {
	readonly #rows;
	readonly #sync;
	readonly #poke;
	#rested = false;
	readonly #subjects = new Map<string, Subject>();
	readonly #lanes = new Map<string, Lane>();
	readonly #ready: (Subject | Lane)[] = [];
	readonly #resting = new Set<Lane>();
	/** Event -> handlers that are not done with it. */
	readonly #open = new Map<number, number>();
	readonly #attempts = new Map<string, Attempts>();
	readonly #done: Map<number, Set<string>>;
	/** Up to here each attempt is noted first. */
	readonly #suspectUpTo: number;
	#loaded = 0;
	#running = 0;
	#hasMore = true;
	#finished: (() => void) | undefined;

	/** `sync` resolves when all is durable; `poke` is called when there is something to do again. */
	constructor(rows: LogRows, sync: () => Promise<void>, poke: () => void) {
		this.#rows = rows;
		this.#sync = sync;
		this.#poke = poke;
		this.#done = rows.allDone();
		for (const row of rows.allAttempts()) this.#attempts.set(keyOf(row.seq, row.handler), row);
		this.#suspectUpTo = rows.started() >= SUSPICIOUS ? rows.last() : 0;
	}

	/** There may be something to do. */
	poke(): void {
		this.#hasMore = true;
		this.#run();
	}

	get isBusy(): boolean {
		return this.#running > 0 || this.#ready.length > 0;
	}

	/** When the next failed event is due; undefined if there is none. */
	get nextDue(): number | undefined {
		const due = Math.min(...[...this.#resting].map((lane) => lane.due));
		return Number.isFinite(due) ? due : undefined;
	}

	/** Resolves when nothing runs any more. */
	atRest(): Promise<void> {
		if (!this.isBusy) return Promise.resolve();
		return new Promise((resolve) => {
			this.#finished = resolve;
		});
	}

	// ---- what there is to do

	#load(): void {
		while (this.#hasMore && this.#open.size < WINDOW) {
			const page = this.#rows.after(this.#loaded, PAGE);
			this.#hasMore = page.length === PAGE;
			for (const row of page) {
				this.#loaded = row.seq;
				this.#add(row.seq, row.name, row.subject, row.only);
			}
		}
	}

	#add(seq: number, name: string, subject: string, only: string | null): void {
		const done = this.#done.get(seq);
		this.#done.delete(seq);
		const meant = matching(name).filter(({ key }) => !done?.has(key) && (only === null || only === key));
		if (meant.length === 0) return this.#rows.remove(seq);
		this.#open.set(seq, meant.length);
		const known = this.#subjects.get(subject);
		if (known) return void known.waiting.push({ seq, meant });
		const made = { name: subject, waiting: [{ seq, meant }] };
		this.#subjects.set(subject, made);
		this.#ready.push(made);
	}

	#pause(lane: Lane): void {
		const pause = lane.due - Date.now();
		if (pause <= 0) return void this.#ready.push(lane);
		this.#resting.add(lane);
		// The alarm of the log is for longer ones, and for those that a crash has cut off.
		if (pause <= SHORT) setTimeout(this.#poke, pause + 1);
	}

	#wake(): void {
		const now = Date.now();
		for (const lane of this.#resting) {
			if (lane.due > now) continue;
			this.#resting.delete(lane);
			this.#ready.push(lane);
		}
	}

	// ---- doing it

	#run(): void {
		this.#wake();
		if (this.#ready.length < SIDE_BY_SIDE) this.#load();
		const most = this.#isCareful() ? 1 : SIDE_BY_SIDE;
		while (this.#running < most && this.#ready.length > 0 && !isLeaving()) {
			this.#running++;
			const next = this.#ready.shift()!;
			void ("failed" in next ? this.#again(next) : this.#first(next));
		}
		if (this.#running === 0) this.#rest();
	}

	#rest(): void {
		// Newer code waits for what is left.
		if (isLeaving()) this.#ready.length = 0;
		else if (!this.#rested) this.#rows.rested();
		this.#rested = true;
		this.#finished?.();
		this.#finished = undefined;
	}

	#isCareful(): boolean {
		const [first] = this.#open.keys();
		return first !== undefined && first <= this.#suspectUpTo;
	}

	/** The first event of a subject, for all of its handlers. */
	async #first(subject: Subject): Promise<void> {
		const { seq, meant } = subject.waiting[0]!;
		const tries = meant.map((handler) => () => this.#tryFirst(seq, handler, subject.name));
		if (seq > this.#suspectUpTo) await Promise.all(tries.map((run) => run()));
		else for (const run of tries) await run();
		subject.waiting.shift();
		if (subject.waiting.length > 0) this.#ready.push(subject);
		else this.#subjects.delete(subject.name);
		this.#running--;
		this.#run();
	}

	async #tryFirst(seq: number, handler: Handler, subject: string): Promise<void> {
		const key = `${handler.key}\n${subject}`;
		const lane = this.#lanes.get(key);
		if (lane) return void lane.failed.push(seq);
		// It may have failed before this view was made.
		const known = this.#attempts.get(keyOf(seq, handler.key))?.due ?? 0;
		const due = known > Date.now() ? known : await this.#try(seq, handler);
		if (due === undefined) return;
		const made = { key, handler, failed: [seq], due };
		this.#lanes.set(key, made);
		this.#pause(made);
	}

	/** The first event of a lane, once more. */
	async #again(lane: Lane): Promise<void> {
		const due = await this.#try(lane.failed[0]!, lane.handler);
		if (due === undefined) lane.failed.shift();
		lane.due = due ?? 0;
		if (lane.failed.length > 0) this.#pause(lane);
		else this.#lanes.delete(lane.key);
		this.#running--;
		this.#run();
	}

	/** Gives the time of the next attempt, or undefined if there will be none. */
	async #try(seq: number, handler: Handler): Promise<number | undefined> {
		const key = keyOf(seq, handler.key);
		const before = this.#attempts.get(key) ?? { count: 0, begun: 0, due: 0 };
		if (before.begun >= MOST_BEGUN) return this.#giveUp(seq, handler, before.count, "it ended the isolate that it ran in, more than once");
		const row = this.#rows.row(seq);
		if (!row || !handlers.has(handler.id)) return this.#finish(seq, handler);
		if (seq <= this.#suspectUpTo) await this.#note(seq, handler, { ...before, begun: before.begun + 1 });
		const count = before.count + 1;
		try {
			await attempt(handler, row, count);
			return this.#finish(seq, handler);
		} catch (error) {
			console.error(`on(${handler.key}): ${row.name} ${row.id}, attempt ${count} of ${handler.attempts}:`, error);
			if (count >= handler.attempts) return this.#giveUp(seq, handler, count, messageOf(error));
			const due = Date.now() + Math.min(handler.delay * 2 ** (count - 1), MAX_DELAY);
			this.#set(seq, handler, { count, begun: 0, due });
			return due;
		}
	}

	async #note(seq: number, handler: Handler, attempts: Attempts): Promise<void> {
		this.#set(seq, handler, attempts);
		await this.#sync();
	}

	#set(seq: number, handler: Handler, attempts: Attempts): void {
		this.#attempts.set(keyOf(seq, handler.key), attempts);
		this.#rows.setAttempts(seq, handler.key, attempts);
	}

	#giveUp(seq: number, handler: Handler, count: number, error: string): undefined {
		const row = this.#rows.row(seq);
		if (row) this.#rows.bury(row, handler.key, count, error);
		return this.#finish(seq, handler);
	}

	#finish(seq: number, handler: Handler): undefined {
		const left = (this.#open.get(seq) ?? 1) - 1;
		const tried = this.#attempts.delete(keyOf(seq, handler.key));
		this.#rows.done(seq, handler.key, left === 0, tried);
		if (left === 0) this.#open.delete(seq);
		else this.#open.set(seq, left);
		return undefined;
	}
}

function keyOf(seq: number, handler: string): string {
	return `${seq}\n${handler}`;
}
