// One large object into R2 and out again: through a Worker, by one PutObject and in parts of the S3 API. The figure is the
// most memory that the process ever had. See README.md.

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";

import { signed } from "./lib/large/sign.mjs";
import { ask, download, upload } from "./lib/large/transfer.mjs";
import { start } from "./lib/processes.mjs";
import { table } from "./lib/report.mjs";

const USAGE = `node large.mjs [BINARY] [--gib N] [--most MB] [--json]

  BINARY       the cellhouse to measure (default: ../target/release/cellhouse)
  --gib        the size of the object (default 0.5; one PutObject takes at most 5)
  --most       the memory that the process may take, in MB (default 200); more is exit code 1
  --json       print the figures as JSON`;

const GIB = 2 ** 30;
const PART = 64 << 20;
const MOST_GIB = 5;
const PATIENCE_MS = 30_000;
const WORK = path.join(import.meta.dirname, ".work/large");
const run = promisify(execFile);

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      gib: { type: "string", default: "0.5" },
      most: { type: "string", default: "200" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return { help: true };
  if (positionals.length > 1) throw new Error(`one binary is enough, not ${positionals.join(" ")}`);
  const gib = Number(values.gib);
  if (!(gib > 0 && gib <= MOST_GIB)) throw new Error(`--gib ${values.gib}: a number above 0 and up to ${MOST_GIB} is needed`);
  const most = Number(values.most);
  if (!(most > 0)) throw new Error(`--most ${values.most}: a number of megabytes is needed`);
  const binary = path.resolve(positionals[0] ?? path.join(import.meta.dirname, "../target/release/cellhouse"));
  return { binary, bytes: Math.round(gib * GIB), most, json: values.json };
}

/** Until `look` gives something. */
async function until(server, look) {
  for (const since = performance.now(); performance.now() - since < PATIENCE_MS; await sleep(20)) {
    server.check();
    const found = look();
    if (found) return found;
  }
  throw new Error(`the server did not start:\n${server.output}`);
}

/** A server of its own for each way, since the highest memory of a process only grows. */
async function withServer({ binary }, use) {
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(path.join(WORK, "src"), { recursive: true });
  for (const file of ["wrangler.toml", "src/index.ts"]) {
    writeFileSync(path.join(WORK, file), readFileSync(path.join(import.meta.dirname, "r2", file)));
  }
  const megabytes = String(MOST_GIB * 1024 + 1);
  const args = ["dev", WORK, "--port", "0", "--s3-port", "0", "--no-request-log", "--max-body-mb", megabytes];
  const server = start(binary, args, { log: path.join(WORK, "log") });
  try {
    const log = () => readFileSync(path.join(WORK, "log"), "utf8");
    const s3 = await until(server, () => log().match(/S3 API at (http:\/\/[\d.:]+)/)?.[1]);
    const app = await until(server, () => log().replace(/S3 API at \S+/g, "").match(/http:\/\/127[\d.:]+/)?.[0]);
    const made = JSON.parse((await run(binary, ["r2", "keys", "create", "--json", "--dir", WORK])).stdout);
    const keys = { id: made.accessKeyId, secret: made.secretAccessKey };
    return await use({ server, app, s3, keys });
  } finally {
    await server.stop();
    rmSync(WORK, { recursive: true, force: true });
  }
}

/** The most memory that a process has ever had, in MB of 1,000,000 bytes. */
function peak({ pid }) {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmHWM:\s+(\d+) kB/m);
  return (Number(kilobytes) * 1024) / 1e6;
}

async function throughWorker({ app }, bytes) {
  const { md5 } = await upload("PUT", `${app}/large`, {}, bytes);
  return md5;
}

async function byPutObject({ s3, keys }, bytes) {
  const url = `${s3}/bench/large`;
  const { md5, headers } = await upload("PUT", url, signed("PUT", url, keys), bytes);
  if (headers.etag !== `"${md5}"`) throw new Error(`the etag is ${headers.etag}, and the MD5 of what was sent ${md5}`);
  return md5;
}

async function inParts({ s3, keys }, bytes) {
  const url = `${s3}/bench/large`;
  const call = (method, query, body) => ask(method, url + query, signed(method, url + query, keys), body);
  const id = (await call("POST", "?uploads=")).text.match(/<UploadId>([^<]+)/)[1];
  const parts = [];
  for (let number = 1, left = bytes; left > 0; number++, left -= PART) {
    const part = `${url}?partNumber=${number}&uploadId=${id}`;
    const { headers } = await upload("PUT", part, signed("PUT", part, keys), Math.min(PART, left));
    parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${headers.etag}</ETag></Part>`);
  }
  const list = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join("")}</CompleteMultipartUpload>`;
  await call("POST", `?uploadId=${id}`, list);
}

const WAYS = [
  ["through a Worker", throughWorker],
  ["one PutObject", byPutObject],
  ["parts of 64 MiB", inParts],
];

async function measure(options, [name, put]) {
  return withServer(options, async (place) => {
    const { bytes } = options;
    const since = performance.now();
    const md5 = await put(place, bytes);
    const seconds = (performance.now() - since) / 1000;
    const uploaded = peak(place.server);
    const url = `${place.s3}/bench/large`;
    const got = await download(url, signed("GET", url, place.keys));
    if (got.length !== bytes || (md5 !== undefined && got.md5 !== md5)) {
      throw new Error(`${name}: what came back is not what was sent (${got.length} bytes of ${bytes})`);
    }
    return { name, speed: bytes / 1e6 / seconds, uploaded, all: peak(place.server) };
  });
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  const load = loadavg()[0].toFixed(1);
  const about = `${options.bytes} bytes; ${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, load ${load} at the start`;
  const found = [];
  for (const way of WAYS) {
    process.stderr.write(`${way[0]}\n`);
    found.push(await measure(options, way));
  }
  if (options.json) console.log(JSON.stringify({ about, found }, null, 2));
  else {
    const rows = found.map((one) => [one.name, `${one.speed.toFixed(0)} MB/s`, `${one.uploaded.toFixed(0)} MB`, `${one.all.toFixed(0)} MB`]);
    console.log(`${about}\n\n${table([["", "up", "memory at most", "after reading it too"], ...rows])}`);
  }
  if (found.some((one) => one.all >= options.most)) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
