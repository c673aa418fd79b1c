// Builds an app of a folder with Vite, for browsers and for Workers, as Cloudflare's plugin lays it out:
// node vite_build.mjs FOLDER FRAMEWORK. The modules are client.* and worker.*.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import { build } from "vite";

const [folder, framework] = process.argv.slice(2);
const PLUGINS = { react: () => [], svelte: () => [svelte({ configFile: false })], vue: () => [vue()] };
const module = (name) => join(folder, readdirSync(folder).find((file) => file.startsWith(`${name}.`)));
const common = { root: folder, configFile: false, logLevel: "warn" };

await build({
  ...common,
  plugins: PLUGINS[framework](),
  build: {
    outDir: "dist/client",
    rolldownOptions: { input: module("client"), output: { entryFileNames: "client.js", assetFileNames: "[name][extname]" } },
  },
});
await build({
  ...common,
  plugins: PLUGINS[framework](),
  ssr: { noExternal: true, resolve: { conditions: ["workerd", "worker", "module", "browser"] } },
  build: {
    outDir: "dist/server",
    ssr: module("worker"),
    rolldownOptions: { external: [/^cloudflare:/, /^node:/], output: { entryFileNames: "index.js" } },
  },
});
const config = {
  userConfigPath: join(folder, "wrangler.jsonc"),
  topLevelName: framework,
  name: framework,
  main: "index.js",
  compatibility_date: "2026-07-01",
  compatibility_flags: ["nodejs_compat"],
  rules: [{ type: "ESModule", globs: ["**/*.js", "**/*.mjs"] }],
  assets: { directory: "../client" },
  kv_namespaces: [{ binding: "KV" }],
  no_bundle: true,
};
writeFileSync(join(folder, "dist/server/wrangler.json"), JSON.stringify(config));
mkdirSync(join(folder, ".wrangler/deploy"), { recursive: true });
writeFileSync(join(folder, ".wrangler/deploy/config.json"), '{"configPath":"../../dist/server/wrangler.json"}');
