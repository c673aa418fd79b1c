// The Cache API, called.
import { same } from "./expect.js";

const lasting = (body) => new Response(body, { headers: { "cache-control": "max-age=60" } });
const url = (name) => `http://compat.test/${name}`;

export default {
	"CacheStorage.open": async () => {
		const cache = await caches.open("compat");
		await cache.put(url("open"), lasting("open"));
		same(await (await cache.match(url("open"))).text(), "open");
		same(await caches.default.match(url("open")), undefined);
	},
	"CacheStorage.default": async () => {
		await caches.default.put(url("default"), lasting("default"));
		same(await (await caches.default.match(url("default"))).text(), "default");
	},
	"Cache.put": async () => {
		same(await caches.default.put(new Request(url("put")), lasting("put")), undefined);
		same(await (await caches.default.match(url("put"))).text(), "put");
	},
	"Cache.match": async () => {
		await caches.default.put(url("match"), lasting("0123456789"));
		const part = await caches.default.match(new Request(url("match"), { headers: { range: "bytes=0-1" } }));
		same([part.status, await part.text()], [206, "01"]);
		same(await caches.default.match(url("nothing")), undefined);
	},
	"Cache.delete": async () => {
		await caches.default.put(url("delete"), lasting("delete"));
		same([await caches.default.delete(url("delete")), await caches.default.delete(url("delete"))], [true, false]);
	},
};
