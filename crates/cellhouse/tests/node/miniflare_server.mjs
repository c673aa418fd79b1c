// Runs a Worker with Durable Objects on workerd: node miniflare_server.mjs FOLDER BINDING=CLASS...
// FOLDER holds ES modules, `index.js` first. Tells its URL as `{"event":"ready","url":...}`, and ends when its
// standard input does.

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Miniflare } from "miniflare";

const [folder, ...bindings] = process.argv.slice(2);
const root = resolve(folder);
const files = readdirSync(root, { recursive: true }).filter((file) => file.endsWith(".js"));
const modules = ["index.js", ...files.filter((file) => file !== "index.js")]
  .map((file) => ({ type: "ESModule", path: join(root, file) }));
const objects = bindings.map((binding) => binding.split("="))
  .map(([name, className]) => [name, { className, useSQLite: true }]);

const miniflare = new Miniflare({
  modules,
  modulesRoot: root,
  compatibilityDate: "2026-07-01",
  durableObjects: Object.fromEntries(objects),
  cf: false,
});
const url = await miniflare.ready;
console.log(JSON.stringify({ event: "ready", url: url.href }));

process.stdin.resume();
process.stdin.once("end", async () => {
  await miniflare.dispose();
  process.exit(0);
});
