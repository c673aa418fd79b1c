// D1 of cellhouse beside that of miniflare: same machine, same run, same program. See README.md.

import { cpus, loadavg, release } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { compare } from "./lib/d1/figures.mjs";
import { round } from "./lib/d1/measure.mjs";
import { peers } from "./lib/d1/peers.mjs";
import { report } from "./lib/objects/report.mjs";
import { count } from "./lib/options.mjs";
import { checkInstalled, cleanUp } from "./lib/peers.mjs";

const USAGE = `node d1.mjs [BINARY] [--only NAME] [--quick] [--rounds N] [--json]

  BINARY       the cellhouse to measure (default: ../target/release/cellhouse)
  --only       ${peers.map((peer) => peer.name).join(" or ")}
  --quick      a look at everything in a minute; the figures mean little
  --rounds     how often the peers take turns (default 3, with --quick 1)
  --json       print the figures, and all that they come from, as JSON`;

const FULL = { seconds: 5, selects: 1_000, inserts: 1_000, batches: 20 };
const QUICK = { seconds: 1, selects: 200, inserts: 100, batches: 5 };

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return { help: true };
  if (positionals.length > 1) throw new Error(`one binary is enough, not ${positionals.join(" ")}`);
  const chosen = peers.filter((peer) => [undefined, peer.name].includes(values.only));
  if (chosen.length === 0) throw new Error(`--only ${values.only}: there are ${peers.map((peer) => peer.name).join(", ")}`);
  return {
    chosen,
    binary: path.resolve(positionals[0] ?? path.join(import.meta.dirname, "../target/release/cellhouse")),
    rounds: count("--rounds", values.rounds ?? (values.quick ? "1" : "3"), 100),
    sizes: values.quick ? QUICK : FULL,
    json: values.json,
  };
}

const say = (text) => process.stderr.write(`${text}\n`);

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  checkInstalled(options.chosen, options.binary);
  process.on("exit", cleanUp);
  const about = `${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, load ${loadavg()[0].toFixed(1)} at the start; median of ${options.rounds}`;
  const found = Object.fromEntries(options.chosen.map((peer) => [peer.name, []]));
  for (let turn = 1; turn <= options.rounds; turn++) {
    for (const peer of options.chosen) {
      say(`${peer.name}: round ${turn} of ${options.rounds}`);
      found[peer.name].push(await round(peer, options.binary, options.sizes));
    }
  }
  const compared = compare(found);
  process.stdout.write(options.json ? `${JSON.stringify({ about, ...compared, found }, null, 2)}\n` : report(compared, about));
}

main().catch((error) => {
  say(`bench: ${error.message}`);
  process.exitCode = 1;
});
