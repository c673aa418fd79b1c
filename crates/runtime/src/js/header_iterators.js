// Iterators of Headers: what they give is what there is when one is made, as in Workers. Each name comes once, with
// all of its values, also empty ones, which Deno's own leave out; only cookies come one by one.

(function () {
const { core } = __bootstrap;
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");

const ENTRIES = Symbol("entries");
const PLACE = Symbol("place");

class HeadersIterator {
  constructor(entries) {
    this[ENTRIES] = entries;
    this[PLACE] = 0;
  }
}
const proto = HeadersIterator.prototype;
Object.setPrototypeOf(proto, Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));
delete proto.constructor;
Object.defineProperty(proto, Symbol.toStringTag, { value: "Headers Iterator", configurable: true });
proto.next = function next() {
  const entries = this?.[ENTRIES];
  if (entries === undefined) throw new TypeError("Illegal invocation");
  const place = this[PLACE]++;
  return place < entries.length ? { value: entries[place], done: false } : { value: undefined, done: true };
};
keepShapes(new HeadersIterator([]));

function byName([one], [other]) {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

// Gives a prototype of Headers its iterators: `list` is where headers have their list, `lowerNamesOf` gives its names.
function define(prototype, list, lowerNamesOf) {
  function entriesOf(headers) {
    const lowers = lowerNamesOf(headers);
    if (lowers === undefined) throw new TypeError("Illegal invocation");
    const own = headers[list];
    const values = new Map();
    const entries = [];
    for (let at = 0; at < lowers.length; at++) {
      const name = lowers[at];
      const value = own[at][1];
      if (name === "set-cookie") entries.push([name, value]);
      else values.set(name, values.has(name) ? `${values.get(name)}, ${value}` : value);
    }
    entries.push(...values);
    return entries.sort(byName);
  }

  const symbols = Object.getOwnPropertySymbols(prototype);
  Object.defineProperty(prototype, symbols.find(({ description }) => description === "iterable headers"), {
    get() {
      return entriesOf(this);
    },
    configurable: true,
  });

  const methods = {
    entries() {
      return new HeadersIterator(entriesOf(this));
    },
    keys() {
      return new HeadersIterator(entriesOf(this).map(([name]) => name));
    },
    values() {
      return new HeadersIterator(entriesOf(this).map(([, value]) => value));
    },
    forEach(callback, self = undefined) {
      if (typeof callback !== "function") {
        throw new TypeError("Failed to execute 'forEach' on 'Headers': parameter 1 is not of type 'Function'.");
      }
      for (const [name, value] of entriesOf(this)) callback.call(self, value, name, this);
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, { value, writable: true, enumerable: true, configurable: true });
  }
  Object.defineProperty(prototype, Symbol.iterator, {
    value: methods.entries, writable: true, enumerable: false, configurable: true,
  });
}

return { define };
})();
