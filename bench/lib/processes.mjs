// Starting, watching and ending the servers under test. Every process that is started here is ended here, by its id,
// with all that descend from it, also when the bench is interrupted. Linux only: it reads /proc.

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLITE_MS = 3000;
const LINES_SHOWN = 20;

const running = new Set();

process.on("exit", () => running.forEach((server) => server.killTree()));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => process.exit(130));
}

/** A started server. */
class Server {
  #child;
  #log;
  #known = new Set();

  /** What it prints goes to the file `log`: a pipe would make the bench work for every line, beside what it measures. */
  constructor(command, args, { log, ...options }) {
    const file = openSync(log, "w");
    this.#log = log;
    this.#child = spawn(command, args, { ...options, stdio: ["ignore", file, file] });
    closeSync(file);
    this.ended = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => resolve(signal ?? `status ${code}`));
      this.#child.once("error", (error) => resolve(error.message));
    });
    this.ended.then((how) => (this.end = how));
    running.add(this);
  }

  get pid() {
    return this.#child.pid;
  }

  /** The last of what it printed. */
  get output() {
    return readFileSync(this.#log, "utf8").trimEnd().split("\n").slice(-LINES_SHOWN).join("\n");
  }

  /** Fails if the server has ended by itself. */
  check() {
    if (this.end !== undefined) {
      throw new Error(`the server ended by itself (${this.end}); the last that it printed:\n${this.output}`);
    }
  }

  /** Resident and proportional memory of the whole tree, in MB. */
  memory() {
    const sum = { rss: 0, pss: 0 };
    for (const pid of this.#tree()) {
      const { rss, pss } = memoryOf(pid);
      sum.rss += rss;
      sum.pss += pss;
    }
    return sum;
  }

  async stop() {
    this.#tree();
    this.#child.kill("SIGTERM");
    await Promise.race([this.ended, sleep(POLITE_MS)]);
    this.killTree();
    await this.ended;
    running.delete(this);
  }

  /** Ends at once what is left, children whose parent has gone included. */
  killTree() {
    for (const pid of this.#tree()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** All its processes that are alive now: descendants of any that was ever seen, with their start times so that an
   * id that the system gave to another process since is not taken for it. */
  #tree() {
    const processes = allProcesses();
    const members = new Set([this.pid]);
    for (const known of this.#known) {
      const [pid, started] = known.split("@").map(Number);
      if (processes.get(pid)?.started === started) members.add(pid);
    }
    for (let grown = true; grown; ) {
      grown = false;
      for (const [pid, { parent }] of processes) {
        if (members.has(parent) && !members.has(pid)) grown = !!members.add(pid);
      }
    }
    const alive = [...members].filter((pid) => processes.has(pid) && (pid !== this.pid || this.end === undefined));
    alive.forEach((pid) => this.#known.add(`${pid}@${processes.get(pid).started}`));
    return alive;
  }
}

export function start(command, args, options) {
  return new Server(command, args, options);
}

/** Process id to parent and start time, for every process of this machine. */
function allProcesses() {
  const found = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] !== "Z") found.set(Number(name), { parent: Number(fields[1]), started: Number(fields[19]) });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

function memoryOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const megabytes = (name) => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1] ?? 0) / 1024;
    return { rss: megabytes("Rss"), pss: megabytes("Pss") };
  } catch {
    return { rss: 0, pss: 0 };
  }
}
