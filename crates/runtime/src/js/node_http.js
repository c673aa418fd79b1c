// `node:http`: clients over fetch(), and servers for "cloudflare:node".

(function () {
const { core } = __bootstrap;
const { METHODS, notImplemented, STATUS_CODES, validateHeaderName, validateHeaderValue } = core.loadExtScript(
  "ext:cellhouse_runtime/node_http_common.js",
);
const { Agent, globalAgent } = core.loadExtScript("ext:cellhouse_runtime/node_http_agent.js");
const { ClientRequest } = core.loadExtScript("ext:cellhouse_runtime/node_http_client.js");
const { IncomingMessage } = core.loadExtScript("ext:cellhouse_runtime/node_http_incoming.js");
const { OutgoingMessage } = core.loadExtScript("ext:cellhouse_runtime/node_http_outgoing.js");
const { _connectionListener, Server, ServerResponse } = core.loadExtScript(
  "ext:cellhouse_runtime/node_http_server.js",
);
const { validateInteger } = core.loadExtScript("ext:deno_node/internal/validators.js");

function request(url, options, callback) {
  return new ClientRequest(url, options, callback);
}

function get(url, options, callback) {
  const made = request(url, options, callback);
  made.end();
  return made;
}

function createServer(options, listener) {
  return new Server(options, listener);
}

function setMaxIdleHTTPParsers(max) {
  validateInteger(max, "max", 1);
  throw notImplemented("setMaxIdleHTTPParsers");
}

const http = {
  _connectionListener, Agent, ClientRequest, createServer, get, globalAgent, IncomingMessage, maxHeaderSize: 16384,
  METHODS, OutgoingMessage, request, Server, ServerResponse, setMaxIdleHTTPParsers, STATUS_CODES,
  validateHeaderName, validateHeaderValue, WebSocket: globalThis.WebSocket, CloseEvent: globalThis.CloseEvent,
  MessageEvent: globalThis.MessageEvent,
};
return { ...http, default: http };
})();
