// The measurements, each of one peer. They return plain figures and print nothing.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Stream, freePort, get, until } from "./http.mjs";
import { load } from "./load.mjs";
import { freshFolder, startPeer } from "./peers.mjs";

const START_LIMIT_MS = 60_000;
const RELOAD_LIMIT_MS = 20_000;
const WARM_SECONDS = 1;
const SETTLE_MS = 1000;

/** Runs `work` with the peer started, answering and filled, and ends the peer in every case. */
export async function withPeer(peer, binary, folder, work, { fill = true } = {}) {
  const ports = [];
  while (ports.length < peer.ports) ports.push(await freePort());
  const since = performance.now();
  const server = await startPeer(peer, { binary, folder, ports });
  try {
    const firstResponse = await until(server, ports[0], "/plain", ({ status }) => status === 200, {
      since,
      everyMs: 2,
      limitMs: START_LIMIT_MS,
    });
    const memory = server.memory();
    if (fill && peer.routes.length > 1) await expect(ports[0], "/setup", "ready");
    return await work({ server, port: ports[0], folder, firstResponse, memory });
  } finally {
    await server.stop();
  }
}

async function expect(port, route, body) {
  const answer = await get(port, route);
  if (answer.status !== 200 || answer.body !== body) {
    throw new Error(`${route} answered ${answer.status} ${JSON.stringify(answer.body.slice(0, 200))}, not ${body}`);
  }
}

/** What each route answers when it works. */
const VALUE = "0123456789".repeat(10);
const ANSWERS = {
  "/plain": "hello",
  "/state/get": VALUE,
  "/state/put": "stored",
  "/state/update": "updated",
  "/state/list": "100 keys",
  "/cache/get": VALUE,
  "/cache/set": "kept",
};

/** Command to first response, and memory at that moment, for each of `count` starts in the same folder. */
export async function starts(peer, binary, count) {
  const folder = freshFolder(peer);
  const found = [];
  for (let index = 0; index < count; index++) {
    const figures = ({ firstResponse, memory }) => ({ firstResponse, ...memory });
    found.push(await withPeer(peer, binary, folder, figures, { fill: false }));
  }
  return found;
}

/** One round: the load on each route, and the memory after all of it. */
export async function round(peer, binary, seconds) {
  return withPeer(peer, binary, freshFolder(peer), async ({ server, port }) => {
    const routes = {};
    for (const route of peer.routes) {
      await expect(port, route, ANSWERS[route]);
      await load(port, route, WARM_SECONDS);
      routes[route] = await load(port, route, seconds);
      await expect(port, route, ANSWERS[route]);
      server.check();
    }
    await sleep(SETTLE_MS);
    return { routes, memory: server.memory() };
  });
}

/** Edit to first new response: `idle` edits with nothing else going on, then `busy` ones under requests. */
export async function reloads(peer, binary, { idle, busy }) {
  return withPeer(peer, binary, freshFolder(peer), async (running) => {
    // Some watchers start a moment after the first response.
    await sleep(3 * SETTLE_MS);
    let version = 1;
    const times = [];
    for (let index = 0; index < idle; index++) times.push(await reload(running, ++version));
    const stream = new Stream(running.port, "/plain", { fresh: 4, kept: 4 });
    for (let index = 0; index < busy; index++) await reload(running, ++version);
    await stream.stop();
    return { times, requests: stream.total, failures: stream.failures };
  });
}

async function reload({ server, port, folder }, version) {
  const entry = path.join(folder, "src/index.ts");
  const source = readFileSync(entry, "utf8");
  const since = performance.now();
  writeFileSync(entry, source.replace(/version-\d+/, `version-${version}`));
  const took = await until(server, port, "/version", ({ body }) => body === `version-${version}`, {
    since,
    everyMs: 2,
    limitMs: RELOAD_LIMIT_MS,
  });
  await sleep(SETTLE_MS);
  return took;
}

/** Memory after `first` and after `last` requests of all routes in turn, in MB. */
export async function growth(peer, binary, { first, last }) {
  return withPeer(peer, binary, freshFolder(peer), async ({ server, port }) => {
    const script = ["-s", path.join(import.meta.dirname, "all-routes.lua")];
    const marks = [];
    let [done, failed, seconds] = [0, 0, 2];
    for (const goal of [first, last]) {
      // At most an hour, should a request take as long as a write to a slow disk.
      for (let turn = 0; done < goal && turn < 3600; turn++) {
        const part = await load(port, "/", seconds, script);
        done += part.requests;
        failed += part.failed;
        seconds = Math.max(1, Math.min(10, Math.ceil((goal - done) / (part.perSecond || 1))));
        server.check();
      }
      await sleep(SETTLE_MS);
      marks.push({ requests: done, ...server.memory() });
    }
    return { marks, failed };
  });
}
