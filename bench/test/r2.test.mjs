import assert from "node:assert/strict";
import { test } from "node:test";

import { compare } from "../lib/r2/figures.mjs";

const round = (perSecond, megabytes) => ({
  put: { perSecond, failed: 0 },
  get: { perSecond, failed: 1 },
  largePut: megabytes,
  largeGet: megabytes,
  memory: 100,
});

test("each figure against miniflare and against the disk", () => {
  const found = {
    cellhouse: [round(1000, 300)],
    miniflare: [round(100, 150)],
    disk: [{ largePut: 400, largeGet: 700 }],
  };
  const { figures, failed } = compare(found);
  const [put, , largePut, largeGet, memory] = figures;
  assert.deepEqual([put.ratio, put.reached], [10, true]);
  assert.deepEqual([largePut.ratio, largePut.share, largePut.reached], [2, 0.75, false]);
  assert.equal(largeGet.reached, false);
  assert.equal(memory.reached, undefined);
  assert.deepEqual(failed, { cellhouse: 1, miniflare: 1, disk: 0 });
});

test("without a peer nothing is said to be reached", () => {
  const { figures } = compare({ cellhouse: [round(1, 1)], disk: [{ largePut: 1, largeGet: 1 }] });
  assert.ok(figures.every(({ reached }) => reached === undefined));
});
