// An app without a port: others call it.

import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

const entries = [];

// Passed by reference: its methods run here.
class Account extends RpcTarget {
  #listeners = [];
  #store;
  #name;

  constructor(store, name) {
    super();
    this.#store = store;
    this.#name = name;
  }

  onChange(listener) {
    // What comes with a call is disposed of at its end, unless it is kept.
    this.#listeners.push(listener.dup());
  }

  deposit(amount) {
    return this.#change(amount);
  }

  withdraw(amount) {
    return this.#change(-amount);
  }

  async #change(amount) {
    const balance = Number(await this.#store.get(this.#name)) + amount;
    if (balance < 0) throw new RangeError(`${this.#name} has not that much`);
    await this.#store.put(this.#name, `${balance}`);
    for (const listener of this.#listeners) await listener(balance);
    return balance;
  }
}

export class Credit extends DurableObject {
  async add(points) {
    const total = ((await this.ctx.storage.get("total")) ?? 0) + points;
    await this.ctx.storage.put("total", total);
    return total;
  }
}

export class Audit extends WorkerEntrypoint {
  entries() {
    return { asked: this.ctx.props.from, entries };
  }
}

export default class Accounts extends WorkerEntrypoint {
  async fetch(request) {
    const name = new URL(request.url).pathname.split("/")[2] ?? "";
    if (request.method === "PUT") await this.env.ACCOUNTS.put(name, await request.text());
    return new Response(await this.env.ACCOUNTS.get(name));
  }

  async balance(name) {
    entries.push(`balance of ${name}`);
    const balance = await this.env.ACCOUNTS.get(name);
    if (balance === null) throw new RangeError(`${name} has no account`);
    return Number(balance);
  }

  open(name) {
    entries.push(`opened ${name}`);
    return new Account(this.env.ACCOUNTS, name);
  }
}
