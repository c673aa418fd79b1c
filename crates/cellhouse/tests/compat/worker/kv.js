// Workers KV, called.
import { holds, same, text } from "./expect.js";

export default {
	"KVNamespace.get": async ({ env: { KV } }) => {
		await KV.put("get", '{"a":1}');
		same(await KV.get("get"), '{"a":1}');
		same(await KV.get("get", "json"), { a: 1 });
		same(text(await KV.get("get", { type: "arrayBuffer", cacheTtl: 60 })), '{"a":1}');
		same(await new Response(await KV.get("get", "stream")).text(), '{"a":1}');
		same([...(await KV.get(["get", "none"])).entries()], [["get", '{"a":1}'], ["none", null]]);
		same(await KV.get("none"), null);
	},
	"KVNamespace.list": async ({ env: { KV } }) => {
		await Promise.all(["a", "b", "c"].map((name) => KV.put(`list:${name}`, "x", { metadata: { name } })));
		const first = await KV.list({ prefix: "list:", limit: 2 });
		same(first.list_complete, false);
		same(first.keys, [{ name: "list:a", metadata: { name: "a" } }, { name: "list:b", metadata: { name: "b" } }]);
		const last = await KV.list({ prefix: "list:", cursor: first.cursor });
		same(last.keys.map(({ name }) => name), ["list:c"]);
		same(last.list_complete, true);
	},
	"KVNamespace.put": async ({ env: { KV } }) => {
		const expiration = Math.floor(Date.now() / 1000) + 600;
		await KV.put("put:1", new Uint8Array([104, 105]), { expiration, metadata: 7 });
		await KV.put("put:2", new Blob(["stream"]).stream(), { expirationTtl: 60 });
		same(await KV.get("put:1"), "hi");
		same(await KV.get("put:2"), "stream");
		const { keys } = await KV.list({ prefix: "put:1" });
		same(keys, [{ name: "put:1", expiration, metadata: 7 }]);
	},
	"KVNamespace.getWithMetadata": async ({ env: { KV } }) => {
		await KV.put("with", "value", { metadata: { a: [1] } });
		same(await KV.getWithMetadata("with"), { value: "value", metadata: { a: [1] }, cacheStatus: null });
		const many = await KV.getWithMetadata(["with", "without"]);
		same(many.get("with").metadata, { a: [1] });
		same(many.get("without")?.value ?? null, null);
	},
	"KVNamespace.delete": async ({ env: { KV } }) => {
		await KV.put("gone", "x");
		same(await KV.delete("gone"), undefined);
		same(await KV.get("gone"), null);
		holds(await KV.delete("never").then(() => true));
	},
};
