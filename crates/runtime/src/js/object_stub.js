// Stubs of Durable Objects: `fetch`, and every other name a method or property of the object.

(function () {
const { core } = __bootstrap;
const { fetchObject } = core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js");

class DurableObject {
  #id;

  constructor(id) {
    this.#id = id;
  }

  get id() {
    return this.#id;
  }

  get name() {
    return this.#id.name;
  }

  fetch(input, init) {
    return fetchObject(this.#id, input, init, arguments.length);
  }
}
Object.defineProperty(DurableObject.prototype, Symbol.toStringTag, {
  value: "DurableObject", configurable: true,
});

return { newStub: (_class, id) => new DurableObject(id) };
})();
