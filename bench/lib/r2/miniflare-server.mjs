// Runs the R2 worker on miniflare: node miniflare-server.mjs ENTRY PORT FOLDER. Started by peers.mjs with Node 22.

import { buildSync } from "esbuild";
import { Miniflare } from "miniflare";

const [entry, port, r2Persist] = process.argv.slice(2);
const { outputFiles } = buildSync({ entryPoints: [entry], bundle: true, format: "esm", write: false });

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: Number(port),
  modules: true,
  script: outputFiles[0].text,
  compatibilityDate: "2026-07-01",
  r2Buckets: ["BUCKET"],
  r2Persist,
  cf: false,
});
await miniflare.ready;

process.once("SIGTERM", async () => {
  await miniflare.dispose();
  process.exit(0);
});
