// Prints what miniflare answers: node miniflare_answers.mjs OPTIONS PATH...
// OPTIONS is a JSON file of miniflare's options, with the Worker's file as `scriptPath`. Prints one JSON array
// of the bodies, in order.
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const [options, ...paths] = process.argv.slice(2);
const miniflare = new Miniflare({ modules: true, ...JSON.parse(readFileSync(options, "utf8")) });
try {
  const bodies = [];
  for (const path of paths) {
    const response = await miniflare.dispatchFetch(`http://differential.test${path}`);
    bodies.push(await response.text());
  }
  console.log(JSON.stringify(bodies));
} finally {
  await miniflare.dispose();
}
