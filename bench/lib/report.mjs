// The figures as tables of text.

import { ROUTES } from "./peers.mjs";
import { targets } from "./figures.mjs";

export function report(summaries, about) {
  const parts = [about, routesTable(summaries), otherTable(summaries), targetsTable(summaries), failures(summaries)];
  return parts.filter(Boolean).join("\n\n") + "\n";
}

function routesTable(summaries) {
  const peers = Object.keys(summaries);
  const others = summaries.cellhouse ? peers.filter((peer) => peer !== "cellhouse") : [];
  const head = ["requests/s (p50 / p99 ms)", ...peers, ...others.map((peer) => `x ${peer}`)];
  const rows = ROUTES.map((route) => {
    const speed = (peer) => summaries[peer].routes[route]?.perSecond;
    const cells = peers.map((peer) => {
      const figure = summaries[peer].routes[route];
      return figure ? `${whole(figure.perSecond)} (${short(figure.p50)} / ${short(figure.p99)})` : "";
    });
    return [route, ...cells, ...others.map((peer) => times(speed("cellhouse") / speed(peer)))];
  });
  return table([head, ...rows]);
}

function otherTable(summaries) {
  const peers = Object.keys(summaries);
  const row = (name, cell) => [name, ...peers.map((peer) => cell(summaries[peer]) ?? "")];
  const both = ({ rss, pss }) => (rss === undefined ? undefined : `${whole(rss)} (${whole(pss)})`);
  return table([
    ["", ...peers],
    row("command to first response, ms", (own) => whole(own.firstResponse)),
    row("resident at first response, MB (PSS)", (own) => both(own.atStart)),
    row("resident after the load, MB (PSS)", (own) => both(own.loaded)),
    row("edit to new response, ms", (own) => whole(own.reload?.time)),
    row("failed while reloading", (own) => own.reload && `${own.reload.failed} of ${own.reload.requests}`),
    row("resident by requests, MB", (own) => own.growth?.marks.map((mark) => `${whole(mark.rss)} at ${mark.requests}`).join(", ")),
  ]);
}

function targetsTable(summaries) {
  const rows = targets(summaries).map(({ what, target, measured, reached }) => [what, target, short(measured), reached ? "yes" : "NO"]);
  return rows.length && table([["target", "", "measured", "reached"], ...rows]);
}

/** Requests under load that were not answered well make a figure worthless, so they are told. */
function failures(summaries) {
  const lines = [];
  for (const [peer, { routes, growth }] of Object.entries(summaries)) {
    for (const [route, { failed }] of Object.entries(routes)) {
      if (failed) lines.push(`${peer} ${route}: ${failed} requests failed under load`);
    }
    if (growth?.failed) lines.push(`${peer}: ${growth.failed} requests failed in the memory check`);
  }
  return lines.join("\n");
}

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join("  ").trimEnd();
  return rows.map(line).join("\n");
}

const known = (value) => Number.isFinite(value);
const whole = (value) => (known(value) ? String(Math.round(value)) : "");
export const short = (value) => (known(value) ? (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : whole(value)) : "");
const times = (value) => (known(value) ? `${short(value)}x` : "");
