// What was measured of D1 as one list of figures, medians over the rounds, each with its target.

import { median } from "../figures.mjs";

const perSecond = (name) => (round) => round[name]?.perSecond;

/** Each figure: its words, how it is found in a round, and what the project set out to reach. `times` is against miniflare. */
export const FIGURES = [
  { what: "one request: point selects, each awaited, /s", of: (round) => round.select, more: true, times: 10 },
  { what: "one request: inserts, each awaited, /s", of: (round) => round.insert, more: true },
  { what: "one request: batches of 100 inserts, /s", of: (round) => round.batch, more: true, times: 10 },
  { what: "requests with a point select/s", of: perSecond("selectRequests"), more: true },
  { what: "requests with a durable insert/s", of: perSecond("insertRequests"), more: true, times: 10 },
  { what: "p99 of point selects, ms", of: (round) => round.alone },
  { what: "p99 while a query of 10 s runs, ms", of: (round) => round.beside },
  { what: "the one by the other", of: (round) => round.beside / round.alone, most: 2 },
];

/** Requests under load that were not answered well, of all rounds. */
const failed = (rounds) =>
  rounds.flatMap((round) => Object.values(round)).reduce((sum, figure) => sum + (figure?.failed ?? 0), 0);

/** For each figure the median of each peer, cellhouse against miniflare (above 1 is better), and whether the target is reached. */
export function compare(found) {
  const names = Object.keys(found);
  const figures = FIGURES.map(({ what, of, more = false, times, most }) => {
    const medians = Object.fromEntries(names.map((name) => [name, median(found[name].map(of).filter(Number.isFinite))]));
    const { cellhouse, miniflare } = medians;
    const ratio = more ? cellhouse / miniflare : miniflare / cellhouse;
    const checks = [
      times !== undefined && { target: `>= ${times}x`, measured: ratio, reached: ratio >= times },
      most !== undefined && { target: `<= ${most}`, measured: cellhouse, reached: cellhouse <= most },
    ];
    const check = checks.find(Boolean);
    return { what, medians, ratio, target: check?.target, reached: Number.isFinite(check?.measured) ? check.reached : undefined };
  });
  return { figures, failed: Object.fromEntries(names.map((name) => [name, failed(found[name])])) };
}
