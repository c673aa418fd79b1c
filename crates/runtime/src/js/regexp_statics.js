// What browsers' `RegExp` tells of the last match: `RegExp.$1`, `RegExp.lastMatch` and their kin, which the engine
// lacks. For apps whose code names them: to keep each match costs time.

(function () {
const { apply } = Reflect;
const { exec } = RegExp.prototype;
const { slice } = Array.prototype;

let last = { groups: [""], index: 0, input: "" };

const methods = {
  exec(string) {
    const found = apply(exec, this, [string]);
    if (found !== null) last = { groups: apply(slice, found, []), index: found.index, input: found.input };
    return found;
  },
};

const end = () => last.index + last.groups[0].length;
const lastParen = () => last.groups.length > 1 ? last.groups.at(-1) ?? "" : "";
const READ = {
  input: () => last.input,
  lastMatch: () => last.groups[0],
  lastParen,
  leftContext: () => last.input.slice(0, last.index),
  rightContext: () => last.input.slice(end()),
};
const SHORT = { $_: "input", "$&": "lastMatch", "$+": "lastParen", "$`": "leftContext", "$'": "rightContext" };

function defineStatics() {
  const define = (name, get) => {
    Object.defineProperty(RegExp, name, { get, set(_value) {}, configurable: true, enumerable: false });
  };
  Object.defineProperty(RegExp.prototype, "exec", {
    value: methods.exec, writable: true, configurable: true, enumerable: false,
  });
  for (const [name, get] of Object.entries(READ)) define(name, get);
  for (const [name, long] of Object.entries(SHORT)) define(name, READ[long]);
  for (let group = 1; group <= 9; group++) define(`$${group}`, () => last.groups[group] ?? "");
}

return { defineStatics };
})();
