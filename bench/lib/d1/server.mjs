// Runs the bench's worker on miniflare with a D1 database: node server.mjs ENTRY PORT FOLDER. Started by peers.mjs.

import { buildSync } from "esbuild";
import { Miniflare } from "miniflare";

const [entry, port, d1Persist] = process.argv.slice(2);
const { outputFiles } = buildSync({ entryPoints: [entry], bundle: true, format: "esm", write: false });

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: Number(port),
  modules: true,
  script: outputFiles[0].text,
  compatibilityDate: "2026-07-01",
  d1Databases: { DB: "bench" },
  d1Persist,
  cf: false,
});
await miniflare.ready;

process.once("SIGTERM", async () => {
  await miniflare.dispose();
  process.exit(0);
});
