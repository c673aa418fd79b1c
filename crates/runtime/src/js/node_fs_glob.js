// `glob()` of `node:fs`: `*`, `**`, `?`, `[...]`, `{a,b}` and `@(...)`, `!(...)`, `+(...)`, `*(...)`, `?(...)`.

(function () {
const { core } = __bootstrap;
const { children, directoryHere, find } = core.loadExtScript("ext:cellhouse_runtime/node_fs_tree.js");
const { place } = core.loadExtScript("ext:cellhouse_runtime/node_fs_arguments.js");
const { Folder } = core.loadExtScript("ext:cellhouse_runtime/node_fs_nodes.js");
const { direntOf } = core.loadExtScript("ext:cellhouse_runtime/node_fs_stats.js");
const { validateObject, validateString } = core.loadExtScript("ext:deno_node/internal/validators.js");

// ---- patterns

// Splits where `separator` stands outside of brackets.
function split(text, separator) {
  const parts = [""];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "{" || letter === "(") depth++;
    else if (letter === "}" || letter === ")") depth--;
    if (letter === separator && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter === "\\" && at + 1 < text.length ? letter + text[++at] : letter;
  }
  return parts;
}

// Where the bracket that opens at `at` is closed, or -1.
function closing(text, at, open, close) {
  let depth = 0;
  for (; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return at;
  }
  return -1;
}

function expand(pattern) {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === "\\") at++;
    if (pattern[at] !== "{") continue;
    const end = closing(pattern, at, "{", "}");
    const choices = end < 0 ? [] : split(pattern.slice(at + 1, end), ",");
    if (choices.length < 2) return [pattern];
    return choices.flatMap((choice) => expand(pattern.slice(0, at) + choice + pattern.slice(end + 1)));
  }
  return [pattern];
}

const GROUPS = { "@": "", "*": "*", "+": "+", "?": "?" };

// One name's pattern as the source of a regular expression.
function source(pattern) {
  let out = "";
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at];
    const end = pattern[at + 1] === "(" && "@*+?!".includes(letter) ? closing(pattern, at + 1, "(", ")") : -1;
    const setEnd = letter === "[" ? pattern.indexOf("]", at + 2) : -1;
    if (end >= 0) {
      const group = split(pattern.slice(at + 2, end), "|").map(source).join("|");
      out += letter === "!" ? `(?!(?:${group})$)[^/]*` : `(?:${group})${GROUPS[letter]}`;
      at = end;
    } else if (setEnd >= 0) {
      out += `[${pattern.slice(at + 1, setEnd).replace(/^!/, "^").replaceAll("\\", "\\\\")}]`;
      at = setEnd;
    } else if (letter === "\\" && at + 1 < pattern.length) {
      out += RegExp.escape?.(pattern[++at]) ?? `\\${pattern[++at]}`;
    } else if (letter === "*") {
      out += "[^/]*";
    } else {
      out += letter === "?" ? "[^/]" : letter.replace(/[.+^$|(){}[\]\\]/, "\\$&");
    }
  }
  return out;
}

// A pattern as one regular expression for a whole relative path, for `exclude`.
function whole(pattern) {
  const names = pattern.split("/").filter((name) => name !== "" && name !== ".");
  const text = names.map((name, at) => {
    const isLast = at === names.length - 1;
    if (name === "**") return isLast ? ".*" : "(?:[^/]+/)*";
    return source(name) + (isLast ? "" : names[at + 1] === "**" && at + 1 === names.length - 1 ? "(?:/|$)" : "/");
  });
  return new RegExp(`^${text.join("")}$`);
}

// ---- the walk

const ANY = Symbol("**");

function compile(pattern) {
  const names = pattern.split("/").filter((name) => name !== "" && name !== ".");
  return names.filter((name, at) => name !== "**" || names[at - 1] !== "**").map((name) =>
    name === "**" ? ANY : name === ".." ? ".." : new RegExp(`^${source(name)}$`));
}

// Adds what matches `parts` from `at` on to `found`: relative path to { name, node, parentPath }.
function walk(folder, parts, at, names, base, found) {
  if (at === parts.length || !(folder instanceof Folder)) return;
  const part = parts[at];
  if (part === "..") return;
  const isLast = at === parts.length - 1;
  if (part === ANY) walk(folder, parts, at + 1, names, base, found);
  for (const [name, node] of children(folder)) {
    const path = [...names, name];
    if (part === ANY || part.test(name)) {
      const parentPath = names.length === 0 ? base : `${base === "/" ? "" : base}/${names.join("/")}`;
      if (isLast) found.set(path.join("/"), { name, node, parentPath });
      else if (part !== ANY) walk(node, parts, at + 1, path, base, found);
    }
    if (part === ANY) walk(node, parts, at, path, base, found);
  }
}

function glob(pattern, options) {
  const patterns = typeof pattern === "string" ? [pattern] : [...pattern];
  for (const one of patterns) validateString(one, "pattern");
  validateObject(options, "options");
  const { cwd = directoryHere(), exclude, withFileTypes = false } = options;
  const base = place(cwd);
  const excluded = Array.isArray(exclude) ? exclude.flatMap(expand).map(whole) : [];
  return () => {
    const found = new Map();
    for (const one of patterns.flatMap(expand)) walk(find(base.names), compile(one), 0, [], base.text, found);
    const kept = [...found].filter(([path]) => !excluded.some((test) => test.test(path)));
    const results = withFileTypes ? kept.map(([, entry]) => direntOf(entry)) : kept.map(([path]) => path);
    return typeof exclude === "function" ? results.filter((result) => !exclude(result)) : results;
  };
}

return { glob };
})();
