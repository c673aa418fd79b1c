// What the bench makes of its measurements of D1. Run with: node --test bench/test/

import assert from "node:assert/strict";
import test from "node:test";

import { compare } from "../lib/d1/figures.mjs";
import { report } from "../lib/objects/report.mjs";

test("targets are against miniflare, and that of a long query against the same peer", () => {
  const compared = compare({
    cellhouse: [{ select: 3000, batch: 50, insertRequests: { perSecond: 900, failed: 0 }, alone: 2, beside: 5 }],
    miniflare: [{ select: 100, batch: 10, insertRequests: { perSecond: 90, failed: 1 } }],
  });
  const found = Object.fromEntries(compared.figures.map((figure) => [figure.what, figure]));
  assert.equal(found["one request: point selects, each awaited, /s"].reached, true);
  assert.equal(found["one request: batches of 100 inserts, /s"].reached, false);
  assert.equal(found["requests with a durable insert/s"].ratio, 10);
  assert.equal(found["the one by the other"].reached, false);
  assert.deepEqual(compared.failed, { cellhouse: 0, miniflare: 1 });
  const text = report(compared, "about");
  assert.match(text, /^the one by the other +2\.50 +<= 2 +NO$/m);
  assert.doesNotMatch(text, /NaN|undefined/);
});
