// Regular expressions that the engine refuses, written in another way and tried again. With the flag `v` it takes the
// rules of classes for those of the whole pattern, and knows not all escapes of classes; and it has no more than 254
// groups: what later ones catch is not told.

(function () {
const { construct } = Reflect;
const native = RegExp;

// What may be escaped in a class (ClassSetReservedPunctuator).
const RESERVED = new Set("&-!#%,:;<=>@`~");

const hex = (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;

// Where a group's pattern begins: after `(`, `(?:`, `(?<name>`, `(?<!`, `(?i-s:`.
function groupStart(pattern, at) {
  if (pattern[at + 1] !== "?") return at + 1;
  const named = pattern[at + 2] === "<" && !"=!".includes(pattern[at + 3]);
  let end = at + (pattern[at + 2] === "<" ? 3 : 2);
  while (end < pattern.length && !(named ? ">" : ":=!").includes(pattern[end])) end++;
  return end + 1;
}

// The same pattern, in words that the engine takes.
function rewrite(pattern) {
  let text = "";
  let depth = 0;
  let before = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    let written = character;
    if (character === "\\") {
      const escaped = pattern[++at] ?? "";
      written = depth > 0 && RESERVED.has(escaped) ? hex(escaped) : `\\${escaped}`;
    } else if (character === "[") {
      depth++;
    } else if (depth > 0) {
      if (character === "]") depth--;
    } else if (character === "(") {
      const end = groupStart(pattern, at);
      written = pattern.slice(at, end);
      at = end - 1;
    } else if (character === "-" || character === "/" || (character === before && RESERVED.has(character))) {
      written = hex(character);
    }
    before = written;
    text += written;
  }
  return text;
}

const GROUPS = 254;

// The same pattern with as many groups as the engine can tell of.
function limited(pattern) {
  let text = "";
  let inClass = false;
  let groups = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    text += character;
    if (character === "\\") text += pattern[++at] ?? "";
    else if (character === "[" || character === "]") inClass = character === "[";
    else if (character === "(" && !inClass && pattern[at + 1] !== "?" && ++groups > GROUPS) text += "?:";
  }
  return text;
}

const WAYS = [
  [rewrite, (flags) => typeof flags === "string" && flags.includes("v")],
  [limited, (_flags, error) => error.message.includes("too many captures")],
];

function otherwise(pattern, flags, target, error) {
  let text = pattern;
  let last = error;
  for (const [change, helps] of WAYS) {
    if (!helps(flags, last)) continue;
    text = change(text);
    try {
      return construct(native, [text, flags], target);
    } catch (again) {
      last = again;
    }
  }
  throw error;
}

// Puts the constructor in the place of the engine's, with the same prototype.
function completeRegExp(scope) {
  const { RegExp: made } = {
    RegExp: function (pattern, flags) {
      const same = new.target === undefined && flags === undefined && pattern instanceof native;
      if (same && pattern.constructor === made) return pattern;
      const target = new.target === undefined || new.target === made ? native : new.target;
      try {
        return construct(native, arguments, target);
      } catch (error) {
        if (typeof pattern !== "string" || !(error instanceof SyntaxError)) throw error;
        return otherwise(pattern, flags, target, error);
      }
    },
  };
  const own = Object.getOwnPropertyDescriptors(native);
  delete own.name;
  Object.defineProperties(made, {
    ...own,
    // What methods of the engine make is made by its own.
    [Symbol.species]: {
      get: Object.getOwnPropertyDescriptor({
        get [Symbol.species]() {
          return this === made ? native : this;
        },
      }, Symbol.species).get,
      configurable: true,
    },
  });
  for (const [name, property] of [["RegExp", scope], ["constructor", native.prototype]]) {
    Object.defineProperty(property, name, { value: made, writable: true, configurable: true, enumerable: false });
  }
}

return { completeRegExp };
})();
