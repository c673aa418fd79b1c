// Prints what `<name>_cases.mjs` answers on miniflare, as JSON: node cases_miniflare.mjs NAME
import { join } from "node:path";
import { Miniflare } from "miniflare";

const root = import.meta.dirname;
const miniflare = new Miniflare({
  modulesRoot: root,
  modules: [{ type: "ESModule", path: join(root, `${process.argv[2]}_cases.mjs`) }],
  compatibilityDate: "2026-07-01",
  compatibilityFlags: ["nodejs_compat"],
  bindings: { TEXT: "text", DATA: { a: 1 } },
});
try {
  const response = await miniflare.dispatchFetch("http://differential.test/");
  // What a Worker prints is before it.
  console.log(`\n${await response.text()}`);
} finally {
  await miniflare.dispose();
}
