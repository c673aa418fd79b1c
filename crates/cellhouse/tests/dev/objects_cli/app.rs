//! The app whose objects the tests look at: a class with everything that an object can have, and one
//! without objects.

/// Its `wrangler.toml`.
pub(super) const CONFIG: &str = r#"
name = "things"
main = "index.js"
compatibility_date = "2026-07-01"
[[durable_objects.bindings]]
name = "THINGS"
class_name = "Thing"
[[durable_objects.bindings]]
name = "OTHERS"
class_name = "Other"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Thing", "Other"]
"#;

/// Its code: `/<name>/<what>` is for the Thing of that name.
pub(super) const THINGS: &str = r#"
import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {}

export class Thing extends DurableObject {
  uses = 0;

  async fetch(request) {
    const { storage } = this.ctx;
    switch (new URL(request.url).pathname.split("/")[2]) {
      case "fill":
        storage.sql.exec("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, data BLOB, size REAL)");
        storage.sql.exec("INSERT INTO notes VALUES (9007199254740993, 'a\u001b[2J', x'00ff', 1.5)");
        storage.sql.exec("INSERT INTO notes (size) VALUES (9e999)");
        await storage.put({
          count: 3,
          deep: { list: [1, "two", null, 0.5], when: new Date(0) },
          map: new Map([["a", 1n]]),
        });
        break;
      case "notes":
        return Response.json(storage.sql.exec("SELECT count(*) AS n FROM notes").one().n);
      case "put":
        await storage.put("count", 1);
        break;
      case "alarm":
        await storage.setAlarm(Date.now() + 3_600_000);
        break;
      case "spoil":
        await storage.put("fails", true);
        break;
      case "state":
        return Response.json({
          uses: ++this.uses,
          count: await storage.get("count") ?? null,
          alarms: await storage.get("alarms") ?? 0,
        });
      case "slow":
        await storage.transaction(async (txn) => {
          await txn.put("left", 1);
          console.log("half");
          await scheduler.wait(300);
          await txn.put("right", 1);
        });
        break;
      case "socket": {
        const [client, server] = Object.values(new WebSocketPair());
        this.ctx.acceptWebSocket(server);
        return new Response(null, { status: 101, webSocket: client });
      }
    }
    return new Response("done");
  }

  webSocketMessage(socket) {
    socket.send(`${++this.uses}`);
  }

  async alarm() {
    const { storage } = this.ctx;
    if (await storage.get("fails")) throw new Error("not today");
    await storage.put("alarms", (await storage.get("alarms") ?? 0) + 1);
  }
}

export default {
  async fetch(request, { THINGS, OTHERS }) {
    const { pathname } = new URL(request.url);
    if (pathname === "/other-id") return new Response(`${OTHERS.newUniqueId()}`);
    if (pathname === "/many") {
      for (let i = 0; i < 600; i++) await THINGS.getByName(`many-${i}`).fetch("http://do/x/put");
      return new Response("done");
    }
    const [, name, what] = pathname.split("/");
    const eu = name.startsWith("eu:");
    const namespace = eu ? THINGS.jurisdiction("eu") : THINGS;
    return namespace.getByName(eu ? name.slice(3) : name).fetch(`http://do/x/${what}`, request);
  },
};
"#;
