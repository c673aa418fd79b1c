// What was measured of R2 as one list of figures, medians over the rounds, each with its targets.

import { median } from "../figures.mjs";

const perSecond = (name) => (round) => round[name]?.perSecond;

/** Each figure: its words, how it is found in a round, and what is to be reached against miniflare and against the disk. */
export const FIGURES = [
  { what: "put of 1 KiB, /s", of: perSecond("put"), times: 10 },
  { what: "get of 1 KiB, /s", of: perSecond("get"), times: 10 },
  { what: "put of 100 MiB, MB/s", of: (round) => round.largePut, times: 3, ofDisk: 0.5 },
  { what: "get of 100 MiB, MB/s", of: (round) => round.largeGet, times: 3, ofDisk: 0.5 },
  { what: "resident memory afterwards, MB", of: (round) => round.memory },
];

/** For each figure the median of each peer and of the disk, and whether the targets are reached. */
export function compare(found) {
  const names = Object.keys(found);
  const figures = FIGURES.map(({ what, of, times, ofDisk }) => {
    const medians = Object.fromEntries(names.map((name) => [name, median(found[name].map(of).filter(Number.isFinite))]));
    const ratio = times === undefined ? undefined : medians.cellhouse / medians.miniflare;
    const share = ofDisk === undefined ? undefined : medians.cellhouse / medians.disk;
    const targets = [times && `>= ${times}x`, ofDisk && `>= ${ofDisk} of the disk`].filter(Boolean);
    const checks = [times && ratio >= times, ofDisk && share >= ofDisk].filter((check) => typeof check === "boolean");
    const known = [times && ratio, ofDisk && share].filter((value) => value !== undefined);
    const reached = known.length && known.every(Number.isFinite) ? checks.every(Boolean) : undefined;
    return { what, medians, ratio, share, target: targets.join(", "), reached };
  });
  const failed = (rounds) => rounds.flatMap(({ put, get }) => [put, get]).reduce((sum, figure) => sum + (figure?.failed ?? 0), 0);
  return { figures, failed: Object.fromEntries(names.map((name) => [name, failed(found[name])])) };
}
