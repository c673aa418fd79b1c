// Cellhouse beside ploy dev, miniflare and workerd: same machine, same run, same worker. See README.md.

import { cpus, loadavg, release } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { summarize } from "./lib/figures.mjs";
import { growth, reloads, round, starts } from "./lib/measure.mjs";
import { count } from "./lib/options.mjs";
import { checkInstalled, cleanUp, peers } from "./lib/peers.mjs";
import { report } from "./lib/report.mjs";

const USAGE = `node run.mjs [BINARY] [--only NAMES] [--quick] [--rounds N] [--seconds N] [--json]

  BINARY       the cellhouse to measure (default: ../target/release/cellhouse)
  --only       some of ${peers.map((peer) => peer.name).join(", ")}, with commas
  --quick      a look at everything in a few minutes; the figures mean little
  --rounds     how often the peers take turns (default 3, with --quick 1)
  --seconds    load on each route in each round (default 5, with --quick 1)
  --json       print the figures, and all that they come from, as JSON`;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return { help: true };
  if (positionals.length > 1) throw new Error(`one binary is enough, not ${positionals.join(" ")}`);
  const names = values.only?.split(",") ?? peers.map((peer) => peer.name);
  const unknown = names.find((name) => !peers.some((peer) => peer.name === name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${peers.map((peer) => peer.name).join(", ")}`);
  const { quick, json } = values;
  return {
    json,
    binary: path.resolve(positionals[0] ?? path.join(import.meta.dirname, "../target/release/cellhouse")),
    chosen: peers.filter((peer) => names.includes(peer.name)),
    rounds: count("--rounds", values.rounds ?? (quick ? "1" : "3"), 100),
    seconds: count("--seconds", values.seconds ?? (quick ? "1" : "5"), 600),
    starts: quick ? 3 : 10,
    reloads: quick ? { idle: 1, busy: 1 } : { idle: 5, busy: 3 },
    requests: quick ? { first: 10_000, last: 100_000 } : { first: 100_000, last: 1_000_000 },
  };
}

const say = (text) => process.stderr.write(`${text}\n`);

async function measure(options) {
  const found = Object.fromEntries(options.chosen.map((peer) => [peer.name, { starts: [], rounds: [] }]));
  for (const peer of options.chosen) {
    say(`${peer.name}: ${options.starts} starts`);
    found[peer.name].starts = await starts(peer, options.binary, options.starts);
  }
  for (let turn = 1; turn <= options.rounds; turn++) {
    for (const peer of options.chosen) {
      say(`${peer.name}: round ${turn} of ${options.rounds}`);
      found[peer.name].rounds.push(await round(peer, options.binary, options.seconds));
    }
  }
  for (const peer of options.chosen.filter((peer) => peer.reloads)) {
    say(`${peer.name}: reloads`);
    found[peer.name].reload = await reloads(peer, options.binary, options.reloads);
  }
  for (const peer of options.chosen.filter((peer) => peer.name === "cellhouse")) {
    say(`${peer.name}: ${options.requests.last} requests`);
    found[peer.name].growth = await growth(peer, options.binary, options.requests);
  }
  return found;
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  checkInstalled(options.chosen, options.binary);
  // After the handler of lib/processes.mjs, which ends the servers.
  process.on("exit", cleanUp);
  const load = loadavg()[0].toFixed(1);
  const about = `${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, load ${load} at the start; wrk -t1 -c16 -d${options.seconds}s, median of ${options.rounds}`;
  const found = await measure(options);
  const summaries = Object.fromEntries(Object.entries(found).map(([name, raw]) => [name, summarize(raw)]));
  process.stdout.write(options.json ? `${JSON.stringify({ about, summaries, found }, null, 2)}\n` : report(summaries, about));
}

main().catch((error) => {
  say(`bench: ${error.message}`);
  process.exitCode = 1;
});
