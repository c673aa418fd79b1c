// The class of the facets of the cases, which makes facets of its own class, and one that has nothing.

import { DurableObject } from "cloudflare:workers";

export class Part extends DurableObject {
  count = 0;

  constructor(ctx, env) {
    super(ctx, env);
    if (ctx.storage.kv.get("bad")) throw new RangeError("it cannot be made");
  }

  async fetch(request) {
    if (request.url.endsWith("/slow")) await scheduler.wait(1000);
    return new Response(`${request.method} ${request.url}`, { status: 203 });
  }

  alarm() {}

  // How often it was called: ever, and in this instance.
  add() {
    const all = (this.ctx.storage.kv.get("all") ?? 0) + 1;
    this.ctx.storage.kv.put("all", all);
    return [all, ++this.count];
  }

  addLater() {
    return this.ctx.storage.transaction(async (transaction) => {
      const later = ((await transaction.get("later")) ?? 0) + 1;
      await scheduler.wait(1);
      await transaction.put("later", later);
      return later;
    });
  }

  id() {
    const { id } = this.ctx;
    return [typeof id, Object.prototype.toString.call(id), id.name, typeof id === "string" ? id : id.toString().length];
  }

  props() {
    return this.ctx.props;
  }

  // Calls a method of a facet of its own.
  below(name, method, ...rest) {
    return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Part }))[method](...rest);
  }

  fail() {
    throw new RangeError("it fails");
  }

  abort(reason) {
    this.ctx.abort(reason);
  }

  spoil() {
    this.ctx.storage.kv.put("bad", true);
  }

  async sleep(milliseconds) {
    await scheduler.wait(milliseconds);
    return "slept";
  }

  sql() {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t (a)");
    this.ctx.storage.sql.exec("INSERT INTO t VALUES (1)");
    return this.ctx.storage.sql.exec("SELECT count(*) AS n FROM t").one().n;
  }

  alarmTime() {
    return this.ctx.storage.getAlarm();
  }

  setAlarm() {
    return this.ctx.storage.setAlarm(Date.now() + 100_000);
  }

  call(callback) {
    return callback("called back");
  }

  make() {
    return { add: (by) => ++this.count + by };
  }
}
