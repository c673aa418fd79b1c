// Values and errors as JSON that keeps apart what JSON does not: types, undefined, -0, order of Maps.
// Two runtimes agree when these texts are equal.

const TypedArray = Object.getPrototypeOf(Uint8Array);

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function show(value, above = []) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { number: Object.is(value, -0) ? "-0" : `${value}` };
    case "bigint":
      return { bigint: `${value}` };
    case "undefined":
    case "symbol":
    case "function":
      return { is: typeof value };
  }
  if (value === null) return null;
  if (above.includes(value)) return { cycle: above.length - above.indexOf(value) };
  return showObject(value, [...above, value]);
}

function showObject(value, above) {
  const inner = (part) => show(part, above);
  if (value instanceof Error) return showError(value, above);
  if (Array.isArray(value)) return Array.from(value, inner);
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof RegExp) return { regexp: `${value}` };
  if (value instanceof Map) return { map: [...value].map(([key, entry]) => [inner(key), inner(entry)]) };
  if (value instanceof Set) return { set: [...value].map(inner) };
  if (value instanceof ArrayBuffer) return { buffer: hex(new Uint8Array(value)) };
  if (value instanceof DataView || value instanceof TypedArray) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { [value.constructor.name]: hex(bytes) };
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return { instance: Object.prototype.toString.call(value) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inner(part)]));
}

// What an error carries besides its name and message. The code of a DOMException is a property of its own in
// one runtime and of the prototype in the other.
function showError(error, above) {
  const keys = new Set([...Object.keys(error), "cause", "errors"]);
  for (const key of ["stack", "name", "message", ...(error instanceof DOMException ? ["code"] : [])]) keys.delete(key);
  const more = [...keys].filter((key) => error[key] !== undefined).sort().map((key) => [key, show(error[key], above)]);
  return { error: `${error.name}: ${error.message}`, ...Object.fromEntries(more) };
}

export async function settle(make) {
  try {
    return { value: show(await make()) };
  } catch (thrown) {
    return { thrown: show(thrown) };
  }
}
