// Runs d1_cases.mjs on miniflare and prints what it answers.

import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const miniflare = new Miniflare({
  modules: true,
  script: readFileSync(new URL("d1_cases.mjs", import.meta.url), "utf8"),
  compatibilityDate: "2026-07-01",
  d1Databases: { DB: "main" },
  cf: false,
});
const response = await miniflare.dispatchFetch("http://localhost/");
console.log(await response.text());
await miniflare.dispose();
