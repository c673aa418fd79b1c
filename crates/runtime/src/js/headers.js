// Headers as Workers have them: getAll() for Set-Cookie, and Cloudflare's message where headers cannot
// be changed.

(function () {
const { core } = __bootstrap;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { guardFromHeaders, Headers } = core.loadExtScript("ext:deno_fetch/20_headers.js");

const prototype = Headers.prototype;

function define(name, value, length) {
  Object.defineProperty(value, "length", { value: length, configurable: true });
  Object.defineProperty(prototype, name, {
    value, writable: true, enumerable: true, configurable: true,
  });
}

function checkMutable(headers) {
  if (headers?.[brand] === brand && guardFromHeaders(headers) === "immutable") {
    throw new TypeError("Can't modify immutable headers.");
  }
}

const { append, set, delete: remove } = prototype;
const methods = {
  append(name, value) {
    checkMutable(this);
    return arguments.length < 2 ? append.apply(this, arguments) : append.call(this, name, value);
  },
  set(name, value) {
    checkMutable(this);
    return arguments.length < 2 ? set.apply(this, arguments) : set.call(this, name, value);
  },
  delete(name) {
    checkMutable(this);
    return arguments.length < 1 ? remove.call(this) : remove.call(this, name);
  },
  getAll(name) {
    if (`${name}`.toLowerCase() !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return this.getSetCookie();
  },
};
define("append", methods.append, 2);
define("set", methods.set, 2);
define("delete", methods.delete, 1);
define("getAll", methods.getAll, 1);

return { Headers };
})();
