// What was measured of objects as one list of figures, medians over the rounds, each with its target.

import { median } from "../figures.mjs";

const perSecond = (name) => (round) => round[name]?.perSecond;

/** Each figure: its words, how it is found in a round, and what the project set out to reach. `times` is against workerd. */
export const FIGURES = [
  { what: "one object: increments/s", of: perSecond("increment"), more: true, times: 4 },
  { what: "one object: reads/s", of: perSecond("read"), more: true, times: 3 },
  { what: "many objects in turn: increments/s", of: perSecond("manyIncrement"), more: true, times: 6 },
  { what: "many objects in turn: reads/s", of: perSecond("manyRead"), more: true, times: 6 },
  { what: "one event: get, each awaited, /s", of: (round) => round.getEach, more: true },
  { what: "one event: get, 1,000 at once, /s", of: (round) => round.getTogether, more: true, least: 300_000 },
  { what: "one event: put, each awaited, /s", of: (round) => round.putEach, more: true },
  { what: "one event: put, all at once, /s", of: (round) => round.putTogether, more: true, least: 100_000 },
  { what: "first request to a new object, reading, ms", of: (round) => round.coldRead, most: 3 },
  { what: "first request to a new object, writing, ms", of: (round) => round.coldWrite, most: 3 },
  { what: "first request to an evicted one of 100 KB, ms", of: (round) => round.evicted, most: 5 },
  { what: "RPC between two objects, ms", of: (round) => round.call, most: 0.3 },
  { what: "one room: messages delivered/s", of: (round) => round.fanOut, more: true, least: 100_000 },
  { what: "idle resident object, bytes", of: (round) => round.objectBytes },
  { what: "hibernated socket, bytes", of: (round) => round.socketBytes, most: 5 * 1024 },
];

/** Requests under load that were not answered well, of all rounds. */
const failed = (rounds) =>
  rounds.flatMap((round) => Object.values(round)).reduce((sum, figure) => sum + (figure?.failed ?? 0), 0);

/** For each figure the median of each peer, cellhouse against workerd (above 1 is better), and whether the target is reached. */
export function compare(found) {
  const names = Object.keys(found);
  const figures = FIGURES.map(({ what, of, more = false, times, least, most }) => {
    const medians = Object.fromEntries(names.map((name) => [name, median(found[name].map(of).filter(Number.isFinite))]));
    const { cellhouse, workerd } = medians;
    const ratio = more ? cellhouse / workerd : workerd / cellhouse;
    const checks = [
      times !== undefined && { target: `>= ${times}x`, measured: ratio, reached: ratio >= times },
      least !== undefined && { target: `>= ${least}`, measured: cellhouse, reached: cellhouse >= least },
      most !== undefined && { target: `<= ${most}`, measured: cellhouse, reached: cellhouse <= most },
    ];
    const check = checks.find(Boolean);
    return { what, medians, ratio, target: check?.target, reached: Number.isFinite(check?.measured) ? check.reached : undefined };
  });
  return { figures, failed: Object.fromEntries(names.map((name) => [name, failed(found[name])])) };
}
