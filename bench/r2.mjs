// R2 of cellhouse beside that of miniflare and beside `dd`: same machine, same run, same program. See README.md.

import { rmSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { count } from "./lib/options.mjs";
import { checkInstalled, cleanUp } from "./lib/peers.mjs";
import { compare } from "./lib/r2/figures.mjs";
import { disk, round, sample } from "./lib/r2/measure.mjs";
import { peers } from "./lib/r2/peers.mjs";
import { short, table } from "./lib/report.mjs";

const USAGE = `node r2.mjs [BINARY] [--only NAME] [--quick] [--rounds N] [--json]

  BINARY       the cellhouse to measure (default: ../target/release/cellhouse)
  --only       ${peers.map((peer) => peer.name).join(" or ")}
  --quick      a look at everything in a minute; the figures mean little
  --rounds     how often the peers take turns (default 3, with --quick 1)
  --json       print the figures, and all that they come from, as JSON`;

const FULL = { seconds: 5, times: 3 };
const QUICK = { seconds: 2, times: 1 };
const LARGE_MIB = 100;

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

function report({ figures, failed }, about) {
  const names = Object.keys(failed);
  const head = ["", ...names, "better", "of the disk", "target", "reached"];
  const rows = figures.map(({ what, medians, ratio, share, target, reached }) => [
    what,
    ...names.map((name) => (medians[name] === undefined ? "" : short(medians[name]))),
    Number.isFinite(ratio) ? `${short(ratio)}x` : "",
    Number.isFinite(share) ? short(share) : "",
    target,
    reached === undefined ? "" : reached ? "yes" : "NO",
  ]);
  const lines = names.filter((name) => failed[name]).map((name) => `${name}: ${failed[name]} requests failed under load`);
  return [about, table([head, ...rows]), lines.join("\n")].filter(Boolean).join("\n\n") + "\n";
}

const say = (text) => process.stderr.write(`${text}\n`);

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  checkInstalled(options.chosen, options.binary);
  process.on("exit", cleanUp);
  const about = `${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, load ${loadavg()[0].toFixed(1)} at the start; median of ${options.rounds}`;
  const file = sample(path.join(import.meta.dirname, ".work/r2"), LARGE_MIB);
  const found = Object.fromEntries([...options.chosen.map((peer) => peer.name), "disk"].map((name) => [name, []]));
  for (let turn = 1; turn <= options.rounds; turn++) {
    say(`disk: round ${turn} of ${options.rounds}`);
    found.disk.push(await disk(file, options.sizes));
    for (const peer of options.chosen) {
      say(`${peer.name}: round ${turn} of ${options.rounds}`);
      found[peer.name].push(await round(peer, options.binary, file, options.sizes));
    }
  }
  rmSync(file);
  const compared = compare(found);
  process.stdout.write(options.json ? `${JSON.stringify({ about, ...compared, found }, null, 2)}\n` : report(compared, about));
}

main().catch((error) => {
  say(`bench: ${error.message}`);
  process.exitCode = 1;
});
