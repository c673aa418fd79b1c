// A run of an instance: what of it does something, what it waits for, and when it may leave. While nothing of it does
// anything but sleep, wait for events or for the next attempt of a step, it stays for a moment, and then leaves; the
// next run begins anew and finds the steps that are done. Whoever pauses, restarts or terminates it is heard at once.

(function () {
const { core } = __bootstrap;
const { op_instance_changed, op_instance_close, op_instance_waits } = core.ops;
const { clearTimeout, setTimeout } = core.loadExtScript("ext:deno_web/02_timers.js");

// How long a run that waits stays, in milliseconds.
const LINGER = 5_000;
const LONGEST_TIMEOUT = 0x7fffffff;
const GONE = "RPC stub used after being disposed.";

class Run {
  #end;
  // What does something.
  #busy = 0;
  // { time, wake }: what it waits for; those for events have `isEvent`.
  #waits = new Set();
  #timers = new Set();
  #leaving;
  // While it is to be paused: settles when it is not any more.
  #held;
  // It has told how it ended; it is complete, or it may go on elsewhere.
  isOver = false;
  #isComplete = false;
  #counts = new Map();
  #steps = 0;
  // The steps that can be undone, by kind and name, in the order in which they began.
  rollbacks = new Map();
  isUndoing = false;

  constructor(handle, maxSteps, end) {
    this.handle = handle;
    this.maxSteps = maxSteps;
    this.#end = end;
  }

  // Which one of its kind and name this step is, from 1.
  next(kind, name) {
    const key = `${kind}${name}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    return nth;
  }

  // Whether one more step may be run.
  countStep() {
    return ++this.#steps <= this.maxSteps;
  }

  // Settles when a step may begin. What is left of a run that has left stands still.
  async mayBegin() {
    if (this.#isComplete) throw new Error(GONE);
    while (this.#held !== undefined && !this.isOver) await this.#held.promise;
    if (this.isOver) await this.never();
  }

  never() {
    return new Promise(() => {});
  }

  // Somebody else has the instance now.
  superseded() {
    this.end({ status: "waiting", until: 0 });
    return this.never();
  }

  end(answer) {
    if (this.isOver) return;
    this.isOver = true;
    this.#isComplete = answer.status === "complete" || answer.status === "errored";
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#leaving);
    this.#held?.resolve();
    this.#end(answer);
    op_instance_waits(this.handle, false);
    op_instance_close(this.handle);
  }

  timer(millis, then) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, Math.min(Math.max(millis, 0), LONGEST_TIMEOUT));
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      clearTimeout(timer);
    };
  }

  async busy(work) {
    this.#busy++;
    this.#look();
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#look();
    }
  }

  // Settles then, in milliseconds since 1970, or when an event may have come.
  until(time, isEvent = false) {
    return new Promise((resolve) => {
      const wait = { time, isEvent };
      const stop = this.timer(time - Date.now(), () => wait.wake());
      wait.wake = () => {
        stop();
        this.#waits.delete(wait);
        resolve();
        this.#look();
      };
      this.#waits.add(wait);
      this.#look();
    });
  }

  // Whether it may leave now, or soon.
  #look() {
    if (this.isOver) return;
    clearTimeout(this.#leaving);
    if (this.#busy > 0) return op_instance_waits(this.handle, false);
    if (this.#held !== undefined) {
      this.end({ status: "paused" });
      return;
    }
    op_instance_waits(this.handle, this.#waits.size > 0);
    if (this.#waits.size > 0) this.#leaving = setTimeout(() => this.#leave(), LINGER);
  }

  #leave() {
    let until = Infinity;
    for (const { time } of this.#waits) until = Math.min(until, time);
    // What is nearly over is waited for.
    if (until - Date.now() <= LINGER) return;
    this.end({ status: "waiting", until });
  }

  // Hears of changes for as long as it runs.
  async listen() {
    while (!this.isOver) {
      const status = await op_instance_changed(this.handle).catch(() => undefined);
      if (this.isOver || status === undefined) return;
      if (status === "") this.superseded();
      else if (status === "waitingForPause") this.#hold();
      else this.#goOn();
    }
  }

  #hold() {
    this.#held ??= Promise.withResolvers();
    this.#look();
  }

  #goOn() {
    this.#held?.resolve();
    this.#held = undefined;
    for (const wait of [...this.#waits]) {
      if (wait.isEvent) wait.wake();
    }
    this.#look();
  }

  // Undoes what can be undone, the last first, until one fails.
  async undo(error, step) {
    if (this.rollbacks.size === 0) return;
    this.isUndoing = true;
    for (const rollback of [...this.rollbacks.values()].reverse()) {
      try {
        await step.undo(rollback, error);
      } catch {
        return;
      }
    }
  }
}

return { Run };
})();
