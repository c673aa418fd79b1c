// Agents of `node:http` and `node:https`: settings that programs look at. Connections are kept by fetch().

(function () {
const { core } = __bootstrap;
const { EventEmitter } = core.loadExtScript("ext:node_compat/events.js");
const { validateNumber, validateOneOf } = core.loadExtScript("ext:deno_node/internal/validators.js");
const { notImplemented } = core.loadExtScript("ext:cellhouse_runtime/node_http_common.js");

class Agent extends EventEmitter {
  static defaultMaxSockets = Infinity;
  freeSockets = {};
  sockets = {};
  requests = {};
  totalSocketCount = 0;
  agentKeepAliveTimeoutBuffer = 1000;

  constructor(options = {}) {
    super();
    this.options = { __proto__: null, noDelay: true, ...options, path: null };
    this.defaultPort = this.options.defaultPort ?? 80;
    this.protocol = this.options.protocol ?? "http:";
    this.keepAliveMsecs = this.options.keepAliveMsecs || 1000;
    this.keepAlive = this.options.keepAlive || false;
    this.maxSockets = this.options.maxSockets || Agent.defaultMaxSockets;
    this.maxFreeSockets = this.options.maxFreeSockets || 256;
    this.scheduling = this.options.scheduling || "lifo";
    validateOneOf(this.scheduling, "scheduling", ["fifo", "lifo"]);
    this.maxTotalSockets = this.options.maxTotalSockets ?? Infinity;
    if (this.options.maxTotalSockets !== undefined) validateNumber(this.maxTotalSockets, "maxTotalSockets", 1);
  }

  getName(options = {}) {
    let name = `${options.host || "localhost"}:${options.port ?? ""}:${options.localAddress ?? ""}`;
    if (options.family === 4 || options.family === 6) name += `:${options.family}`;
    if (options.socketPath) name += `:${options.socketPath}`;
    return name;
  }

  createConnection() {
    throw notImplemented("createConnection");
  }

  addRequest() {}
  createSocket() {}
  removeSocket() {}
  keepSocketAlive() {
    return false;
  }
  reuseSocket() {}
  destroy() {}
}

class SecureAgent extends Agent {
  constructor(options = {}) {
    super({ defaultPort: 443, protocol: "https:", ...options });
    this.maxCachedSessions = options.maxCachedSessions ?? 100;
  }
}
Object.defineProperty(SecureAgent, "name", { value: "Agent" });

const settings = { keepAlive: true, scheduling: "lifo", timeout: 5000 };
const globalAgent = new Agent(settings);
const secureGlobalAgent = new SecureAgent(settings);

return { Agent, globalAgent, SecureAgent, secureGlobalAgent, default: { Agent, globalAgent } };
})();
