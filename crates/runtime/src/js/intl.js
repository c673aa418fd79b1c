// The global `Intl`. The classes are those of FormatJS (packages/intl) and two of our own; each is evaluated, and the
// texts of each locale are unpacked, when an app first needs them. Time zones are the engine's.

(function () {
const { core } = __bootstrap;
const { op_intl_canonical, op_intl_tags, op_intl_texts } = core.ops;
const load = (specifier) => core.loadExtScript(specifier);
const engineZone = globalThis.__v8xTemporalTimeZone;

const DEFAULT_LOCALE = "en-US";
const SCRIPTS = {
  DateTimeFormat: "date_time_format",
  DisplayNames: "display_names",
  DurationFormat: "duration_format",
  ListFormat: "list_format",
  Locale: "locale",
  NumberFormat: "number_format",
  PluralRules: "plural_rules",
  RelativeTimeFormat: "relative_time_format",
};

function getCanonicalLocales(locales) {
  if (locales === undefined) return [];
  if (locales === null) throw new TypeError("Cannot convert undefined or null to object");
  // An `Intl.Locale` is one tag too.
  const single = typeof locales === "string" ||
    Object.prototype.toString.call(locales) === "[object Intl.Locale]";
  const tags = [];
  for (const value of single ? [locales] : Array.from(Object(locales))) {
    if (typeof value !== "string" && (typeof value !== "object" || value === null)) {
      throw new TypeError("Language ID should be string or object.");
    }
    const tag = op_intl_canonical(`${value}`);
    if (tag === "") throw new RangeError(`Invalid language tag: ${value}`);
    if (!tags.includes(tag)) tags.push(tag);
  }
  return tags;
}

function patched(base, patch) {
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete base[key];
    else if (typeof change !== "object" || Array.isArray(change)) base[key] = change;
    else if (typeof base[key] !== "object" || base[key] === null || Array.isArray(base[key])) base[key] = change;
    else patched(base[key], change);
  }
  return base;
}

function textsFor(kind, tag) {
  const [base, patch] = op_intl_texts(kind, tag);
  return patch === "" ? JSON.parse(base) : patched(JSON.parse(base), JSON.parse(patch));
}

// Gives a class its locales: `tags` maps each tag to the locale whose texts count, `texts` reads them.
function withLocales(made, tags, texts) {
  const known = {};
  let loading;
  made.__defaultLocale = DEFAULT_LOCALE;
  made.availableLocales = new Set(tags.keys());
  made.localeData = new Proxy(known, {
    get(_, tag) {
      if (loading === undefined && known[tag] === undefined && tags.has(tag)) {
        loading = tags.get(tag);
        try {
          made.__addLocaleData({ locale: loading, data: texts(tag) });
          known[tag] ??= known[loading];
        } finally {
          loading = undefined;
        }
      }
      return known[tag];
    },
    // The class files texts under relatives of the tag as well, for which others may count.
    set(_, tag, value) {
      if (tags.get(tag) === loading) known[tag] = value;
      return true;
    },
  });
}

// Of a zone's year, the offset that is not of summer time, in milliseconds.
const winters = new Map();

function zoneAt(time, zone) {
  const offset = (at) => engineZone(at, zone).offsetNanoseconds / 1e6;
  const here = offset(time);
  const year = new Date(time).getUTCFullYear();
  const key = `${zone} ${year}`;
  let winter = winters.get(key);
  if (winter === undefined) {
    winter = Math.min(offset(Date.UTC(year, 0, 1)), offset(Date.UTC(year, 6, 1)));
    if (winters.size > 500) winters.clear();
    winters.set(key, winter);
  }
  return [here, here > winter];
}

function canonicalZone(zone) {
  try {
    return engineZone(0, zone).timeZone;
  } catch {
    return undefined;
  }
}

function prepared(name) {
  // A class that is there already is asked what it can do, while its script runs.
  defineMember(name, undefined);
  const made = load(`ext:intl/${SCRIPTS[name]}.js`);
  if (name === "PluralRules") {
    const { locales, tags } = load("ext:intl/plural_data.js");
    withLocales(made, new Map(Object.entries(tags)), (tag) => locales[tags[tag]]);
  } else {
    const tags = new Map(op_intl_tags(name));
    if (tags.size > 0) withLocales(made, tags, (tag) => textsFor(name, tag));
  }
  if (name === "DateTimeFormat") Object.assign(made, { canonicalZone, zoneAt });
  for (const key of Object.keys(made)) Object.defineProperty(made, key, { enumerable: false });
  return Object.defineProperty(made, "name", { value: name, configurable: true });
}

const Intl = Object.defineProperty({}, Symbol.toStringTag, { value: "Intl", configurable: true });

function defineMember(name, value) {
  Object.defineProperty(Intl, name, { value, writable: true, configurable: true, enumerable: false });
}

function defineLazily(name, make) {
  Object.defineProperty(Intl, name, {
    get() {
      const value = make();
      defineMember(name, value);
      return value;
    },
    set(value) {
      defineMember(name, value);
    },
    configurable: true,
    enumerable: false,
  });
}

defineMember("getCanonicalLocales", getCanonicalLocales);
for (const name of Object.keys(SCRIPTS)) defineLazily(name, () => prepared(name));
for (const name of ["Collator", "Segmenter"]) {
  defineLazily(name, () => load("ext:cellhouse_runtime/intl_texts.js")[name]);
}
defineLazily("supportedValuesOf", () => load("ext:intl/supported_values_of.js"));

return { DEFAULT_LOCALE, getCanonicalLocales, Intl };
})();
