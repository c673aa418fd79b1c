// The binding of the app's static files: `env.ASSETS.fetch(request or URL)`.

(function () {
const { core } = __bootstrap;
const { op_assets_fetch } = core.ops;
const { Request } = core.loadExtScript("ext:cellhouse_runtime/request.js");
const { toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
const { headersToSend, run, signalOf } = core.loadExtScript("ext:cellhouse_runtime/fetch.js");

class Fetcher {
  #index;

  constructor(index) {
    if (typeof index !== "number") throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async fetch(input, init = undefined) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.");
    }
    const request = new Request(input, init);
    const inner = toInnerRequest(request);
    const send = async ({ method }, url) => {
      const reply = await op_assets_fetch(this.#index, method, url.href, headersToSend(inner));
      return [...reply, false, null];
    };
    return await run(inner, signalOf(input, init, request), send);
  }
}
Object.defineProperty(Fetcher.prototype, "fetch", { enumerable: true });
Object.defineProperty(Fetcher.prototype, Symbol.toStringTag, { value: "Fetcher", configurable: true });

return { makeAssets: (index) => new Fetcher(index) };
})();
