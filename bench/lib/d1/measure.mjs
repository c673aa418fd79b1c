// The measurements of D1, each on one started peer. They return plain figures and print nothing.

import { median } from "../figures.mjs";
import { get } from "../http.mjs";
import { load } from "../load.mjs";
import { withPeer } from "../measure.mjs";
import { freshFolder } from "../peers.mjs";

const WARM_SECONDS = 1;

/** All figures of one peer, in a fresh folder. */
export async function round(peer, binary, sizes) {
  const work = async ({ server, port }) => {
    const figures = {};
    try {
      await ask(port, "/setup", "ready");
      Object.assign(figures, await calls(port, sizes, peer.scale));
      Object.assign(figures, await requests(port, sizes));
      if (peer.name === "cellhouse") Object.assign(figures, await besideLong(port, sizes));
    } catch (error) {
      throw new Error(`${error.message}; the last that the server printed:\n${server.output}`, { cause: error });
    }
    server.check();
    return figures;
  };
  return withPeer(peer, binary, freshFolder(peer), work, { fill: false });
}

async function ask(port, path, expected) {
  const { status, body } = await get(port, path);
  if (status !== 200 || (expected !== undefined && body !== expected)) {
    throw new Error(`${path} answered ${status} ${JSON.stringify(body.slice(0, 200))}, not ${expected ?? "200"}`);
  }
  return body;
}

async function timeOf(work) {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

/** Queries per second within one request, each awaited. What the request itself costs is measured and taken off. */
async function calls(port, { selects, inserts, batches }, scale) {
  const figures = {};
  for (const [name, route, usual] of [["select", "select", selects], ["insert", "insert", inserts], ["batch", "batch", batches]]) {
    const times = usual * scale;
    const timed = (count) => timeOf(() => ask(port, `/${route}?times=${count}`, "done"));
    await timed(Math.ceil(times / 10));
    const empty = median([await timed(0), await timed(0), await timed(0)]);
    figures[name] = (times / (await timed(times) - empty)) * 1000;
  }
  return figures;
}

/** Requests per second that make one query each; an insert is answered when it is durable. */
async function requests(port, { seconds }) {
  const figures = {};
  for (const [name, route] of [["selectRequests", "/one"], ["insertRequests", "/add"]]) {
    await load(port, route, WARM_SECONDS);
    figures[name] = await load(port, route, seconds);
  }
  return figures;
}

/** The 99th percentile of other requests in ms, before and while a query of about ten seconds runs. */
async function besideLong(port, { seconds }) {
  const rows = 2_000_000;
  const perRow = (await timeOf(() => ask(port, `/long?times=${rows}`))) / rows;
  const before = await load(port, "/one", seconds);
  const long = get(port, `/long?times=${Math.floor(10_000 / perRow)}`);
  const during = await load(port, "/one", seconds);
  await long;
  return { alone: before.p99, beside: during.p99 };
}
