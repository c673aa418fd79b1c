// `node:net`: clients. What would listen says that it is not implemented, as in Workers.

(function () {
const net = __bootstrap.core.loadExtScript("ext:deno_node/net.js");

function createServer() {
  throw new Error("createServer() is not implemented");
}

function Server() {
  throw new Error("Server is not implemented");
}

const own = { createServer, Server };
return { ...net, ...own, default: { ...net.default, ...own } };
})();
