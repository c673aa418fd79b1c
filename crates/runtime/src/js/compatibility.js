// The global `Cloudflare`: which compatibility flags are on, as code may ask.

(function () {
const { op_compatibility_flags } = __bootstrap.core.ops;

const KEY = Symbol("construct");

function flags() {
  const all = Object.fromEntries(JSON.parse(op_compatibility_flags()));
  return Object.freeze(Object.setPrototypeOf(all, null));
}

class CloudflareClass {
  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    Object.defineProperty(this, "compatibilityFlags", { value: flags(), enumerable: true, configurable: true });
  }
}
Object.defineProperty(CloudflareClass, "name", { value: "Cloudflare", configurable: true });
Object.defineProperty(CloudflareClass.prototype, Symbol.toStringTag, { value: "Cloudflare", configurable: true });

return { Cloudflare: new CloudflareClass(KEY) };
})();
