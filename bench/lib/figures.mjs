// From raw measurements to the figures that are compared, and the targets of the project for them.

import { ROUTES } from "./peers.mjs";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One peer's figures: medians over its starts, rounds and reloads. */
export function summarize({ starts = [], rounds = [], reload, growth }) {
  const routes = {};
  for (const route of ROUTES) {
    const found = rounds.map((round) => round.routes[route]).filter(Boolean);
    if (found.length === 0) continue;
    routes[route] = {
      perSecond: median(found.map((figure) => figure.perSecond)),
      p50: median(found.map((figure) => figure.p50)),
      p99: median(found.map((figure) => figure.p99)),
      failed: found.reduce((sum, figure) => sum + figure.failed, 0),
    };
  }
  const of = (list, name) => median(list.map((figure) => figure[name]));
  const loaded = rounds.map((round) => round.memory);
  return {
    routes,
    firstResponse: of(starts, "firstResponse"),
    atStart: { rss: of(starts, "rss"), pss: of(starts, "pss") },
    loaded: { rss: of(loaded, "rss"), pss: of(loaded, "pss") },
    reload: reload && { time: median(reload.times), requests: reload.requests, failed: reload.failures.length },
    growth: growth && { ...growth, ratio: growth.marks[1].rss / growth.marks[0].rss },
  };
}

/** The figures that the project set out to reach; see bench/README.md. */
const AT_LEAST = [
  ["/plain", "ploy", 2],
  ["/plain", "workerd", 1.5],
  ["/state/get", "ploy", 10],
  ["/state/put", "ploy", 10],
  ["/state/update", "ploy", 10],
  ["/cache/get", "ploy", 8],
  ["/cache/set", "ploy", 30],
];

const AT_MOST = [
  ["command to first response, ms", (own) => own.firstResponse, 300],
  ["resident at first response, MB", (own) => own.atStart.rss, 60],
  ["edit to new response, ms", (own) => own.reload?.time, 150],
  ["requests failed while reloading", (own) => own.reload?.failed, 0],
  ["memory after all requests / after the first tenth", (own) => own.growth?.ratio, 1.3],
];

/** Each target with what was measured and whether it is reached; those that were not measured are left out. */
export function targets(summaries) {
  const own = summaries.cellhouse;
  if (!own) return [];
  const found = AT_LEAST.map(([route, peer, factor]) => {
    const measured = own.routes[route]?.perSecond / summaries[peer]?.routes[route]?.perSecond;
    return { what: `${route}, times ${peer}`, target: `>= ${factor}`, measured, reached: measured >= factor };
  });
  for (const [what, figure, limit] of AT_MOST) {
    const measured = figure(own);
    found.push({ what, target: `<= ${limit}`, measured, reached: measured <= limit });
  }
  return found.filter(({ measured }) => Number.isFinite(measured));
}
