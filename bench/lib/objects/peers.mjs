// The two that run the objects of objects/: cellhouse, and bare workerd with its storage on the local disk.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { workerdBinary } from "../peers.mjs";

const CLASSES = ["Counter", "Store", "Caller", "Callee", "ChatRoom", "Sleeper"];

export const peers = [
  {
    name: "cellhouse",
    worker: "objects",
    ports: 1,
    routes: [],
    command: ({ binary, folder, ports: [port] }) => [binary, ["dev", folder, "--port", String(port)]],
  },
  {
    name: "workerd",
    worker: "objects",
    ports: 1,
    routes: [],
    prepare: ({ folder, ports: [port] }) => workerdConfig(folder, port),
    command: ({ folder }) => [workerdBinary(), ["serve", path.join(folder, "config.capnp")]],
  },
];

async function workerdConfig(folder, port) {
  const { buildSync } = await import("esbuild");
  buildSync({
    entryPoints: [path.join(folder, "src/index.ts")],
    bundle: true,
    format: "esm",
    external: ["cloudflare:workers"],
    outfile: path.join(folder, "bundle.js"),
  });
  const data = path.join(folder, ".objects");
  mkdirSync(data, { recursive: true });
  const bindingOf = (name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
  const namespaces = CLASSES.map((name) => `    (className = "${name}", uniqueKey = "${name}", enableSql = true),`);
  const bindings = CLASSES.map((name) => `    (name = "${bindingOf(name)}", durableObjectNamespace = "${name}"),`);
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "data", disk = (path = "${data}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "bundle.js")],
  compatibilityDate = "2026-07-01",
  durableObjectNamespaces = [
${namespaces.join("\n")}
  ],
  durableObjectStorage = (localDisk = "data"),
  bindings = [
${bindings.join("\n")}
  ],
);
`;
  writeFileSync(path.join(folder, "config.capnp"), config);
}
