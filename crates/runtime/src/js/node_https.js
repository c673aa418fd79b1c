// `node:https`: `node:http` with another protocol. Certificates are checked as fetch() checks them.

(function () {
const { core } = __bootstrap;
const { SecureAgent: Agent, secureGlobalAgent: globalAgent } = core.loadExtScript(
  "ext:cellhouse_runtime/node_http_agent.js",
);
const { ClientRequest } = core.loadExtScript("ext:cellhouse_runtime/node_http_client.js");
const { Server } = core.loadExtScript("ext:cellhouse_runtime/node_http_server.js");
const { urlToHttpOptions } = core.loadExtScript("ext:deno_node/internal/url.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");

function request(...args) {
  const options = {};
  if (typeof args[0] === "string") Object.assign(options, urlToHttpOptions(new URL(args.shift())));
  else if (args[0] instanceof URL) Object.assign(options, urlToHttpOptions(args.shift()));
  if (args.length > 0 && typeof args[0] !== "function") Object.assign(options, args.shift());
  options._defaultAgent = globalAgent;
  return new ClientRequest(options, args[0]);
}

function get(...args) {
  const made = request(...args);
  made.end();
  return made;
}

function createServer(options, listener) {
  return new Server(options, listener);
}

const https = { Agent, createServer, get, globalAgent, request, Server };
return { ...https, default: https };
})();
