// What stands on Node.js's streams or events, which are much code, is there by name and is loaded when somebody
// looks at it: classes of `node:fs`, streams of `process`.

(function () {
// The traps of both. `load` gives what is stood for, the same each time.
function traps(load) {
  return {
    get: (_target, name) => Reflect.get(load(), name),
    set: (_target, name, value) => Reflect.set(load(), name, value),
    has: (_target, name) => Reflect.has(load(), name),
    deleteProperty: (_target, name) => Reflect.deleteProperty(load(), name),
    getPrototypeOf: () => Reflect.getPrototypeOf(load()),
    ownKeys: () => Reflect.ownKeys(load()),
    defineProperty: (_target, name, property) => Reflect.defineProperty(load(), name, property),
    getOwnPropertyDescriptor(_target, name) {
      const property = Reflect.getOwnPropertyDescriptor(load(), name);
      // What the proxy itself has not must be said to be changeable.
      return property === undefined ? undefined : { ...property, configurable: true };
    },
  };
}

const lazyObject = (load) => new Proxy({}, traps(load));

function lazyClass(load) {
  // The target's own `prototype` cannot be said not to be there.
  const { ownKeys: _keys, getOwnPropertyDescriptor: _property, ...rest } = traps(load);
  const proxy = new Proxy(function () {}, {
    ...rest,
    apply: (_target, _receiver, args) => Reflect.apply(load(), undefined, args),
    construct: (_target, args, made) => Reflect.construct(load(), args, made === proxy ? load() : made),
  });
  return proxy;
}

return { lazyClass, lazyObject };
})();
