import { createStorage, prefixStorage } from "unstorage";
import kv from "unstorage/drivers/cloudflare-kv-binding";
import r2 from "unstorage/drivers/cloudflare-r2-binding";
import memory from "unstorage/drivers/memory";
import overlay from "unstorage/drivers/overlay";
import { equal, program } from "./check";

async function behaves(storage: ReturnType<typeof createStorage>) {
  await storage.clear();
  await storage.setItem("users:ada", { age: 36 });
  await storage.setItem("users:bob", "text");
  await storage.setItem("other", 42);
  equal(await storage.getItem("users:ada"), { age: 36 });
  equal(await storage.hasItem("users:eve"), false);
  equal(await storage.getItem("users:eve"), null);
  equal((await storage.getKeys()).sort(), ["other", "users:ada", "users:bob"]);
  equal((await storage.getKeys("users")).sort(), ["users:ada", "users:bob"]);
  const users = prefixStorage(storage, "users");
  equal(await users.getItem("bob"), "text");
  equal((await storage.getItems(["users:ada", "other"])).map((item) => item.value), [{ age: 36 }, 42]);
  await storage.setItemRaw("raw", new Uint8Array([1, 2, 3]));
  equal([...new Uint8Array((await storage.getItemRaw("raw", { type: "bytes" })) as ArrayBuffer)], [1, 2, 3]);
  await storage.removeItem("users:ada");
  equal(await storage.hasItem("users:ada"), false);
  await storage.clear();
  equal(await storage.getKeys(), []);
}

export default program({
  "cloudflare-kv-binding": (env) => behaves(createStorage({ driver: kv({ binding: env.KV, base: "kv" }) })),
  "cloudflare-r2-binding": (env) => behaves(createStorage({ driver: r2({ binding: env.BUCKET, base: "r2" }) })),
  async "bindings by name"(env) {
    (globalThis as any).__env__ = env;
    const storage = createStorage({ driver: kv({ binding: "KV" }) });
    await storage.setItem("named", "x");
    equal(await storage.getItem("named"), "x");
  },
  async "mounts, overlay"(env) {
    const storage = createStorage({ driver: memory() });
    storage.mount("kv", kv({ binding: env.KV, base: "mounted" }));
    await storage.setItem("kv:a", 1);
    equal(await env.KV.get("mounted:a"), "1");
    const layered = createStorage({ driver: overlay({ layers: [memory(), kv({ binding: env.KV, base: "mounted" })] }) });
    equal(await layered.getItem("a"), 1);
  },
});
