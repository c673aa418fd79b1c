// Headers as Workers have them: getAll() for Set-Cookie, and Cloudflare's message where headers cannot
// be changed. Usual names and values take a short way, see header_texts.js. Must be loaded before Deno's Request
// and Response.

(function () {
const { core } = __bootstrap;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const module = core.loadExtScript("ext:deno_fetch/20_headers.js");
const { guardFromHeaders, headerListFromHeaders, Headers: DenoHeaders, headersFromHeaderList } = module;
const { listOf, lowerName, usualValue } = core.loadExtScript("ext:cellhouse_runtime/header_texts.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");

const { prototype } = DenoHeaders;

// ---- construction

function Headers(init = undefined) {
  if (new.target === undefined) {
    throw new TypeError("Class constructor Headers cannot be invoked without 'new'");
  }
  if (new.target === Headers) {
    const list = init === undefined ? [] : listOf(init);
    if (list !== undefined) return headersFromHeaderList(list, "none");
  }
  return Reflect.construct(DenoHeaders, arguments, new.target);
}
Object.defineProperty(Headers, "prototype", {
  value: prototype, writable: false, enumerable: false, configurable: false,
});
Object.defineProperty(prototype, "constructor", {
  value: Headers, writable: true, enumerable: false, configurable: true,
});
Object.defineProperty(Headers, "length", { value: DenoHeaders.length, configurable: true });
keepShapes(new Headers());

// Headers of requests and responses are made from the same things.
const { fillHeaderList } = module;
module.fillHeaderList = function (list, init, prefix, context, options) {
  const usual = list.length === 0 ? listOf(init) : undefined;
  if (usual === undefined) return fillHeaderList(list, init, prefix, context, options);
  for (const header of usual) list.push(header);
};

// ---- methods

// Where Deno keeps the list, and beside it the names in lower case, or null.
const [LIST, LOWER_NAMES] = ["header list", "lowercase header names"].map((text) =>
  Object.getOwnPropertySymbols(new Headers()).find(({ description }) => description === text)
);

// The names of headers in lower case, as they are in the list; undefined for what has none.
function lowerNamesOf(headers) {
  const known = headers?.[LOWER_NAMES];
  if (known === undefined) return undefined;
  const list = headers[LIST] ?? headerListFromHeaders(headers);
  if (known !== null && known.length === list.length) return known;
  return headers[LOWER_NAMES] = list.map(([name]) => lowerName(name) ?? name.toLowerCase());
}

function checkMutable(headers) {
  if (headers?.[brand] === brand && guardFromHeaders(headers) === "immutable") {
    throw new TypeError("Can't modify immutable headers.");
  }
}

const { append, delete: remove, get, has, set } = prototype;

function define(name, value, length) {
  Object.defineProperty(value, "length", { value: length, configurable: true });
  Object.defineProperty(prototype, name, {
    value, writable: true, enumerable: true, configurable: true,
  });
}

const methods = {
  get(name) {
    const lower = lowerName(name);
    const lowers = lowerNamesOf(this);
    if (lower === undefined || lowers === undefined) return get.apply(this, arguments);
    let at = lowers.indexOf(lower);
    if (at < 0) return null;
    const list = this[LIST];
    let value = list[at][1];
    while ((at = lowers.indexOf(lower, at + 1)) >= 0) value += `, ${list[at][1]}`;
    return value;
  },
  has(name) {
    const lower = lowerName(name);
    const lowers = lowerNamesOf(this);
    if (lower === undefined || lowers === undefined) return has.apply(this, arguments);
    return lowers.includes(lower);
  },
  append(name, value) {
    checkMutable(this);
    const lower = lowerName(name);
    const text = usualValue(value);
    const lowers = lowerNamesOf(this);
    if (lower === undefined || text === undefined || lowers === undefined) return append.apply(this, arguments);
    this[LIST].push([lower, text]);
    lowers.push(lower);
  },
  set(name, value) {
    checkMutable(this);
    const lower = lowerName(name);
    const text = usualValue(value);
    const lowers = lowerNamesOf(this);
    if (lower === undefined || text === undefined || lowers === undefined) return set.apply(this, arguments);
    const first = lowers.indexOf(lower);
    if (first < 0) {
      this[LIST].push([lower, text]);
      lowers.push(lower);
    } else if (lowers.indexOf(lower, first + 1) < 0) {
      this[LIST][first][1] = text;
    } else {
      set.call(this, name, text);
    }
  },
  delete(name) {
    checkMutable(this);
    return remove.apply(this, arguments);
  },
  getAll(name) {
    if (`${name}`.toLowerCase() !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return this.getSetCookie();
  },
};
define("get", methods.get, 1);
define("has", methods.has, 1);
define("append", methods.append, 2);
define("set", methods.set, 2);
define("delete", methods.delete, 1);
define("getAll", methods.getAll, 1);

core.loadExtScript("ext:cellhouse_runtime/header_iterators.js").define(prototype, LIST, lowerNamesOf);

return { Headers };
})();
