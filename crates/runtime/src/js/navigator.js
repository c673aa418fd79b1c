// navigator: what Workers say of themselves, and sendBeacon().

(function () {
const { core } = __bootstrap;
const { currentContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");

const KEY = Symbol("construct");
const languages = Object.freeze(["en"]);

class Navigator {
  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
  }

  get userAgent() {
    return "Cloudflare-Workers";
  }

  // Workers see one core, whatever the machine has.
  get hardwareConcurrency() {
    return 1;
  }

  get platform() {
    return "";
  }

  get language() {
    return "en";
  }

  get languages() {
    return languages;
  }

  // Sends a POST request that outlives the event; true once it is under way.
  sendBeacon(url, body = null) {
    const context = currentContext();
    if (context === undefined) return false;
    const { fetch } = core.loadExtScript("ext:cellhouse_runtime/fetch.js");
    const { Request } = core.loadExtScript("ext:cellhouse_runtime/request.js");
    const sent = fetch(new Request(url, { method: "POST", body }));
    context.waitUntil(sent.then((response) => response.body?.cancel(), () => {}));
    return true;
  }
}
Object.defineProperty(Navigator.prototype, Symbol.toStringTag, {
  value: "Navigator", configurable: true,
});

return { navigator: new Navigator(KEY), Navigator };
})();
