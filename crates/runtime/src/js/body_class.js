// The class `Body`, which requests and responses have in common: its members, and nothing that can be made.

(function () {
const { core } = __bootstrap;
const { Request } = core.loadExtScript("ext:cellhouse_runtime/request.js");
const { Response } = core.loadExtScript("ext:cellhouse_runtime/response.js");

const GETTERS = ["body", "bodyUsed"];
const METHODS = ["arrayBuffer", "bytes", "text", "json", "formData", "blob"];
const ILLEGAL = "Illegal invocation: function called with incorrect `this` reference. See " +
  "https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";

class Body {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}
Object.defineProperty(Body.prototype, Symbol.toStringTag, { value: "Body", configurable: true });

const ofRequest = Request.prototype;
const ofResponse = Response.prototype;
const isPrototypeOf = Function.prototype.call.bind(Object.prototype.isPrototypeOf);

// Takes a member from both classes: which of the two a message has goes by its class.
function take(name, kind) {
  const [request, response] = [ofRequest, ofResponse].map((prototype) =>
    Object.getOwnPropertyDescriptor(prototype, name)[kind]);
  delete ofRequest[name];
  delete ofResponse[name];
  return (message) => {
    if (isPrototypeOf(ofResponse, message)) return response;
    if (isPrototypeOf(ofRequest, message)) return request;
    throw new TypeError(ILLEGAL);
  };
}

for (const name of GETTERS) {
  const getterOf = take(name, "get");
  const { get } = Object.getOwnPropertyDescriptor({
    get [name]() {
      return getterOf(this).call(this);
    },
  }, name);
  Object.defineProperty(Body.prototype, name, { get, enumerable: true, configurable: true });
}

for (const name of METHODS) {
  const methodOf = take(name, "value");
  const { [name]: value } = {
    [name]() {
      return methodOf(this).call(this);
    },
  };
  Object.defineProperty(Body.prototype, name, { value, writable: true, enumerable: true, configurable: true });
}

for (const prototype of [ofRequest, ofResponse]) Object.setPrototypeOf(prototype, Body.prototype);

return { Body };
})();
