// The objects that both peers run. Counter and ChatRoom make the calls that the State document's make; the rest does one
// thing each, so that one figure is about one thing. Clocks stand still within an event on workerd, so the bench measures
// from outside, and how often a thing is done comes with the request.

import { DurableObject } from "cloudflare:workers";

const VALUE = "0123456789".repeat(10);
const KEYS = 1000;

export class Counter {
  constructor(private state: DurableObjectState) {}

  async fetch(request: Request): Promise<Response> {
    const count = (await this.state.storage.get<number>("count")) || 0;
    if (new URL(request.url).pathname === "/get") return Response.json({ count });
    await this.state.storage.put("count", count + 1);
    return Response.json({ count: count + 1 });
  }
}

/** Storage calls, many in one event. */
export class Store extends DurableObject {
  async fill(keys: number, bytes: number): Promise<void> {
    const value = "x".repeat(bytes);
    for (let key = 0; key < keys; key++) this.ctx.storage.put(`key:${key}`, value);
    await this.ctx.storage.sync();
  }

  read(key: string): Promise<string | undefined> {
    return this.ctx.storage.get<string>(key);
  }

  async getEach(times: number): Promise<void> {
    for (let turn = 0; turn < times; turn++) await this.ctx.storage.get(`key:${turn % KEYS}`);
  }

  async getTogether(times: number): Promise<void> {
    for (let turn = 0; turn < times; turn += KEYS) {
      const reads = Array.from({ length: KEYS }, (_, index) => this.ctx.storage.get(`key:${index}`));
      await Promise.all(reads);
    }
  }

  async putEach(times: number): Promise<void> {
    for (let turn = 0; turn < times; turn++) await this.ctx.storage.put(`key:${turn % KEYS}`, `${VALUE}${turn}`);
  }

  async putTogether(times: number): Promise<void> {
    let last: Promise<void> | undefined;
    for (let turn = 0; turn < times; turn++) last = this.ctx.storage.put(`key:${turn % KEYS}`, `${VALUE}${turn}`);
    await last;
  }
}

export class Callee extends DurableObject {
  add(a: number, b: number): number {
    return a + b;
  }
}

/** Calls another object, one call after the other. */
export class Caller extends DurableObject<Env> {
  async call(times: number): Promise<number> {
    const callee = this.env.CALLEE.get(this.env.CALLEE.idFromName("callee"));
    let sum = 0;
    for (let turn = 0; turn < times; turn++) sum = await callee.add(sum, 1);
    return sum;
  }
}

export class ChatRoom {
  private sessions: WebSocket[] = [];

  async fetch(): Promise<Response> {
    const [client, server] = Object.values(new WebSocketPair());
    // The document leaves this out; workerd needs it.
    server.accept();
    this.sessions.push(server);
    server.addEventListener("message", (event) => {
      for (const session of this.sessions) session.send(event.data);
    });
    return new Response(null, { status: 101, webSocket: client });
  }
}

/** Takes sockets that do not keep it awake. */
export class Sleeper extends DurableObject {
  override async fetch(): Promise<Response> {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ name: "somebody" });
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    socket.send(message);
  }
}

interface Env {
  COUNTER: DurableObjectNamespace;
  STORE: DurableObjectNamespace<Store>;
  CALLER: DurableObjectNamespace<Caller>;
  CALLEE: DurableObjectNamespace<Callee>;
  CHAT_ROOM: DurableObjectNamespace;
  SLEEPER: DurableObjectNamespace;
}

type Route = (env: Env, url: URL, request: Request) => Promise<Response> | Response;

const named = <T extends Rpc.DurableObjectBranded | undefined>(namespace: DurableObjectNamespace<T>, name: string) =>
  namespace.get(namespace.idFromName(name));

const numberOf = (url: URL, name: string): number => Number(url.searchParams.get(name));

const store = (env: Env, url: URL) => named(env.STORE, url.searchParams.get("name") ?? "store");

const count = (action: string): Route => (env, url) =>
  named(env.COUNTER, url.searchParams.get("name") ?? "counter").fetch(`https://object${action}`);

/** The objects of `of` names in turn. */
let turn = 0;
const countInTurn = (action: string): Route => (env, url) =>
  named(env.COUNTER, `one of many ${turn++ % numberOf(url, "of")}`).fetch(`https://object${action}`);

const timed = (method: "getEach" | "getTogether" | "putEach" | "putTogether"): Route => async (env, url) => {
  await store(env, url)[method](numberOf(url, "times"));
  return new Response("done");
};

const routes: Record<string, Route> = {
  "/plain": () => new Response("hello"),
  "/counter/increment": count("/increment"),
  "/counter/get": count("/get"),
  "/many/increment": countInTurn("/increment"),
  "/many/get": countInTurn("/get"),

  "/store/fill": async (env, url) => {
    await store(env, url).fill(numberOf(url, "keys"), numberOf(url, "bytes"));
    return new Response("done");
  },
  "/store/read": async (env, url) => new Response(await store(env, url).read("key:7")),
  "/store/get-each": timed("getEach"),
  "/store/get-together": timed("getTogether"),
  "/store/put-each": timed("putEach"),
  "/store/put-together": timed("putTogether"),

  "/call": async (env, url) => new Response(`${await named(env.CALLER, "caller").call(numberOf(url, "times"))}`),
  "/chat": (env, _url, request) => named(env.CHAT_ROOM, "room").fetch(request),
  "/sleeper": (env, _url, request) => named(env.SLEEPER, "sleeper").fetch(request),
};

export default {
  fetch(request, env) {
    const url = new URL(request.url);
    const route = routes[url.pathname];
    return route ? route(env, url, request) : new Response("not found", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
