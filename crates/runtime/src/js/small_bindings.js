// Bindings that need nothing of Rust but what the config says: Hyperdrive, Analytics Engine, secrets of a Secrets
// Store. None of them keeps anything.

(function () {
const { core } = __bootstrap;

const PORTS = { "postgres:": 5432, "postgresql:": 5432, "mysql:": 3306 };

// The parts of the connection string as drivers take them. As in workerd they are the object's own.
class Hyperdrive {
  constructor(connectionString) {
    const url = new (core.loadExtScript("ext:deno_web/00_url.js").URL)(connectionString);
    Object.assign(this, {
      connectionString,
      port: Number(url.port) || PORTS[url.protocol],
      host: url.hostname,
      password: decodeURIComponent(url.password),
      user: decodeURIComponent(url.username),
      database: decodeURIComponent(url.pathname.slice(1)),
    });
  }

  connect() {
    const { connect } = core.loadExtScript("ext:cellhouse_runtime/sockets.js");
    return connect({ hostname: this.host, port: this.port });
  }
}
Object.defineProperty(Hyperdrive.prototype, Symbol.toStringTag, { value: "Hyperdrive", configurable: true });

// Nobody reads data points here: they are dropped, as with `wrangler dev`.
class AnalyticsEngineDataset {
  writeDataPoint() {}
}

class StoredSecret {
  #name;
  #value;

  constructor(name, value) {
    this.#name = name;
    this.#value = value;
  }

  async get() {
    if (this.#value === null) throw new Error(`Secret "${this.#name}" not found`);
    return this.#value;
  }
}

return {
  makeAnalyticsEngine: () => new AnalyticsEngineDataset(),
  makeHyperdrive: (connectionString) => new Hyperdrive(connectionString),
  makeStoredSecret: ([name, value]) => new StoredSecret(name, value),
};
})();
