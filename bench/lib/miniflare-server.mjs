// Runs the bench's worker on miniflare: node miniflare-server.mjs ENTRY PORT KV_FOLDER. Started by peers.mjs with Node 22.

import { buildSync } from "esbuild";
import { Miniflare } from "miniflare";

const [entry, port, kvPersist] = process.argv.slice(2);
const { outputFiles } = buildSync({ entryPoints: [entry], bundle: true, format: "esm", write: false });

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: Number(port),
  modules: true,
  script: outputFiles[0].text,
  compatibilityDate: "2026-07-01",
  kvNamespaces: ["STATE"],
  kvPersist,
  cf: false,
});
await miniflare.ready;

process.once("SIGTERM", async () => {
  await miniflare.dispose();
  process.exit(0);
});
