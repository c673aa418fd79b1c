// An object that writes down the order of what happens in it. Each method that questions.js does not call is
// a question of its own; the answer is the list of steps.
import { DurableObject } from "cloudflare:workers";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Steps extends DurableObject {
  steps = [];

  log(step) {
    this.steps.push(step);
  }

  // Waits without a timer of this object's: in workerd a timer that has to wait holds back those behind it.
  async pause(times = 1) {
    for (let i = 0; i < times; i++) await this.env.OTHER.getByName("pause").slow();
  }

  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    const value = await this[name](request);
    return Response.json(value ?? this.steps);
  }

  // ---- what happens beside

  async mark(request) {
    const name = request.headers.get("name");
    this.log(`${name} begins`);
    await this.ctx.storage.get("x");
    this.log(`${name} ends`);
    return [];
  }

  async said() {
    return this.steps;
  }

  // Where another event waits for a timer.
  async waitThenLog(request) {
    const name = request.headers.get("name");
    this.log(`${name} begins`);
    await sleep(80);
    this.log(`${name} goes on`);
    return [];
  }

  async fetchThenLog(request) {
    const name = request.headers.get("name");
    this.log(`${name} begins`);
    const stub = this.env.OTHER.getByName("slow");
    await stub.fetch("http://x/slower");
    this.log(`${name} goes on`);
    return [];
  }

  async callThenLog(request) {
    const name = request.headers.get("name");
    this.log(`${name} begins`);
    await this.env.OTHER.getByName("slow").slow(80);
    this.log(`${name} goes on`);
    return [];
  }

  async readThenLog(request) {
    const name = request.headers.get("name");
    this.log(`${name} begins`);
    const text = await request.text();
    this.log(`${name} has read ${text.length}`);
    return [];
  }

  // ---- when a section begins, and what goes on around it

  async begins() {
    const section = this.ctx.blockConcurrencyWhile(async () => {
      this.log("section");
      return 1;
    });
    this.log("after the call");
    Promise.resolve().then(() => this.log("microtask"));
    await section;
    this.log("after the section");
  }

  async transactionBegins() {
    const done = this.ctx.storage.transaction(async () => {
      this.log("transaction");
    });
    this.log("after the call");
    Promise.resolve().then(() => this.log("microtask"));
    await done;
    this.log("after the transaction");
  }

  async timerBefore() {
    setTimeout(() => this.log("timer of before"), 5);
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      await this.pause(2);
      this.log("section ends");
    });
    this.log("after");
    await sleep(20);
  }

  async timerOfSection() {
    await this.ctx.blockConcurrencyWhile(async () => {
      setTimeout(() => this.log("late timer"), 30);
      setTimeout(() => this.log("timer of the section"), 5);
      await sleep(15);
      this.log("section ends");
    });
    this.log("after");
    await sleep(40);
  }

  async intervalBefore() {
    let ticks = 0;
    const interval = setInterval(() => this.log(`tick ${++ticks}`), 10);
    while (ticks < 2) await sleep(1);
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      await this.pause(2);
      this.log("section ends");
    });
    clearInterval(interval);
    this.log("after");
  }

  // Another event waits for something of outside when the section begins.
  async section() {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      await this.pause(5);
      this.log("section ends");
    });
    this.log("after the section");
    await sleep(50);
  }

  async nestedSections() {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("outer");
      setTimeout(() => this.log("timer of outer"), 1);
      await this.ctx.blockConcurrencyWhile(async () => {
        this.log("inner begins");
        await this.pause(1);
        this.log("inner ends");
      });
      this.log("outer goes on");
      await this.pause(1);
      this.log("outer ends");
    });
    this.log("after");
    await sleep(10);
  }

  async twoSections() {
    const one = this.ctx.blockConcurrencyWhile(async () => {
      this.log("one begins");
      await sleep(10);
      this.log("one ends");
    });
    const two = this.ctx.blockConcurrencyWhile(async () => {
      this.log("two begins");
      await sleep(10);
      this.log("two ends");
    });
    one.then(() => this.log("after one"));
    await two;
    this.log("after two");
    await one;
  }

  async twoTransactions() {
    const run = (name) => this.ctx.storage.transaction(async (txn) => {
      this.log(`${name} begins`);
      const n = (await txn.get("n")) ?? 0;
      await sleep(5);
      await txn.put("n", n + 1);
      this.log(`${name} ends`);
    });
    await Promise.all([run("one"), run("two"), run("three")]);
    this.log(await this.ctx.storage.get("n"));
  }

  // ---- nested transactions

  async nestedAfterTimer() {
    const { storage } = this.ctx;
    await storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await sleep(5);
      await storage.transaction(async (inner) => {
        await inner.put("b", 2);
        await sleep(5);
        inner.rollback();
      });
      this.log([...await storage.list()].map(String));
    });
    this.log([...await storage.list()].map(String));
  }

  async nestedAfterPromise() {
    const { storage } = this.ctx;
    await storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await Promise.resolve();
      try {
        await storage.transaction(async () => {
          storage.put("b", 2);
          await new Promise((resolve) => queueMicrotask(resolve));
          throw new Error("no");
        });
      } catch (error) {
        this.log(error.message);
      }
      const text = await (await this.env.OTHER.getByName("slow").fetch("http://x/slow")).text();
      this.log(text);
      await storage.transaction(async (inner) => {
        await inner.put("c", 3);
      });
    });
    this.log([...await storage.list()].map(String));
  }

  async blockInTransaction() {
    const { storage } = this.ctx;
    await storage.transaction(async (txn) => {
      txn.put("a", 1);
      await this.ctx.blockConcurrencyWhile(async () => {
        this.log("in the block");
        await sleep(5);
        storage.put("b", 2);
      });
      txn.rollback();
    });
    this.log([...await storage.list()].map(String));
  }

  // ---- plain promises: not held back

  async plainPromise() {
    const { promise, resolve } = Promise.withResolvers();
    promise.then(() => this.log("waiter of before"));
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      resolve();
      await sleep(10);
      this.log("section ends");
    });
    this.log("after");
  }

  // What an earlier event does for a section that asks it for it by a plain promise.
  async helpedByOther() {
    const asked = Promise.withResolvers();
    const helper = (async () => {
      await asked.promise;
      this.log("helper");
      await sleep(5);
      this.log("helper is done");
      return "help";
    })();
    try {
      await this.ctx.blockConcurrencyWhile(async () => {
        this.log("section begins");
        asked.resolve();
        const late = this.pause(8).then(() => "no help");
        this.log(await Promise.race([helper, late]));
      });
      this.log("after");
    } catch (error) {
      this.log(error.message);
    }
  }

  // ---- one turn at a time

  async increment(request) {
    const how = request.headers.get("how");
    if (how === "timer") await sleep(20);
    if (how === "fetch") await (await this.env.OTHER.getByName("slow").fetch("http://x/slow")).text();
    if (how === "call") await this.env.OTHER.getByName("slow").slow();
    if (how === "body") await request.text();
    const n = (await this.ctx.storage.get("n")) ?? 0;
    if (how === "crypto") await crypto.subtle.digest("SHA-256", new Uint8Array(100));
    if (how === "hmac") {
      const key = await crypto.subtle.importKey(
        "raw", new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"],
      );
      await crypto.subtle.sign("HMAC", key, new Uint8Array(100));
    }
    if (how === "blob") await new Blob(["x".repeat(100)]).text();
    if (how === "list") await this.ctx.storage.list();
    if (how === "transaction") {
      await this.ctx.storage.transaction(async (txn) => {
        await this.pause();
        await txn.put("m", 1);
      });
    }
    await this.ctx.storage.put("n", n + 1);
    return [];
  }

  async count() {
    return [await this.ctx.storage.get("n")];
  }

  // ---- sockets

  async socket() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    client.accept();
    server.addEventListener("message", ({ data }) => this.log(`message ${data}`));
    client.send("1");
    await sleep(5);
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      client.send("2");
      await sleep(20);
      this.log("section ends");
    });
    this.log("after");
    await sleep(10);
  }

  // ---- alarms

  async alarmWaits() {
    await this.ctx.storage.setAlarm(Date.now() + 5);
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      await this.pause(4);
      this.log("section ends");
    });
    this.log("after");
    await sleep(150);
  }

  alarm() {
    this.log("alarm");
  }

  // ---- things by reference

  async callback() {
    const run = (text) => this.log(`called ${text}`);
    const other = this.env.OTHER.getByName("caller");
    await other.keep(run);
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      const called = other.use("from the section");
      await Promise.race([called, this.pause()]);
      this.log("section ends");
    });
    this.log("after");
    await sleep(50);
  }

  async callbackOfSection() {
    const other = this.env.OTHER.getByName("caller2");
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log("section begins");
      await other.keep((text) => this.log(`called ${text}`));
      await Promise.race([other.use("from the section"), this.pause(2)]);
      this.log("section ends");
    });
    this.log("after");
    await sleep(50);
  }

}

export class Other extends DurableObject {
  async fetch(request) {
    await this.slow(request.url.endsWith("slower") ? 80 : 25);
    return new Response("slow");
  }

  async slow(time = 25) {
    await sleep(time);
    return 1;
  }

  keep(run) {
    this.run = run.dup();
  }

  async use(text) {
    await this.run(text);
  }
}
