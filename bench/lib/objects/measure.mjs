// The measurements of objects, each on one started peer. They return plain figures and print nothing.

import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { median } from "../figures.mjs";
import { get } from "../http.mjs";
import { load } from "../load.mjs";
import { withPeer } from "../measure.mjs";
import { freshFolder } from "../peers.mjs";
import { Crowd } from "./sockets.mjs";

const WARM_SECONDS = 1;
const CONNECTIONS = 16;
const SETTLE_MS = 1000;
/** workerd drops an object 10 s after its last event. */
const HIBERNATION_MS = 15_000;
const EVICTED = 50;
const KEYS_OF_EVICTED = 100;
const BYTES_OF_EVICTED = 1000;
const KEYS = 1000;
const VALUE_BYTES = 100;

/** All figures of one peer, in a fresh folder. */
export async function round(peer, binary, sizes) {
  const folder = freshFolder(peer);
  const options = { fill: false };
  const figures = await withPeer(peer, binary, folder, (running) => first(running, sizes), options);
  const restarted = await withPeer(peer, binary, folder, evicted, options);
  return { ...figures, ...restarted };
}

async function first({ server, port }, sizes) {
  const figures = {};
  const steps = {
    "idle objects": async () => ({ objectBytes: await residentObjects(server, port, sizes) }),
    "hibernated sockets": async () => ({ socketBytes: await hibernatedSockets(server, port, sizes) }),
    "one object": () => oneCounter(port, sizes),
    "many objects": () => manyCounters(port, sizes),
    "new objects": () => cold(port, sizes),
    storage: () => storage(port, sizes),
    calls: async () => ({ call: await calls(port, sizes) }),
    "fan-out": async () => ({ fanOut: await fanOut(port, sizes) }),
    "what is to be evicted": () => forEviction(port),
  };
  for (const [what, step] of Object.entries(steps)) {
    try {
      Object.assign(figures, await step());
    } catch (error) {
      throw new Error(`${what}: ${error.message}; the last that the server printed:\n${server.output}`, { cause: error });
    }
    server.check();
  }
  return figures;
}

async function ask(port, path, expected, agent) {
  const { status, body } = await get(port, path, agent);
  if (status !== 200 || (expected !== undefined && body !== expected)) {
    throw new Error(`${path} answered ${status} ${JSON.stringify(body.slice(0, 200))}, not ${expected ?? "200"}`);
  }
  return body;
}

/** Runs `work` with one connection that is kept. */
async function connected(work) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  try {
    return await work(agent);
  } finally {
    agent.destroy();
  }
}

async function timeOf(work) {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

/** Requests per second on one object. The count shows that none was lost. */
async function oneCounter(port, { seconds }) {
  const figures = await loads(port, seconds, { increment: "/counter/increment", read: "/counter/get" });
  const { count } = JSON.parse(await ask(port, "/counter/get"));
  if (count < figures.increment.requests) throw new Error(`${figures.increment.requests} increments counted ${count}`);
  return figures;
}

/** Requests per second on many objects in turn, which are there before: making them is measured by itself. */
async function manyCounters(port, { seconds, objects }) {
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, first) => makeMany(port, first, objects)));
  await sleep(SETTLE_MS);
  return loads(port, seconds, { manyIncrement: `/many/increment?of=${objects}`, manyRead: `/many/get?of=${objects}` });
}

async function loads(port, seconds, routes) {
  const figures = {};
  for (const [name, route] of Object.entries(routes)) {
    await load(port, route, WARM_SECONDS);
    figures[name] = await load(port, route, seconds);
  }
  return figures;
}

const manyName = (index) => `name=${encodeURIComponent(`one of many ${index}`)}`;

async function makeMany(port, first, count) {
  await connected(async (agent) => {
    for (let index = first; index < count; index += CONNECTIONS) await ask(port, `/counter/increment?${manyName(index)}`, undefined, agent);
  });
}

/** The first request to an object that never was, in ms: one that only reads, and one that writes. */
async function cold(port, { cold }) {
  return connected(async (agent) => {
    const figures = {};
    for (const [name, action, expected] of [["coldRead", "get", 0], ["coldWrite", "increment", 1]]) {
      const times = [];
      for (let index = 0; index < cold; index++) {
        const path = `/counter/${action}?name=${name}-${index}`;
        times.push(await timeOf(() => ask(port, path, JSON.stringify({ count: expected }), agent)));
      }
      figures[name] = median(times);
    }
    return figures;
  });
}

/** Storage calls per second inside one event. What the request itself costs is measured and taken off. */
async function storage(port, { calls }) {
  return connected(async (agent) => {
    await ask(port, `/store/fill?keys=${KEYS}&bytes=${VALUE_BYTES}`, "done", agent);
    const figures = {};
    for (const [name, route] of [["getEach", "get-each"], ["getTogether", "get-together"], ["putEach", "put-each"], ["putTogether", "put-together"]]) {
      const timed = (times) => timeOf(() => ask(port, `/store/${route}?times=${times}`, "done", agent));
      await timed(KEYS);
      const empty = median([await timed(0), await timed(0), await timed(0)]);
      figures[name] = (calls / (await timed(calls) - empty)) * 1000;
    }
    return figures;
  });
}

/** One call from object to object, in ms: the median of many requests that each make 100 in turn. */
async function calls(port, { cold }) {
  return connected(async (agent) => {
    const times = [];
    const timed = (count) => timeOf(() => ask(port, `/call?times=${count}`, String(count), agent));
    await timed(1000);
    const empty = median([await timed(0), await timed(0), await timed(0)]);
    for (let index = 0; index < cold / 4; index++) times.push((await timed(100) - empty) / 100);
    return median(times);
  });
}

async function fanOut(port, { clients, seconds }) {
  const crowd = await Crowd.open(port, "/chat", clients);
  try {
    await crowd.chat(WARM_SECONDS, 16);
    return await crowd.chat(seconds, 16);
  } finally {
    crowd.close();
  }
}

/** Resident bytes that each object adds that has answered once and is idle. */
async function residentObjects(server, port, { residents }) {
  return connected(async (agent) => {
    const touch = async (name, count) => {
      for (let index = 0; index < count; index++) await ask(port, `/counter/get?name=${name}-${index}`, undefined, agent);
    };
    await touch("warm", 200);
    await sleep(SETTLE_MS);
    const before = server.memory().rss;
    await touch("resident", residents);
    await sleep(SETTLE_MS);
    return bytesEach(server.memory().rss - before, residents);
  });
}

/** Resident bytes that each socket of a hibernated object adds. */
async function hibernatedSockets(server, port, { sleepers }) {
  const few = await Crowd.open(port, "/sleeper", 100);
  try {
    await sleep(SETTLE_MS);
    const before = server.memory().rss;
    const crowd = await Crowd.open(port, "/sleeper", sleepers);
    await sleep(HIBERNATION_MS);
    const after = server.memory().rss;
    crowd.close();
    return bytesEach(after - before, sleepers);
  } finally {
    few.close();
  }
}

const bytesEach = (megabytes, count) => (megabytes * 1024 * 1024) / count;

const evictedName = (index) => `name=evicted-${index}`;

/** Leaves objects behind that the restarted server will find. */
async function forEviction(port) {
  for (let index = 0; index < EVICTED; index++) {
    await ask(port, `/store/fill?${evictedName(index)}&keys=${KEYS_OF_EVICTED}&bytes=${BYTES_OF_EVICTED}`, "done");
  }
  return {};
}

/** The first request to an object with 100 KB of state that is not in memory, in ms: after a restart none is. */
async function evicted({ port }) {
  return connected(async (agent) => {
    // The runtime itself is warm.
    for (let index = 0; index < 20; index++) await ask(port, `/store/fill?name=other-${index}&keys=1&bytes=1`, "done", agent);
    const value = "x".repeat(BYTES_OF_EVICTED);
    const times = [];
    for (let index = 0; index < EVICTED; index++) {
      times.push(await timeOf(() => ask(port, `/store/read?${evictedName(index)}`, value, agent)));
    }
    return { evicted: median(times) };
  });
}
