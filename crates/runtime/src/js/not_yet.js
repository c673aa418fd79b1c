// Classes of Workers that this version does not have: they are there, and using them says so.

(function () {

function notYet(what) {
  return new Error(`This version of Cellhouse does not have ${what} yet.`);
}

class HTMLRewriter {
  constructor() {
    throw notYet("HTMLRewriter");
  }
}

const KEY = Symbol("construct");

class Cache {
  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
  }

  async match() {
    throw notYet("the Cache API (caches)");
  }

  async put() {
    throw notYet("the Cache API (caches)");
  }

  async delete() {
    throw notYet("the Cache API (caches)");
  }
}

class CacheStorage {
  #default = new Cache(KEY);

  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
  }

  get default() {
    return this.#default;
  }

  async open() {
    throw notYet("the Cache API (caches)");
  }
}

for (const one of [HTMLRewriter, Cache, CacheStorage]) {
  Object.defineProperty(one.prototype, Symbol.toStringTag, { value: one.name, configurable: true });
}

return { Cache, caches: new CacheStorage(KEY), CacheStorage, HTMLRewriter };
})();
