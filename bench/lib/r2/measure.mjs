// The measurements of R2, each on one started peer, and of the disk by `dd`. They return plain figures and print nothing.

import { execFile } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import { median } from "../figures.mjs";
import { load } from "../load.mjs";
import { withPeer } from "../measure.mjs";
import { freshFolder } from "../peers.mjs";

const run = promisify(execFile);
const MIB = 1 << 20;
const WARM_SECONDS = 1;
const PUT = ["-s", path.join(import.meta.dirname, "put.lua")];

/** A file of that many MiB that does not compress. */
export function sample(folder, mebibytes) {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "sample");
  const chunk = Buffer.alloc(MIB);
  const to = openSync(file, "w");
  for (let index = 0; index < mebibytes; index++) {
    for (let at = 0; at < MIB; at += 4) chunk.writeUInt32LE((Math.imul(index * MIB + at, 2654435761) ^ at) >>> 0, at);
    writeSync(to, chunk);
  }
  closeSync(to);
  return file;
}

/** MB/s of `work` on a file, the median of `times`. */
async function speed(file, times, work) {
  const megabytes = statSync(file).size / 1e6;
  const found = [];
  for (let index = 0; index < times; index++) {
    const since = performance.now();
    await work(index);
    found.push(megabytes / ((performance.now() - since) / 1000));
  }
  return median(found);
}

/** What the disk does under the same file system: written and synced, and read. */
export async function disk(file, { times }) {
  const copy = `${file}.dd`;
  const dd = (from, to, more = []) => run("dd", [`if=${from}`, `of=${to}`, "bs=1M", ...more]);
  const largePut = await speed(file, times, () => dd(file, copy, ["conv=fsync"]));
  const largeGet = await speed(file, times, () => dd(copy, "/dev/null", ["iflag=direct"]));
  rmSync(copy);
  return { largePut, largeGet };
}

/** All figures of one peer, in a fresh folder. */
export async function round(peer, binary, file, sizes) {
  const folder = freshFolder(peer);
  return withPeer(peer, binary, folder, ({ server, port }) => figures(server, port, file, sizes), { fill: false });
}

async function figures(server, port, file, { seconds, times }) {
  const url = (key) => `http://127.0.0.1:${port}/${key}`;
  const curl = (...args) => run("curl", ["-sS", "--fail", ...args]);
  await load(port, "/", WARM_SECONDS, PUT);
  const put = await load(port, "/", seconds, PUT);
  server.check();
  await curl("-X", "PUT", "--data-binary", "0123456789abcdef".repeat(64), url("kept"));
  await load(port, "/kept", WARM_SECONDS);
  const get = await load(port, "/kept", seconds);
  server.check();
  const largePut = await speed(file, times, (index) => curl("-T", file, url(`large-${index}`)));
  const largeGet = await speed(file, times, (index) => curl("-o", "/dev/null", url(`large-${index}`)));
  return { put, get, largePut, largeGet, memory: server.memory().rss };
}
