// Load by wrk: one thread, 16 connections, as in every figure of this project.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const CONNECTIONS = 16;

/** Requests per second, times in ms and failures of `seconds` of load on one URL. */
export async function load(port, path, seconds, script = []) {
  const url = `http://127.0.0.1:${port}${path}`;
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--latency", ...script, url];
  const { stdout } = await run("wrk", args, { timeout: (seconds + 30) * 1000 }).catch(explain);
  return parse(stdout);
}

function explain(error) {
  if (error.code === "ENOENT") throw new Error("wrk is not installed: apt-get install wrk");
  throw error;
}

export function parse(text) {
  const number = (pattern) => Number(text.match(pattern)?.[1] ?? 0);
  const refused = text.match(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/) ?? [];
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    p50: milliseconds(text, "50%"),
    p99: milliseconds(text, "99%"),
    failed: refused.slice(1).reduce((sum, part) => sum + Number(part), number(/Non-2xx or 3xx responses: (\d+)/)),
  };
}

function milliseconds(text, percentile) {
  const [, value, unit] = text.match(new RegExp(`${percentile}\\s+([\\d.]+)(us|ms|s|m)\\b`)) ?? [];
  return Number(value) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit];
}
