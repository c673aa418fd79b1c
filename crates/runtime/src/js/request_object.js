// Objects of Deno's class Request with no more than they need: Deno's constructor writes down all that may come
// later.

(function () {
const { core } = __bootstrap;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { fromInnerRequest, RequestPrototype } = core.loadExtScript("ext:deno_fetch/23_request.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");

// Where Deno's class keeps the inner request, and what may be done to its headers.
const [INNER, GUARD] = slotsOf({}, "guard");

function slotsOf(...values) {
  const sample = fromInnerRequest(...values);
  const symbols = Object.getOwnPropertySymbols(sample);
  return values.map((value) => symbols.find((symbol) => sample[symbol] === value));
}

function RequestObject(inner, guard) {
  this[brand] = brand;
  this[INNER] = inner;
  this[GUARD] = guard;
}
RequestObject.prototype = RequestPrototype;
keepShapes(new RequestObject({}, "immutable"));

const requestOf = (inner, guard) => new RequestObject(inner, guard);

return { requestOf };
})();
