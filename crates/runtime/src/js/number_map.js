// A map whose keys are whole numbers. The engine's own hashes small ones as the doubles that they are, whose low
// bits are all zero: it finds one among a thousand by looking at them all.

(function () {
class NumberMap {
  #values = { __proto__: null };

  get(key) {
    return this.#values[key];
  }

  set(key, value) {
    this.#values[key] = value;
  }

  delete(key) {
    delete this.#values[key];
  }
}

return { NumberMap };
})();
