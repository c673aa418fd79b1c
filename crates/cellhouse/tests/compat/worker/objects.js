// Durable Objects, called: the namespace and ids from outside, the rest within an object (`Probed` of index.js).
import { eventually, fails, holds, same } from "./expect.js";

/** From outside. */
const outside = {
	"DurableObjectNamespace.newUniqueId": ({ env: { OBJECTS } }) => holds(!OBJECTS.newUniqueId().equals(OBJECTS.newUniqueId())),
	"DurableObjectNamespace.idFromName": ({ env: { OBJECTS } }) => holds(OBJECTS.idFromName("a").equals(OBJECTS.idFromName("a"))),
	"DurableObjectNamespace.idFromString": ({ env: { OBJECTS } }) => {
		const id = OBJECTS.newUniqueId();
		return holds(OBJECTS.idFromString(id.toString()).equals(id));
	},
	"DurableObjectNamespace.get": async ({ env: { OBJECTS } }) => same(await OBJECTS.get(OBJECTS.idFromName("got")).echo(1), 1),
	"DurableObjectNamespace.getByName": async ({ env: { OBJECTS } }) => same(await OBJECTS.getByName("got").echo(2), 2),
	"DurableObjectNamespace.jurisdiction": async ({ env: { OBJECTS } }) => {
		const european = OBJECTS.jurisdiction("eu");
		holds(!european.idFromName("a").equals(OBJECTS.idFromName("a")));
		same(await european.getByName("a").echo(3), 3);
	},
	"DurableObjectId.toString": ({ env: { OBJECTS } }) => holds(/^[0-9a-f]{64}$/.test(OBJECTS.newUniqueId().toString())),
	"DurableObjectId.equals": ({ env: { OBJECTS } }) => same(OBJECTS.idFromName("a").equals(OBJECTS.idFromName("b")), false),
	"DurableObjectId.name": ({ env: { OBJECTS } }) => same([OBJECTS.idFromName("a").name, OBJECTS.newUniqueId().name], ["a", undefined]),
	"DurableObjectId.jurisdiction": ({ env: { OBJECTS } }) => same(OBJECTS.newUniqueId({ jurisdiction: "eu" }).jurisdiction, "eu"),
	"DurableObjectState.abort": async ({ env: { OBJECTS } }) => {
		const stub = OBJECTS.getByName("aborted");
		const before = await stub.started();
		await fails(() => stub.end());
		holds((await OBJECTS.getByName("aborted").started()) !== before);
	},
	"DurableObjectState.props": async ({ env: { OBJECTS } }) => same(await OBJECTS.getByName("props").props(), {}),
	"DurableObjectState.facets": async ({ env: { OBJECTS } }) => same(await OBJECTS.getByName("facets").facets(), "its id"),
	"DurableObjectState.container": async ({ env: { OBJECTS } }) => same(await OBJECTS.getByName("container").container(), "object"),
	"DurableObjectStorage.onNextSessionRestoreBookmark": async ({ env: { OBJECTS } }) => {
		const stub = OBJECTS.getByName("restored");
		const bookmark = await stub.keep("value", 1);
		await stub.keep("value", 2);
		await fails(() => stub.restore(bookmark));
		same(await OBJECTS.getByName("restored").kept("value"), 1);
	},
	"DurableObject.fetch": async ({ env: { OBJECTS } }) => same(await (await OBJECTS.getByName("f").fetch("http://object/path")).text(), "/path"),
	"DurableObject.connect": async ({ env: { OBJECTS } }) => {
		const socket = OBJECTS.getByName("connect").connect("object:1");
		same(await new Response(socket.readable).text(), "connected");
	},
	"DurableObject.alarm": async ({ env: { OBJECTS } }) => {
		const stub = OBJECTS.getByName("alarm");
		await stub.alarmAt(Date.now() + 10);
		await eventually(() => stub.kept("alarm"));
	},
	"AlarmInvocationInfo.isRetry": async ({ env: { OBJECTS } }) => same((await alarmInfo(OBJECTS, "retry")).isRetry, false),
	"AlarmInvocationInfo.retryCount": async ({ env: { OBJECTS } }) => same((await alarmInfo(OBJECTS, "count")).retryCount, 0),
	"AlarmInvocationInfo.scheduledTime": async ({ env: { OBJECTS } }) => same(typeof (await alarmInfo(OBJECTS, "time")).scheduledTime, "number"),
	"DurableObject.webSocketMessage": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "message")).said, "echo: hello"),
	"DurableObject.webSocketClose": async ({ env: { OBJECTS } }) => {
		const { stub } = await conversation(OBJECTS, "close");
		same(await eventually(() => stub.kept("closed")), [4000, "bye"]);
	},
	"DurableObject.webSocketError": async ({ env: { OBJECTS } }) => same(await OBJECTS.getByName("e").handles("webSocketError"), "function"),
	"DurableObjectState.acceptWebSocket": async ({ env: { OBJECTS } }) => holds((await conversation(OBJECTS, "accept")).said),
	"DurableObjectState.getWebSockets": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "get", "count")).said, "1 1 0"),
	"DurableObjectState.getTags": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "tags", "tags")).said, '["tag"]'),
	"DurableObjectState.setWebSocketAutoResponse": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "auto", "ping")).said, "pong"),
	"WebSocket.serializeAttachment": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "attach", "attachment")).said, '{"kept":1}'),
	"WebSocket.deserializeAttachment": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "detach", "attachment")).said, '{"kept":1}'),
	"DurableObjectState.getWebSocketAutoResponse": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "pair", "auto-response")).said, "ping pong"),
	"DurableObjectState.getWebSocketAutoResponseTimestamp": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "stamp", "timestamp")).said, "null"),
	"DurableObjectState.setHibernatableWebSocketEventTimeout": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "timeout", "timeout")).said, "5000"),
	"DurableObjectState.getHibernatableWebSocketEventTimeout": async ({ env: { OBJECTS } }) => same((await conversation(OBJECTS, "timeout2", "timeout")).said, "5000"),
};

async function alarmInfo(OBJECTS, name) {
	const stub = OBJECTS.getByName(`alarm ${name}`);
	await stub.alarmAt(Date.now() + 10);
	return eventually(() => stub.kept("alarm"));
}

/** Says one thing to a socket that an object holds, and closes it. */
async function conversation(OBJECTS, name, say = "hello") {
	const stub = OBJECTS.getByName(`socket ${name}`);
	const response = await stub.fetch("http://object/socket", { headers: { upgrade: "websocket" } });
	const socket = response.webSocket;
	socket.accept();
	const said = await new Promise((resolve) => {
		socket.addEventListener("message", ({ data }) => resolve(data));
		socket.send(say);
	});
	socket.close(4000, "bye");
	return { stub, said };
}

const filled = async (storage, prefix) => {
	await storage.put({ [`${prefix}a`]: 1, [`${prefix}b`]: 2, [`${prefix}c`]: 3 });
	return storage;
};
const rows = ({ sql }) => sql.exec("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y' ORDER BY a");

/** Within an object, with its `ctx`. */
export const inside = {
	"DurableObjectState.waitUntil": (ctx) => same(ctx.waitUntil(Promise.resolve()), undefined),
	"DurableObjectState.id": (ctx) => holds(/^[0-9a-f]{64}$/.test(ctx.id.toString())),
	"DurableObjectState.storage": (ctx) => same(typeof ctx.storage.get, "function"),
	"DurableObjectState.blockConcurrencyWhile": async (ctx) => same(await ctx.blockConcurrencyWhile(async () => 7), 7),
	"DurableObjectStorage.get": async ({ storage }) => {
		await filled(storage, "get:");
		same(await storage.get("get:a"), 1);
		same([...(await storage.get(["get:b", "none", "get:a"]))], [["get:a", 1], ["get:b", 2]]);
	},
	"DurableObjectStorage.list": async ({ storage }) => {
		await filled(storage, "list:");
		same([...(await storage.list({ prefix: "list:", reverse: true, limit: 2 })).keys()], ["list:c", "list:b"]);
		same([...(await storage.list({ startAfter: "list:a", end: "list:c" })).keys()], ["list:b"]);
	},
	"DurableObjectStorage.put": async ({ storage }) => {
		await storage.put("put", new Map([["key", new Date(0)]]));
		same((await storage.get("put")).get("key").getTime(), 0);
	},
	"DurableObjectStorage.delete": async ({ storage }) => {
		await filled(storage, "delete:");
		same([await storage.delete("delete:a"), await storage.delete("delete:a")], [true, false]);
		same(await storage.delete(["delete:b", "delete:c"]), 2);
	},
	"DurableObjectStorage.deleteAll": async ({ storage }) => {
		await filled(storage, "all:");
		await storage.deleteAll();
		same((await storage.list()).size, 0);
	},
	"DurableObjectStorage.transaction": async ({ storage }) => {
		same(await storage.transaction(async (txn) => (await txn.put("txn", 1), 5)), 5);
		await fails(() => storage.transaction(async (txn) => (await txn.put("txn", 2), Promise.reject(new Error("no")))));
		same(await storage.get("txn"), 1);
	},
	"DurableObjectStorage.getAlarm": async ({ storage }) => same(await storage.getAlarm(), null),
	"DurableObjectStorage.setAlarm": async ({ storage }) => {
		const at = Date.now() + 60_000;
		await storage.setAlarm(at);
		same(await storage.getAlarm(), at);
		await storage.deleteAlarm();
	},
	"DurableObjectStorage.deleteAlarm": async ({ storage }) => {
		await storage.setAlarm(Date.now() + 60_000);
		await storage.deleteAlarm();
		same(await storage.getAlarm(), null);
	},
	"DurableObjectStorage.sync": async ({ storage }) => {
		storage.put("synced", 1);
		same(await storage.sync(), undefined);
	},
	"DurableObjectStorage.sql": ({ storage }) => same(storage.sql.exec("SELECT 1 AS one").one(), { one: 1 }),
	"DurableObjectStorage.kv": ({ storage }) => same(typeof storage.kv.get, "function"),
	"DurableObjectStorage.transactionSync": ({ storage }) => {
		storage.sql.exec("CREATE TABLE IF NOT EXISTS synchronous (x)");
		try {
			storage.transactionSync(() => {
				storage.sql.exec("INSERT INTO synchronous VALUES (1)");
				throw new Error("back");
			});
		} catch {}
		same(storage.sql.exec("SELECT count(*) AS n FROM synchronous").one().n, 0);
		same(storage.transactionSync(() => 3), 3);
	},
	"DurableObjectStorage.getCurrentBookmark": async ({ storage }) => holds((await storage.getCurrentBookmark()).length > 0),
	"DurableObjectStorage.getBookmarkForTime": async ({ storage }) => {
		await storage.put("before", 1);
		await storage.sync();
		// Times are rounded, so an object of this moment has none yet.
		holds(await eventually(() => storage.getBookmarkForTime(Date.now()).catch(() => null)));
	},
	...Object.fromEntries(
		["get", "list", "put", "delete", "getAlarm", "setAlarm", "deleteAlarm"].map((method) => [
			`DurableObjectTransaction.${method}`,
			async ({ storage }) => {
				await filled(storage, "in:");
				await storage.transaction(async (txn) => {
					const at = Date.now() + 60_000;
					if (method === "get") same(await txn.get("in:a"), 1);
					if (method === "list") same((await txn.list({ prefix: "in:" })).size, 3);
					if (method === "put") same((await txn.put("in:d", 4), await txn.get("in:d")), 4);
					if (method === "delete") same(await txn.delete("in:a"), true);
					if (method === "getAlarm") same(await txn.getAlarm(), null);
					if (method === "setAlarm") same((await txn.setAlarm(at), await txn.getAlarm()), at);
					if (method === "deleteAlarm") same((await txn.deleteAlarm(), await txn.getAlarm()), null);
				});
				await storage.deleteAlarm();
			},
		]),
	),
	"DurableObjectTransaction.rollback": async ({ storage }) => {
		await storage.put("rolled", 1);
		await storage.transaction(async (txn) => (await txn.put("rolled", 2), txn.rollback()));
		same(await storage.get("rolled"), 1);
	},
	"SqlStorage.exec": ({ storage: { sql } }) => {
		sql.exec("CREATE TABLE IF NOT EXISTS t (a INTEGER, b TEXT)");
		same(sql.exec("INSERT INTO t VALUES (?, ?) RETURNING a, b", 1, "x").one(), { a: 1, b: "x" });
	},
	"SqlStorage.databaseSize": ({ storage: { sql } }) => holds(sql.databaseSize > 0),
	"SqlStorage.Cursor": ({ storage: { sql } }) => holds(sql.exec("SELECT 1") instanceof sql.Cursor),
	"SqlStorage.Statement": ({ storage: { sql } }) => same(typeof sql.Statement, "function"),
	"SqlStorageCursor.next": ({ storage }) => same(rows(storage).next(), { done: false, value: { a: 1, b: "x" } }),
	"SqlStorageCursor.toArray": ({ storage }) => same(rows(storage).toArray(), [{ a: 1, b: "x" }, { a: 2, b: "y" }]),
	"SqlStorageCursor.one": async ({ storage }) => fails(() => rows(storage).one()),
	"SqlStorageCursor.raw": ({ storage }) => same([...rows(storage).raw()], [[1, "x"], [2, "y"]]),
	"SqlStorageCursor.columnNames": ({ storage }) => same(rows(storage).columnNames, ["a", "b"]),
	"SqlStorageCursor.rowsRead": ({ storage }) => same(typeof rows(storage).rowsRead, "number"),
	"SqlStorageCursor.rowsWritten": ({ storage }) => same(rows(storage).rowsWritten, 0),
	"SyncKvStorage.get": ({ storage: { kv } }) => (kv.put("s", { a: 1 }), same(kv.get("s"), { a: 1 })),
	"SyncKvStorage.put": ({ storage: { kv } }) => same(kv.put("s", 2), undefined),
	"SyncKvStorage.delete": ({ storage: { kv } }) => (kv.put("s", 3), same([kv.delete("s"), kv.delete("s")], [true, false])),
	"SyncKvStorage.list": ({ storage: { kv } }) => (kv.put("sl", 1), same([...kv.list({ prefix: "sl" })], [["sl", 1]])),
};

const within = (name) => async ({ env: { OBJECTS } }) => {
	const problem = await OBJECTS.getByName(`inside ${name}`).probe(name);
	if (problem !== null) throw new Error(problem);
};

export default { ...outside, ...Object.fromEntries(Object.keys(inside).map((name) => [name, within(name)])) };

