// Cases of `sdk.do` that need no object of the app: documents, the default State store, events, models.

import { ai, api, db, DbError, on, send, user } from "sdk.do";
import { equal, thrown } from "./helpers";

type Any = any;

export const SERVICES: Record<string, (env: Any) => Promise<void>> = {
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
