// Runs services_cases.mjs and services_other.mjs on miniflare and prints what the first answers.

import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const read = (file) => readFileSync(new URL(file, import.meta.url), "utf8");
const common = { modules: true, compatibilityDate: "2026-07-01", cf: false };
const named = (entrypoint, props) => ({ name: "main", entrypoint, props });

const miniflare = new Miniflare({
  workers: [
    {
      ...common,
      name: "main",
      script: read("services_cases.mjs"),
      durableObjects: { THING: { className: "Thing", useSQLite: true } },
      serviceBindings: {
        OTHER: "other",
        SELF: "main",
        NAMED: named("Named", { from: "config" }),
        NO_FETCH: named("NoFetch"),
        HANDLERS: named("handlers"),
        OTHER_NAMED: { name: "other", entrypoint: "Person" },
      },
    },
    { ...common, name: "other", script: read("services_other.mjs") },
  ],
});
const response = await miniflare.dispatchFetch("http://localhost/");
console.log(await response.text());
await miniflare.dispose();
