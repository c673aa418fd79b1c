// The methods that set a part of a date. Where the engine finds a part that is no number it says so and leaves the
// date as it was; by the standard the date is then an invalid one.

(function () {
const { apply } = Reflect;
const { setTime } = Date.prototype;

const PARTS = ["Milliseconds", "Seconds", "Minutes", "Hours", "Date", "Month", "FullYear"];

function invalidating(name, native) {
  const { [name]: method } = {
    [name](...parts) {
      const time = apply(native, this, parts);
      // Of all numbers NaN alone is not itself.
      if (time !== time) apply(setTime, this, [NaN]);
      return time;
    },
  };
  Object.defineProperty(method, "length", { value: native.length, configurable: true });
  return method;
}

function defineDateSetters() {
  const names = [...PARTS.flatMap((part) => [`set${part}`, `setUTC${part}`]), "setYear"];
  for (const name of names) {
    const native = Date.prototype[name];
    Object.defineProperty(Date.prototype, name, {
      value: invalidating(name, native), writable: true, configurable: true, enumerable: false,
    });
  }
}

return { defineDateSetters };
})();
