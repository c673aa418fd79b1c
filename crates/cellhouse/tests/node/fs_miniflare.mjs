// Prints what fs_cases.mjs answers on miniflare, as JSON.
import { join } from "node:path";
import { Miniflare } from "miniflare";

const root = import.meta.dirname;
const miniflare = new Miniflare({
  modulesRoot: root,
  modules: [{ type: "ESModule", path: join(root, "fs_cases.mjs") }],
  compatibilityDate: "2026-07-01",
  compatibilityFlags: ["nodejs_compat"],
  bindings: { TEXT: "text", DATA: { a: 1 } },
});
try {
  const response = await miniflare.dispatchFetch("http://differential.test/");
  console.log(await response.text());
} finally {
  await miniflare.dispose();
}
