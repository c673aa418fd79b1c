// Cases of `sdk.do` that one request can see. GET / runs all of them and answers with what went wrong, by name.

import { $ as dollar, ai, api, db, DbError, on, send, state, user } from "sdk.do";

type Any = any;

// ---- classes of the app: nothing configures them

export class Counter {
	value = 0;
	readonly seen = new Map<string, Date>();
	tags = new Set<string>();
	socket: unknown = () => "no clone";
	deep: Any = { list: [1, { two: 2 }] };
	sockets = new Set<unknown>([() => 1]);

	async increment(by = 1) {
		this.value += by;
		await state.save(this);
		return this.value;
	}

	async mark(tag: string) {
		this.tags.add(tag);
		this.seen.set(tag, new Date(1_000));
		this.deep.list.push(tag);
		await state.save(this);
	}

	show() {
		return {
			value: this.value, tags: [...this.tags], seen: [...this.seen], deep: this.deep,
			socket: typeof this.socket, sockets: this.sockets.size,
		};
	}

	forget() {
		this.value = 1_000;
	}

	async end() {
		(this as Any).ctx.abort("a test ends it");
	}
}

/** The app's own goes before the one of that name that comes with the package. */
export class Queue {
	mine() {
		return "the app's";
	}
}

export class Reminder {
	rang = 0;

	async set(when: Any) {
		await state.alarm(this, when);
		return (this as Any).ctx.storage.getAlarm();
	}

	async onAlarm() {
		this.rang++;
		await state.save(this);
	}

	count() {
		return this.rang;
	}
}

export class NoAlarm {
	set() {
		return state.alarm(this, 1_000);
	}
}

/** As any Durable Object. */
export class Plain {
	declare state: Any;

	async fetch(request: Request) {
		const visits = ((await this.state.storage.get("visits")) || 0) + 1;
		await this.state.storage.put("visits", visits);
		return Response.json({ visits, path: new URL(request.url).pathname });
	}
}

export class Saga {
	async run(steps: { name: string; execute(): Any; compensate(): Any }[]) {
		const done = [];
		try {
			for (const step of steps) {
				await step.execute();
				done.push(step);
			}
			return "done";
		} catch (error: Any) {
			for (const step of done.reverse()) await step.compensate();
			return `undone: ${error.message}`;
		}
	}
}

export class Bound {
	value = 1;

	async next() {
		this.value++;
		await state.save(this);
		return this.value;
	}
}

export class Shape {
	gone? = 1;
	nothing: unknown = 2;
	weak = new WeakMap();

	async change() {
		delete this.gone;
		this.nothing = undefined;
		(this as Any).added = { x: [1] };
		await state.save(this);
	}

	async grow() {
		(this as Any).large = "x".repeat(3_000_000);
		await state.save(this);
	}

	show() {
		const { gone, nothing, weak, added } = this as Any;
		return { names: Object.keys(this), gone, nothing: typeof nothing, weak: weak instanceof WeakMap, added };
	}

	async end() {
		(this as Any).ctx.abort("a test ends it");
	}
}

export class Room {
	clients: Any[] = [];

	async connect(name: string, socket: Any) {
		socket.accept();
		this.clients.push(socket);
		socket.addEventListener("message", (event: Any) => {
			for (const client of this.clients) client.send(`${name}: ${event.data}`);
		});
	}

	count() {
		return this.clients.length;
	}
}

// ---- helpers

function equal(found: unknown, expected: unknown, what = "value") {
	const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
	if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

async function thrown(work: () => unknown, text: string, code?: string): Promise<Any> {
	try {
		await work();
	} catch (error: Any) {
		if (!error.message.includes(text)) throw new Error(`"${error.message}" does not say "${text}"`);
		if (error.code !== code) throw new Error(`the code is ${error.code} instead of ${code}`);
		return error;
	}
	throw new Error(`nothing was thrown: "${text}"`);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// ---- cases

const CASES: Record<string, (env: Any) => Promise<void>> = {
	async "a path is a value"() {
		equal(String($.Order.created), "Order.created");
		equal(`${$.User.likes.Product}`, "User.likes.Product");
		equal($.Order.created === dollar.Order.created, true, "the same");
		equal($.Order.created === $.Order.deleted, false, "another");
		equal(new Map([[$.Order.created, 1]]).get($.Order.created), 1, "in a map");
		equal({ path: $.Order.created, root: $ }, { path: "Order.created", root: "$" }, "JSON");
		equal(await $.Order.created === $.Order.created, true, "no promise");
		equal(Number($.Minutes(5)), 300_000);
		equal(String($.Hours(2)), "2 hours");
		await thrown(() => $.Minutes(-1), "a positive number is needed; this is -1");
		await thrown(() => ($.Order as Any).created(), "$.Order.created() is nothing that can be called");
		await thrown(() => { ($ as Any).x = 1; }, "a path cannot be changed");
	},
	async "a plain class is an object, and its fields are saved"() {
		const counter = await state.get($.Counter, "a");
		equal(await counter.increment(), 1);
		equal(await (await state.get(Counter, "a")).increment(5), 6, "by class");
		equal(await (await state.get("Counter", "b")).increment(), 1, "another id");
		await counter.mark("x");
		await counter.forget();
		equal((await counter.show()).value, 1_000, "not saved, and not gone");
		await counter.end().catch(() => {});
		const shown = await (await state.get($.Counter, "a")).show();
		const deep = { list: [1, { two: 2 }, "x"] };
		equal(shown, { value: 6, tags: ["x"], seen: [["x", new Date(1_000)]], deep, socket: "function", sockets: 1 });
	},
	async "increments at the same time are exact"() {
		const counter = await state.get($.Counter, "many");
		await Promise.all(Array.from({ length: 200 }, () => counter.increment()));
		equal((await counter.show()).value, 200);
	},
	async "objects are found, listed and deleted"() {
		await thrown(() => state.get($.Counter, "nobody", { create: false }), 'there is no Counter "nobody"', "STATE_NOT_FOUND");
		for (const id of ["l-1", "l-2", "l-3", "m-1"]) await (await state.get($.Counter, id)).show();
		equal(await state.list($.Counter, { prefix: "l-" }), ["l-1", "l-2", "l-3"]);
		const first = await state.list($.Counter, { prefix: "l-", limit: 2 });
		equal(first, ["l-1", "l-2"]);
		equal(await state.list($.Counter, { prefix: "l-", cursor: first.cursor! }), ["l-3"], "the second page");
		equal(await (await state.get($.Counter, "l-1", { create: false })).increment(), 1);
		equal(await state.delete($.Counter, "l-1"), true);
		equal(await state.delete($.Counter, "l-1"), false);
		equal(await (await state.get($.Counter, "l-1")).increment(), 1, "it is new");
	},
	async "namespaces have nothing in common"() {
		const there = await state.get($.Counter, "n", { namespace: "there" });
		equal(await there.increment(), 1);
		equal(await (await state.get($.Counter, "n")).increment(), 1);
		equal(await state.list($.Counter, { namespace: "there" }), ["n"]);
	},
	async "alarms call onAlarm"() {
		const reminder = await state.get($.Reminder, "r");
		const due = await reminder.set(60_000);
		if (Math.abs(due - Date.now() - 60_000) > 10_000) throw new Error(`it is due at ${due}`);
		equal(await reminder.set(new Date(4_000_000_000_000)), 4_000_000_000_000, "a Date");
		equal(await reminder.set(null), null, "none");
		await reminder.set(1);
		while ((await reminder.count()) === 0) await pause(5);
		const none = await state.get($.NoAlarm, "n");
		await thrown(() => none.set(), "the class has no onAlarm() method", "STATE_ALARM_ERROR");
		await thrown(() => reminder.set("soon"), "a delay is a number of milliseconds");
	},
	async "a class of the config is the same objects as its binding's"(env) {
		equal(await env.BOUND.getByName("one").next(), 2);
		equal(await (await state.get($.Bound, "one")).next(), 3);
		equal(await state.list($.Bound), ["one"]);
	},
	async "an object may use storage and fetch"() {
		const plain = await state.get($.Plain, "p");
		equal(await (await plain.fetch("https://x/a")).json(), { visits: 1, path: "/a" });
		equal(await (await plain.fetch("https://x/b")).json(), { visits: 2, path: "/b" });
	},
	async "callbacks can be passed"() {
		const calls: string[] = [];
		const step = (name: string, fails = false) => ({
			name,
			execute: () => { if (fails) throw new Error(`${name} failed`); calls.push(name); },
			compensate: () => { calls.push(`undo ${name}`); },
		});
		const saga = await state.get($.Saga, "s");
		equal(await saga.run([step("pay"), step("ship", true)]), "undone: ship failed");
		equal(calls, ["pay", "undo pay"]);
	},
	async "a WebSocket can be passed"() {
		const room = await state.get($.Room, "r");
		const pair = new (globalThis as Any).WebSocketPair();
		await room.connect("ada", pair[1]);
		equal(await room.count(), 1);
		const answer = new Promise((resolve) => pair[0].addEventListener("message", (event: Any) => resolve(event.data)));
		pair[0].accept();
		pair[0].send("hello");
		equal(await answer, "ada: hello");
		pair[0].close(1000, "done");
		await thrown(() => room.nothing("x", new (globalThis as Any).WebSocketPair()[1]), "the object has no method nothing()", "STATE_WEBSOCKET_ERROR");
	},
	async "fields that are missing or cannot be stored"() {
		const shape = await state.get($.Shape, "s");
		await shape.change();
		await shape.end().catch(() => {});
		const again = await state.get($.Shape, "s");
		equal(await again.show(), { names: ["gone", "nothing", "weak", "added"], gone: 1, nothing: "undefined", weak: true, added: { x: [1] } });
		await thrown(() => again.grow(), "state.save(): ", "STATE_STORAGE_ERROR");
		await again.end().catch(() => {});
		equal((await (await state.get($.Shape, "s")).show()).names, ["gone", "nothing", "weak", "added"], "nothing was changed");
	},
	async "saved fields last as long as state.config() says"() {
		const value = async () => (await (await state.get($.Counter, "ttl")).show()).value;
		const next = async () => {
			const counter = await state.get($.Counter, "ttl");
			await counter.increment();
			await pause(5);
			await counter.end().catch(() => {});
			return value();
		};
		try {
			state.config({ ttl: 1 });
			equal([await next(), await next()], [0, 0], "its time is over");
			state.config({ ttl: $.Hours(1) });
			equal([await next(), await next()], [1, 2], "an hour");
			state.config({ ttl: undefined, persistence: "memory" });
			equal([await next(), await next()], [2, 2], "memory");
		} finally {
			state.config({ ttl: undefined, persistence: "auto" });
		}
		equal(await next(), 3);
		await thrown(() => state.config({ ttl: -1 }), "state.config(): ttl is a number of milliseconds");
		await thrown(() => state.config(null as Any), "options are an object; this is null");
	},
	async "wrong arguments of state are named"() {
		await thrown(() => state.get($.Nothing, "x"), "there is no type $.Nothing: export a class", "STATE_NOT_FOUND");
		await thrown(() => state.get($.Order.created as Any, "x"), "this is $.Order.created");
		await thrown(() => state.get($.Counter, ""), "an id must not be empty");
		await thrown(() => state.get($.Counter, null as Any), "an id is a string; this is null");
		await thrown(() => state.save({}), "the first argument is the object itself", "STATE_ACCESS_DENIED");
		await thrown(() => state.config({ persistence: "tape" as Any }), 'persistence is "memory", "disk" or "auto"; this is "tape"');
		await thrown(() => state.config({ tll: 1 } as Any), 'there is no option "tll"');
	},
	async "Counter, Session and Cache come with the package"() {
		equal(await (await state.get($.Queue, "q")).mine(), "the app's", "the app's own goes first");
		const cache = await state.get($.Cache, "c");
		await cache.set("k", { a: 1 });
		await cache.set("short", 1, { ttl: 1 });
		await pause(5);
		equal([await cache.get("k"), await cache.get("short"), await cache.has("k"), await cache.size()], [{ a: 1 }, null, true, 1]);
		const session = await state.get($.Session, "s");
		equal(await session.get(), null);
		await session.create({ user: "ada" });
		await session.set("role", "admin");
		equal(await session.get(), { user: "ada", role: "admin" });
		await session.destroy();
		equal(await session.isActive(), false);
		await thrown(() => session.touch(), "there is no session", "STATE_NOT_FOUND");
	},
	async "queues, locks and limits"() {
		const queue = await state.get($.SimpleQueue, "q");
		equal(await queue.enqueue("a", { b: 1 }), 2);
		equal([await queue.peek(), await queue.dequeue(), await queue.dequeue(), await queue.dequeue()], ["a", "a", { b: 1 }, null]);
		const lock = await state.get($.Lock, "l");
		equal([await lock.acquire("ada"), await lock.acquire("bob"), await lock.owner()], [true, false, "ada"]);
		await thrown(() => lock.extend("bob"), '"bob" does not hold the lock', "STATE_CONFLICT");
		equal([await lock.release("bob"), await lock.release("ada"), await lock.isLocked()], [false, true, false]);
		const limiter = await state.get($.RateLimiter, "r");
		equal([await limiter.checkLimit("u", 2), await limiter.checkLimit("u", 2), await limiter.checkLimit("u", 2)], [true, true, false]);
	},
	async "boards, series, histories and documents"() {
		const board = await state.get($.Leaderboard, "b");
		for (const [name, score] of [["ada", 10], ["bob", 20], ["ada", 5], ["eve", 20]]) await board.updateScore(name, score);
		equal(await board.getTop(2), [{ userId: "bob", score: 20 }, { userId: "eve", score: 20 }]);
		equal([await board.getRank("ada"), await board.getRank("eve"), await board.getRank("nobody")], [3, 1, null]);
		const series = await state.get($.TimeSeries, "t");
		for (const time of [30, 10, 20]) await series.add(time / 10, time);
		equal(await series.range(10, 30), [{ time: 10, value: 1 }, { time: 20, value: 2 }]);
		equal(await series.aggregate(), { count: 3, sum: 6, average: 2, min: 1, max: 3 });
		const entity = await state.get($.EventSourcedEntity, "e");
		equal([await entity.append("opened", { by: "ada" }), await entity.append("closed", null, 1)], [1, 2]);
		await thrown(() => entity.append("x", null, 1), "the entity has version 2, not 1", "STATE_CONFLICT");
		equal((await entity.events(1)).map((event: Any) => event.type), ["closed"]);
		const document = await state.get($.Document, "d");
		equal([await document.set("a"), await document.set("b", 1), await document.get()], [1, 2, { content: "b", version: 2 }]);
	},
	async "a type can be defined"() {
		const product = await state.get($.Product, "p");
		await thrown(() => product.update({ price: 1 }), "Product.name is required", "STATE_CONFLICT");
		await thrown(() => product.update({ name: 1 }), "Product.name is of the type string; this is 1");
		equal(await product.update({ name: "cup" }), { $id: "p", $type: "Product", price: 0, name: "cup" });
		await thrown(() => product.set("size", 1), 'Product has no property "size"');
	},
	async "documents are made, read, changed and deleted"() {
		const ada = await db.create($.Person, { $id: "ada", name: "Ada", born: 1815, tags: ["x"] });
		equal(ada, { name: "Ada", born: 1815, tags: ["x"], $id: "ada", $type: "Person" });
		equal(await db.get($.Person, "ada"), ada);
		equal(await $.Person.get("ada"), ada);
		equal(await db.get($.Person, "nobody"), null);
		const conflict = await thrown(() => db.create("Person", { $id: "ada" }), 'there is a Person "ada" already', "DB_CONFLICT");
		equal(conflict instanceof DbError, true, "the class");
		equal(await db.update($.Person, "ada", { born: undefined, name: 'A"d\\a' }), { name: 'A"d\\a', tags: ["x"], $id: "ada", $type: "Person" });
		await thrown(() => db.update($.Person, "nobody", {}), 'there is no Person "nobody" to update', "DB_NOT_FOUND");
		equal((await db.upsert($.Person, "bob", { name: "Bob" })).name, "Bob");
		equal(await db.upsert($.Person, { $id: "bob", age: 7 }), { name: "Bob", age: 7, $id: "bob", $type: "Person" });
		equal(await $.Person.delete("bob"), true);
		equal(await db.delete($.Person, "bob"), false);
		equal(typeof (await $.Person.create({ name: "Eve" })).$id, "string");
	},
	async "fields of documents keep what they are"() {
		const large = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`f'${n}`, n / 7]));
		await db.create($.Thing, { $id: "t", n: 0.1 + 0.2, big: 12345678901234567000, "": "none", nested: { a: null } });
		const changed = await db.update($.Thing, "t", { ...large, yes: true, no: false, none: null, list: [1, "2"], "a b.c": { d: 1 } });
		const expected = { n: 0.1 + 0.2, big: 12345678901234567000, "": "none", nested: { a: null }, ...large, yes: true, no: false, none: null, list: [1, "2"], "a b.c": { d: 1 }, $id: "t", $type: "Thing" };
		equal(changed, expected);
		equal(await db.upsert($.Thing, "t", { nested: undefined, yes: 1 }), { ...expected, nested: undefined, yes: 1 });
		await thrown(() => db.update($.Thing, "t", { 'a"b': 1 }), "the name of a field has no quotes");
		equal((await db.update($.Thing, "t", {})).yes, 1, "no change");
	},
	async "documents are listed and found"() {
		for (const id of ["1", "2", "3", "4", "5"]) await db.create($.Book, { $id: id, title: `Tome ${id} 100%`, by: { name: id > "3" ? "Eve" : "Ada" } });
		const first = await db.list($.Book, { limit: 2 });
		equal(first.map((book) => book.$id), ["1", "2"]);
		equal((await db.list($.Book, { limit: 9, cursor: first.cursor! })).map((book) => book.$id), ["3", "4", "5"]);
		equal((await db.list($.Book, { offset: 3 })).map((book) => book.$id), ["4", "5"]);
		equal((await db.search($.Book, "tome ada")).map((book) => book.$id), ["1", "2", "3"]);
		equal((await db.search($.Book, "0%")).length, 5);
		equal((await db.search($.Book, "title")).length, 0, "names are not searched");
		equal(await db.query("SELECT count(*) AS n FROM sdk_documents WHERE type = ?", "Book"), [{ n: 5 }]);
		await thrown(() => db.query("SELECT nonsense"), "no such column: nonsense", "DB_ERROR");
		await thrown(() => db.list($.Book, { limit: 0 }), "limit is a whole number of at least 1; this is 0");
		await thrown(() => db.create($.Book, "text" as Any), 'a document is an object; this is "text"');
	},
	async "documents are related"() {
		const [a, b] = [await db.create($.Node, { $id: "a" }), await db.create($.Node, { $id: "b" })];
		await db.relate(a, "knows", b);
		await db.relate(a, $.knows, [$.Node, "b"]);
		equal((await db.getRelated(a, "knows")).map((node) => node.$id), ["b"]);
		equal((await db.getRelated(b, "knows", { reverse: true })).map((node) => node.$id), ["a"]);
		equal(await db.unrelate(a, "knows", b), true);
		equal(await db.getRelated(a, "knows"), []);
		await thrown(() => db.relate(a, "knows", {} as Any), "a document with $type and $id");
	},
	async "the default State store is there"() {
		await $.state.set("k", { a: [1, null] });
		equal(await $.state.get("k"), { a: [1, null] });
		await $.state.update("k", { $set: { b: 2 } });
		equal(await $.state.get("k"), { a: [1, null], b: 2 });
		await $.state.delete("k");
		equal(await $.state.get("k"), null);
		await thrown(() => $.state.set("k", undefined), "a value is JSON; this is undefined");
		await thrown(() => $.state.get(""), "Key name cannot be empty");
		await thrown(() => $.state.set("", 1), "Key name cannot be empty");
		await thrown(() => $.state.set("k", 1, { expirationTtl: 30 }), "Invalid expiration_ttl of 30");
		await thrown(() => $.state.set("x".repeat(600), 1), "414");
		await thrown(() => $.state.update("k", { $wrong: 1 }), "$wrong");
		equal(await $.state.get("k"), null, "nothing was changed");
	},
	async "what is no event is refused"() {
		await thrown(() => send("nothing", {}), 'an event is $.Order.created or "Order.created"; this is "nothing"');
		await thrown(() => send($.Order.created, { n: 1n }), "send(Order.created): the data is no JSON");
		await thrown(() => send($.Order.created, () => 1), "the data is no JSON: it is a function");
		await thrown(() => send($.Order.created, { text: "x".repeat(2_000_000) }), "at most 1500000 bytes of JSON; this has 2000011");
		equal(typeof (await send($.Order.created, { text: "x".repeat(1_000_000) })), "string", "one of 1 MB");
		await thrown(() => on($.Order.created, () => {}), "on() is called at the level of a module");
		for (const wrong of ["Order", $.Order, "Order.", {}, 7, null, "Order created"]) {
			await thrown(() => on(wrong as Any, () => {}), "a pattern is $.Order.created");
		}
		await thrown(() => on($.Order.created, null as Any), "a handler is a function; this is null");
	},
	async "without an endpoint ai says what is missing"() {
		await thrown(() => ai.generate("hello"), "set the variables AI_BASE_URL", "AI_NOT_CONFIGURED");
		await thrown(() => ai.embed("hello"), "no endpoint is configured", "AI_NOT_CONFIGURED");
	},
	async "api and user"(env) {
		equal(user.current.$id, "anonymous");
		equal(await (await api.fetch("data:text/plain,hi")).text(), "hi");
		equal(env.BOUND !== undefined && !Object.keys(env).some((name) => name.startsWith("cellhouse:")), true, "env");
	},
};

dollar.defineType("Product", { properties: { name: { type: "string", required: true }, price: { type: "number", default: 0 } } });

export default {
	async fetch(_request: Request, env: Any): Promise<Response> {
		const wrong: Record<string, string> = {};
		for (const [name, run] of Object.entries(CASES)) {
			await run(env).catch((error) => {
				wrong[name] = `${error.name}: ${error.message}\n${error.stack ?? ""}`;
			});
		}
		return Response.json({ ran: Object.keys(CASES).length, wrong });
	},
};
