// Single requests to a server on 127.0.0.1, and waiting for what it answers. Nothing here is repeated without a limit.

import http from "node:http";
import { createServer } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const HOST = "127.0.0.1";
const REQUEST_MS = 30_000;

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** One GET: status and body. Rejects when there is no whole answer. */
export function get(port, path, agent = false) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: HOST, port, path, agent, timeout: REQUEST_MS }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, body }));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer to ${path} within ${REQUEST_MS / 1000} s`)));
    request.on("error", reject);
  });
}

/** Asks for `path` every `everyMs` until an answer satisfies `done`; what it took from `since`, in ms. */
export async function until(server, port, path, done, { since, everyMs, limitMs }) {
  while (performance.now() - since < limitMs) {
    server.check();
    const answer = await get(port, path).catch(() => undefined);
    if (answer && done(answer)) return performance.now() - since;
    await sleep(everyMs);
  }
  throw new Error(`${path} did not answer as expected within ${limitMs / 1000} s; the last that the server printed:\n${server.output}`);
}

/** As many clients as asked for, each sending one request after the other until `stop()`. */
export class Stream {
  total = 0;
  failures = [];
  #ending = false;
  #loops;

  constructor(port, path, { fresh, kept }) {
    const loops = [];
    for (let index = 0; index < fresh; index++) loops.push(this.#loop(port, path, false));
    for (let index = 0; index < kept; index++) {
      loops.push(this.#loop(port, path, new http.Agent({ keepAlive: true, maxSockets: 1 })));
    }
    this.#loops = Promise.all(loops);
  }

  async #loop(port, path, agent) {
    while (!this.#ending) {
      this.total++;
      const problem = await get(port, path, agent).then(
        ({ status }) => (status === 200 ? undefined : `status ${status}`),
        (error) => error.code ?? error.message,
      );
      if (problem) this.failures.push(problem);
      await sleep(problem ? 5 : 1);
    }
    if (agent) agent.destroy();
  }

  async stop() {
    this.#ending = true;
    await this.#loops;
  }
}
