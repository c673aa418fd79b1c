// Runs services_cases.mjs and services_other.mjs on miniflare and prints what the first answers. With a folder as its
// argument: services_further_cases.mjs beside these, and services_files.mjs with the folder's files in front of it.

import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const read = (file) => readFileSync(new URL(file, import.meta.url), "utf8");
const common = { modules: true, compatibilityDate: "2026-07-01", cf: false };
const named = (entrypoint, props) => ({ name: "main", entrypoint, props });
const durableObjects = { THING: { className: "Thing", useSQLite: true } };
const [directory] = process.argv.slice(2);

const cases = () => [
  {
    ...common,
    name: "main",
    script: read("services_cases.mjs"),
    durableObjects,
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
];

const files = (name, router) => ({
  ...common,
  name,
  script: read("services_files.mjs"),
  assets: {
    workerName: name,
    directory,
    routerConfig: { has_user_worker: true, ...router },
    assetConfig: { html_handling: "auto-trailing-slash", not_found_handling: "404-page" },
  },
});

const furtherCases = () => [
  {
    ...common,
    name: "main",
    compatibilityFlags: ["service_binding_extra_handlers"],
    script: read("services_further_cases.mjs"),
    bindings: { VAR: "variable" },
    durableObjects,
    serviceBindings: {
      OTHER: "other",
      SELF: "main",
      NAMED: named("Named"),
      HANDLERS: named("handlers"),
      THROWING: named("Throwing"),
      EMPTY: named("Empty"),
      FILES: "files",
      FILES_NAMED: { name: "files", entrypoint: "Named" },
      FIRST: "first",
    },
  },
  { ...common, name: "other", script: read("services_other.mjs") },
  files("files", {}),
  files("first", { invoke_user_worker_ahead_of_assets: true }),
];

const miniflare = new Miniflare({ workers: directory === undefined ? cases() : furtherCases() });
const response = await miniflare.dispatchFetch("http://localhost/");
console.log(await response.text());
await miniflare.dispose();
