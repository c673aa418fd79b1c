// Names and values of headers that are usual, known in a few steps. Deno's own functions look at each character of
// each text, which an interpreter does slowly; what is not usual, or wrong, is still theirs.

(function () {
const { core } = __bootstrap;
const { headersEntries, Headers } = core.loadExtScript("ext:deno_fetch/20_headers.js");
const { prototype } = Headers;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const UNUSUAL = /[^\x20-\x7e]/;
// What is remembered: texts of this length, and as many of them, as an app may make up others without end.
const LONGEST = 64;
const MOST = 1_000;

// Names as they were written -> in lower case.
let names = { __proto__: null };
let nameCount = 0;
// Values -> themselves.
let values = { __proto__: null };
let valueCount = 0;

// A name in lower case; undefined for what is none.
function lowerName(name) {
  return typeof name === "string" ? names[name] ?? learnName(name) : undefined;
}

function learnName(name) {
  if (name.length > LONGEST || !TOKEN.test(name)) return undefined;
  if (++nameCount > MOST) {
    names = { __proto__: null };
    nameCount = 0;
  }
  return names[name] = name.toLowerCase();
}

// A value that needs no change; undefined for any other.
function usualValue(value) {
  if (typeof value === "number") return `${value}`;
  if (typeof value !== "string") return undefined;
  return value.length > LONGEST ? checkedValue(value) : values[value] ?? learnValue(value);
}

function checkedValue(value) {
  if (UNUSUAL.test(value) || value[0] === " " || value[value.length - 1] === " ") return undefined;
  return value;
}

function learnValue(value) {
  if (checkedValue(value) === undefined) return undefined;
  if (++valueCount > MOST) {
    values = { __proto__: null };
    valueCount = 0;
  }
  return values[value] = value;
}

// Whether something is made of names and values alone, as `{ name: value }`.
function isPlain(init) {
  const prototype = Object.getPrototypeOf(init);
  return (prototype === Object.prototype || prototype === null) && init[Symbol.iterator] === undefined;
}

// What headers are made from, as a list like that of Deno's, with names in lower case; undefined if anything of it
// is not usual.
function listOf(init) {
  if (typeof init !== "object" || init === null) return undefined;
  if (isPlain(init)) return listOfPairs(Object.entries(init));
  if (Array.isArray(init)) return listOfPairs(init);
  return prototype.isPrototypeOf(init) ? headersEntries(init) : undefined;
}

function listOfPairs(pairs) {
  const list = [];
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i];
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    const name = lowerName(pair[0]);
    const value = usualValue(pair[1]);
    if (name === undefined || value === undefined) return undefined;
    list.push([name, value]);
  }
  return list;
}

return { isPlain, listOf, lowerName, usualValue };
})();
