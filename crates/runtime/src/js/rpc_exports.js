// What the other side of an RPC session may use: values of this side, by number.

(function () {
const { core } = __bootstrap;
const { gated, gateHere } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");

class Exports {
  // By number: { value, count, come }, with how often it was sent, and what lets a call of it in where it came out of
  // an object.
  #entries = new Map();
  #numbers = new Map();
  #next = 1;

  get size() {
    return this.#entries.size;
  }

  // The number of a value that is sent once more.
  add(value) {
    let id = this.#numbers.get(value);
    if (id === undefined) {
      id = this.#next++;
      this.#numbers.set(value, id);
      const come = gateHere() === undefined ? undefined : gated((run) => run());
      this.#entries.set(id, { value, count: 0, come });
    }
    this.#entries.get(id).count++;
    return id;
  }

  entry(id) {
    return this.#entries.get(id);
  }

  // The other side has it so many times less: the value, if it has it no more.
  remove(id, count) {
    const entry = this.#entries.get(id);
    if (entry === undefined || (entry.count -= count) > 0) return undefined;
    this.#entries.delete(id);
    this.#numbers.delete(entry.value);
    return entry.value;
  }

  // Removes all, and gives them.
  empty() {
    const values = [...this.#numbers.keys()];
    this.#entries.clear();
    this.#numbers.clear();
    return values;
  }
}

return { Exports };
})();
