import { Actor, Entrypoint, Persist, handler } from "@cloudflare/actors";
import { Storage } from "@cloudflare/actors/storage";
import { equal, program } from "./check";

export class Counter extends Actor<any> {
  @Persist
  public count = 0;
  public rang: string[] = [];

  protected async onInit() {
    this.sql`CREATE TABLE IF NOT EXISTS log (line TEXT)`;
  }

  async add(by: number) {
    this.count += by;
    this.sql`INSERT INTO log VALUES (${`${this.name}: ${by}`})`;
    return this.count;
  }

  lines() {
    return this.sql<{ line: string }>`SELECT line FROM log ORDER BY rowid`.map((row) => row.line);
  }

  async later(what: string) {
    await this.alarms.schedule(1, "ring" as any, what);
    return (await this.alarms.getSchedules()).length;
  }

  async ring(what: string) {
    this.rang.push(what);
  }

  static async nameFromRequest(request: Request) {
    return new URL(request.url).searchParams.get("name") ?? "nobody";
  }

  protected async onRequest() {
    return new Response(`${this.name} has ${this.count}`);
  }
}

class Front extends Entrypoint<any> {
  async fetch(request: Request) {
    return new Response(new URL(request.url).pathname);
  }
}

const own = program({
  async "Actor.get, RPC, sql"() {
    const name = crypto.randomUUID();
    const counter: any = Counter.get(name);
    equal([await counter.add(2), await counter.add(3)], [2, 5]);
    equal(await counter.lines(), [`${name}: 2`, `${name}: 3`]);
  },
  async "handler of an actor"(env, ctx) {
    const name = crypto.randomUUID();
    await (Counter.get(name) as any).add(7);
    const answer = await handler(Counter as any).fetch!(new Request(`http://x/?name=${name}`) as any, env, ctx);
    equal(await answer.text(), `${name} has 7`);
  },
  async "handler of a function, of an entrypoint"(env, ctx) {
    const plain = handler(((request: Request) => new Response(request.method)) as any);
    equal(await (await plain.fetch!(new Request("http://x/") as any, env, ctx)).text(), "GET");
    equal(await (await handler(Front as any).fetch!(new Request("http://x/front") as any, env, ctx)).text(), "/front");
  },
  async "alarms"() {
    equal(await (Counter.get(crypto.randomUUID()) as any).later("x"), 1);
  },
  "storage": () => equal(typeof Storage, "function"),
});

export default own;
