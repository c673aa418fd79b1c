// What the bench makes of wrk's words and of its own measurements. Run with: node --test bench/test/

import assert from "node:assert/strict";
import test from "node:test";

import { median, summarize, targets } from "../lib/figures.mjs";
import { parse } from "../lib/load.mjs";
import { report } from "../lib/report.mjs";

const WRK = `Running 5s test @ http://127.0.0.1:8787/plain
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.91ms    3.22ms  80.14ms   97.50%
    Req/Sec    10.12k     1.90k   13.48k    74.00%
  Latency Distribution
     50%  987.00us
     75%    1.74ms
     90%    3.40ms
     99%    1.05s
  50396 requests in 5.01s, 6.20MB read
Requests/sec:  10059.77
Transfer/sec:      1.24MB
`;

test("wrk's report is read, in every unit", () => {
  assert.deepEqual(parse(WRK), { perSecond: 10059.77, requests: 50396, p50: 0.987, p99: 1050, failed: 0 });
});

test("everything that wrk calls an error counts as failed", () => {
  const broken = `${WRK}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 10\n`;
  assert.equal(parse(broken).failed, 20);
});

test("medians", () => {
  assert.equal(median([]), undefined);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

const round = (perSecond) => ({
  routes: { "/plain": { perSecond, p50: 1, p99: 2, failed: 0 } },
  memory: { rss: 50, pss: 40 },
});
const cellhouse = summarize({
  starts: [100, 200, 400].map((firstResponse) => ({ firstResponse, rss: 61, pss: 50 })),
  rounds: [round(90), round(300), round(100)],
  reload: { times: [100, 120, 500], requests: 1000, failures: ["ECONNREFUSED"] },
  growth: { marks: [{ requests: 100_000, rss: 50, pss: 45 }, { requests: 1_000_000, rss: 60, pss: 55 }], failed: 0 },
});

test("targets are reached or not by the medians", () => {
  const found = targets({ cellhouse, ploy: summarize({ rounds: [round(50)] }), workerd: summarize({ rounds: [round(80)] }) });
  const reached = Object.fromEntries(found.map(({ what, measured, reached }) => [what, [measured, reached]]));
  assert.deepEqual(reached, {
    "/plain, times ploy": [2, true],
    "/plain, times workerd": [1.25, false],
    "command to first response, ms": [200, true],
    "resident at first response, MB": [61, false],
    "edit to new response, ms": [120, true],
    "requests failed while reloading": [1, false],
    "memory after all requests / after the first tenth": [1.2, true],
  });
});

test("a report shows what was measured and leaves the rest empty", () => {
  const text = report({ cellhouse, ploy: summarize({ rounds: [round(50)] }) }, "about");
  assert.match(text, /^\/plain +100 \(1\.00 \/ 2\.00\) +50 \(1\.00 \/ 2\.00\) +2\.00x$/m);
  assert.match(text, /^\/state\/update$/m);
  assert.match(text, /^resident at first response, MB +<= 60 +61\.0 +NO$/m);
  assert.doesNotMatch(text, /NaN|undefined/);
});
