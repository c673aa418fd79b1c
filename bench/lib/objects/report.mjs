// The figures of objects, and of D1, as a table of text.

import { short, table } from "../report.mjs";

export function report({ figures, failed }, about) {
  const peers = Object.keys(failed);
  const both = peers.length === 2 && peers.includes("cellhouse");
  const head = ["", ...peers, ...(both ? ["better"] : []), "target", "reached"];
  const rows = figures.map(({ what, medians, ratio, target, reached }) => [
    what,
    ...peers.map((peer) => short(medians[peer])),
    ...(both ? [Number.isFinite(ratio) ? `${short(ratio)}x` : ""] : []),
    target ?? "",
    reached === undefined ? "" : reached ? "yes" : "NO",
  ]);
  const lines = peers.filter((peer) => failed[peer]).map((peer) => `${peer}: ${failed[peer]} requests failed under load`);
  return [about, table([head, ...rows]), lines.join("\n")].filter(Boolean).join("\n\n") + "\n";
}
