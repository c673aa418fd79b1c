// The module "cloudflare:node": servers of `node:http` as handlers of an app.

(function () {
const { core } = __bootstrap;
const common = () => core.loadExtScript("ext:cellhouse_runtime/node_http_common.js");

function checkPort(port) {
  if (Number.isFinite(port) && port >= 0 && port <= 65535) return port;
  throw new Error("Failed to determine port for server");
}

async function handleAsNodeRequest(server, request, env, ctx) {
  const port = checkPort(typeof server === "number" ? server : server?.port);
  const answer = common().listeners.get(port);
  if (answer !== undefined) return await answer(request, env, ctx);
  const error = new Error(
    `Http server with port ${port} not found. This is likely a bug with your code. ` +
      `You should check if server.listen() was called with the same port (${port})`,
  );
  error.code = "ERR_INVALID_ARG_VALUE";
  throw error;
}

// The port of a number, of { port }, or of a server, which is made to listen if it does not yet.
function portOf(server) {
  if (typeof server === "number") return server;
  if (server === undefined || server === null) throw new Error("Server descriptor cannot be null or undefined");
  if (typeof server.port === "number" || typeof server.listen !== "function") return server.port;
  const bound = server.address()?.port;
  if (typeof bound === "number") return bound;
  server.listen();
  return server.address()?.port;
}

function httpServerHandler(server) {
  const port = checkPort(portOf(server));
  return {
    fetch: (request, env, ctx) => handleAsNodeRequest(port, request, env, ctx),
  };
}

return { handleAsNodeRequest, httpServerHandler };
})();
