// Makes generated/: a script for each class of Intl (those of FormatJS, with our time zones), the plural rules, and
// `locales.bin`, the texts of locales, each compressed by itself.
//
// locales.bin: the length of the index in 4 bytes (little endian), the index as JSON, then the blobs. The index:
// { blobs: [end of each blob, from the first's beginning], kinds: { KIND: { TAG: [LOCALE, BASE, PATCH or -1] } } }.
// A patch is laid over its base: objects are merged, null takes a field away, anything else takes its place.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { CLASSES, LANGUAGES, PATCHES, TOLD } from "./sources.mjs";

const here = import.meta.dirname;
const packages = join(here, "node_modules/@formatjs");
const check = process.argv.includes("--check");

// Text of a package's module, changed where `PATCHES` says so.
function patched(name, kind) {
  const file = join(packages, name, "index.js");
  let text = readFileSync(file, "utf8");
  for (const [from, to] of PATCHES[name] ?? []) {
    if (text.split(from).length !== 2) throw new Error(`${name}: ${from} is not there once`);
    text = text.replace(from, () => to);
  }
  for (const [from, to] of TOLD) text = text.replace(from, () => to(kind));
  return { contents: text, resolveDir: join(packages, name), sourcefile: file };
}

// What a package takes from the matcher of locales is patched too.
const matcher = {
  name: "matcher",
  setup(build) {
    build.onLoad({ filter: /intl-localematcher.index\.js$/ }, () => {
      const { contents, resolveDir } = patched("intl-localematcher", "");
      return { contents, resolveDir };
    });
  },
};

async function script(name, exported) {
  const { outputFiles } = await build({
    stdin: patched(name, exported), bundle: true, format: "iife", globalName: "made", minifyWhitespace: true,
    target: "es2022", write: false, legalComments: "none", plugins: [matcher],
  });
  return `// Made by packages/intl/generate.mjs of @formatjs/${name}, MIT.\n(function () {\n${outputFiles[0].text.trim()}\nreturn made.${exported} ?? made.default;\n})();\n`;
}

// What the files of a package tell, by locale.
function told(name, kind) {
  const folder = join(packages, name, "locale-data");
  const found = new Map();
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".js")).sort()) {
    const locale = file.slice(0, -3);
    if (!LANGUAGES.has(locale.split("-")[0])) continue;
    let data;
    const Intl = { [kind]: { __addLocaleData: (entry) => data = entry.data } };
    const result = vm.runInNewContext(readFileSync(join(folder, file), "utf8"), { Intl });
    if (data !== undefined) found.set(locale, { data, result });
  }
  return found;
}

function difference(from, to) {
  const objects = [from, to].every((value) => value !== null && typeof value === "object" && !Array.isArray(value));
  if (!objects) return JSON.stringify(from) === JSON.stringify(to) ? undefined : to;
  const patch = {};
  for (const key of Object.keys(to)) {
    const change = key in from ? difference(from[key], to[key]) : to[key];
    if (change !== undefined) patch[key] = change;
  }
  for (const key of Object.keys(from)) if (!(key in to)) patch[key] = null;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

const compressed = (text) =>
  brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_LGWIN]: 18 },
  });

// A skeleton or pattern of a day and of its time.
function isPair(key) {
  const letters = key.replace(/'[^']*'/g, "");
  return /[GyMLdEcQ]/.test(letters) && /[hHkKmsbBaSvzV]/.test(letters);
}
const withoutPairs = (texts) => Object.fromEntries(Object.entries(texts).filter(([key]) => key === FALLBACK || !isPair(key)));
const FALLBACK = "intervalFormatFallback";

// Only the Gregorian calendar: its texts are a quarter of all. Pairs are made of their parts. Skeletons come before
// patterns, which are as good a match for the same fields. Narrow spaces are plain ones, as in V8.
function gregorian(data) {
  const { calendarData, ...rest } = data;
  const isSkeleton = ([key]) => /^[A-Za-z]+(?:,? [A-Za-z]+)?$/.test(key);
  const all = Object.entries(withoutPairs(data.formats.gregory));
  const ordered = [...all.filter(isSkeleton), ...all.filter((entry) => !isSkeleton(entry))];
  const intervalFormats = withoutPairs(data.intervalFormats);
  const made = { ...rest, ca: ["gregory", "iso8601"], intervalFormats, formats: { gregory: Object.fromEntries(ordered) } };
  return JSON.parse(JSON.stringify(made).replace(/[\u202f\u2009]/g, " "));
}

// How a day and a time of it are joined ("at"), which FormatJS leaves out.
function joined(locale, data) {
  const file = join(here, "node_modules/cldr-dates-full/main", locale, "ca-gregorian.json");
  if (!existsSync(file)) return data;
  const { gregorian } = JSON.parse(readFileSync(file, "utf8")).main[locale].dates.calendars;
  return { ...data, dateTimeFormat: { ...data.dateTimeFormat, ...gregorian["dateTimeFormats-atTime"].standard } };
}

// Which locale's texts count for each tag, as the class itself files them.
async function tags(name, kind, locales) {
  const module = await import(join(packages, name, "index.js"));
  const made = module[kind] ?? module.default;
  for (const [locale, { data }] of locales) made.__addLocaleData({ locale, data });
  const of = new Map();
  for (const locale of locales.keys()) of.set(made.localeData[locale], locale);
  return [...made.availableLocales].map((tag) => [tag, of.get(made.localeData[tag])]);
}

const files = new Map();
const texts = [];
const kinds = {};
for (const [name, kind, file] of CLASSES) {
  files.set(`intl/${file}.js`, await script(name, kind));
  let locales;
  try {
    locales = told(name, kind);
  } catch (error) {
    if (error.code === "ENOENT") continue;
    throw error;
  }
  if (kind === "PluralRules") {
    files.set("intl/plural_data.js", plurals(locales, await tags(name, kind, locales)));
    continue;
  }
  if (kind === "DateTimeFormat") {
    for (const [locale, entry] of locales) entry.data = gregorian(joined(locale, entry.data));
  }
  const plain = new Map([...locales].map(([locale, { data }]) => [locale, JSON.parse(JSON.stringify(data))]));
  const base = {};
  const at = new Map();
  for (const [locale, data] of plain) {
    const language = locale.split("-")[0];
    if (!(language in base)) {
      const root = plain.has(language) ? language : locale;
      base[language] = [root, texts.push(JSON.stringify(plain.get(root))) - 1];
    }
    const [root, blob] = base[language];
    const patch = difference(plain.get(root), data);
    at.set(locale, [locale, blob, patch === undefined ? -1 : texts.push(JSON.stringify(patch)) - 1]);
  }
  kinds[kind] = Object.fromEntries((await tags(name, kind, locales)).map(([tag, locale]) => [tag, at.get(locale)]));
}

// Rules are functions: each text once.
function plurals(locales, tags) {
  const rules = new Map();
  const entries = [];
  for (const [locale, { data }] of locales) {
    const text = String(data.fn);
    if (!rules.has(text)) rules.set(text, rules.size);
    const { fn, ...rest } = data;
    entries.push(`${JSON.stringify(locale)}: { ...${JSON.stringify(rest)}, fn: rules[${rules.get(text)}] }`);
  }
  return `// Made by packages/intl/generate.mjs of @formatjs/intl-pluralrules, MIT.\n(function () {\nconst rules = [\n${[...rules.keys()].join(",\n")},\n];\nreturn {\nlocales: {\n${entries.join(",\n")},\n},\ntags: ${JSON.stringify(Object.fromEntries(tags))},\n};\n})();\n`;
}

function written() {
  const blobs = texts.map(compressed);
  let end = 0;
  const index = Buffer.from(JSON.stringify({ blobs: blobs.map((blob) => (end += blob.length)), kinds }));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(index.length);
  return Buffer.concat([head, index, ...blobs]);
}

// Texts are compared, not what a compressor makes of them.
function isWritten(bytes) {
  const length = bytes.readUInt32LE();
  const index = JSON.parse(bytes.subarray(4, 4 + length));
  const blobs = bytes.subarray(4 + length);
  const read = index.blobs.map((end, at) => `${brotliDecompressSync(blobs.subarray(index.blobs[at - 1] ?? 0, end))}`);
  return JSON.stringify([index.kinds, read]) === JSON.stringify([kinds, texts]);
}

const out = join(here, "generated");
const read = (file) => readFileSync(join(out, file));
if (check) {
  for (const [file, made] of files) {
    if (!Buffer.from(made).equals(read(file))) throw new Error(`${file} is not what would be made`);
  }
  if (!isWritten(read("locales.bin"))) throw new Error("locales.bin is not what would be made");
} else {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, "intl"), { recursive: true });
  for (const [file, made] of files) writeFileSync(join(out, file), made);
  writeFileSync(join(out, "locales.bin"), written());
}
