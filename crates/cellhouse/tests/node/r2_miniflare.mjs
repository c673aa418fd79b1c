// Runs a Worker with an R2 bucket on miniflare, asks it once, and prints the answer: node r2_miniflare.mjs SCRIPT

import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const miniflare = new Miniflare({
  modules: true,
  script: readFileSync(process.argv[2], "utf8"),
  compatibilityDate: "2026-07-01",
  r2Buckets: ["BUCKET"],
  cf: false,
});
try {
  const answer = await miniflare.dispatchFetch("http://localhost/");
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  process.stdout.write(text);
} finally {
  await miniflare.dispose();
}
