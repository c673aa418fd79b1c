// Intl.Collator and Intl.Segmenter over ICU4X: comparison of texts, and their characters, words and sentences.

(function () {
const { core } = __bootstrap;
const { op_intl_collator, op_intl_compare, op_intl_segments, op_intl_tags } = core.ops;
const { DEFAULT_LOCALE, getCanonicalLocales } = core.loadExtScript("ext:cellhouse_runtime/intl.js");

let languages;

// The first locale of a known language, with the keywords that count.
function resolved(locales, keywords) {
  languages ??= new Set(op_intl_tags("ListFormat").map(([tag]) => tag.split("-")[0]));
  const tag = locales.find((tag) => languages.has(tag.split("-")[0])) ?? DEFAULT_LOCALE;
  const [name, extension = ""] = tag.split("-u-");
  const kept = extension.split(/-(?=\w\w(?:-|$))/).filter((keyword) => keywords.includes(keyword.slice(0, 2)));
  return kept.length === 0 ? name : `${name}-u-${kept.join("-")}`;
}

function supportedLocalesOf(locales) {
  languages ??= new Set(op_intl_tags("ListFormat").map(([tag]) => tag.split("-")[0]));
  return getCanonicalLocales(locales).filter((tag) => languages.has(tag.split("-")[0]));
}

function option(options, name, values, preset, owner) {
  const value = options[name];
  if (value === undefined) return preset;
  if (values === Boolean) return Boolean(value);
  if (!values.includes(String(value))) {
    throw new RangeError(`Value ${value} out of range for Intl.${owner} options property ${name}`);
  }
  return String(value);
}

function optionsOf(options) {
  if (options === null) throw new TypeError("Cannot convert undefined or null to object");
  return options === undefined ? {} : Object(options);
}

const collators = new WeakMap();
const slots = (map, object, name) => {
  const found = map.get(object);
  if (found === undefined) throw new TypeError(`Method Intl.${name} called on incompatible receiver ${object}`);
  return found;
};

function Collator(locales, options) {
  if (new.target === undefined) return new Collator(locales, options);
  const requested = getCanonicalLocales(locales);
  options = optionsOf(options);
  const given = (name, values, preset) => option(options, name, values, preset, "Collator");
  const usage = given("usage", ["sort", "search"], "sort");
  given("localeMatcher", ["lookup", "best fit"], "best fit");
  const locale = resolved(requested, ["co", "kf", "kn"]);
  const ignorePunctuation = given("ignorePunctuation", Boolean, locale.split("-")[0] === "th");
  const numeric = given("numeric", Boolean, undefined);
  const caseFirst = given("caseFirst", ["upper", "lower", "false"], undefined);
  const sensitivity = given("sensitivity", ["base", "accent", "case", "variant"], "variant");
  const comparer = op_intl_collator({ locale, sensitivity, caseFirst, numeric, ignorePunctuation });
  const keyword = (key) => new RegExp(`-u-(?:.*-)?${key}(?:-(\\w{3,8}))?(?:-|$)`).exec(locale);
  collators.set(this, {
    compare: undefined,
    comparer,
    resolved: {
      locale, usage, sensitivity, ignorePunctuation,
      collation: keyword("co")?.[1] ?? "default",
      numeric: numeric ?? (keyword("kn") !== null && keyword("kn")[1] !== "false"),
      caseFirst: caseFirst ?? keyword("kf")?.[1] ?? "false",
    },
  });
}

const collatorMethods = {
  get compare() {
    const slot = slots(collators, this, "Collator.prototype.compare");
    slot.compare ??= Object.defineProperty(
      (left, right) => op_intl_compare(slot.comparer, `${left}`, `${right}`), "name", { value: "" },
    );
    return slot.compare;
  },
  resolvedOptions() {
    return { ...slots(collators, this, "Collator.prototype.resolvedOptions").resolved };
  },
};

const segmenters = new WeakMap();

class Segmenter {
  constructor(locales, options) {
    const requested = getCanonicalLocales(locales);
    if (options !== undefined && typeof options !== "object") throw new TypeError("Incorrect Segmenter information provided");
    options = optionsOf(options);
    option(options, "localeMatcher", ["lookup", "best fit"], "best fit", "Segmenter");
    const granularity = option(options, "granularity", ["grapheme", "word", "sentence"], "grapheme", "Segmenter");
    segmenters.set(this, { locale: resolved(requested, []), granularity });
  }
  segment(input) {
    const { granularity } = slots(segmenters, this, "Segmenter.prototype.segment");
    return new Segments(`${input}`, granularity);
  }
  resolvedOptions() {
    return { ...slots(segmenters, this, "Segmenter.prototype.resolvedOptions") };
  }
}

class Segments {
  #input;
  #granularity;
  #ends;
  constructor(input, granularity) {
    this.#input = input;
    this.#granularity = granularity;
    this.#ends = op_intl_segments(input, granularity);
  }
  #at(number) {
    const words = this.#granularity === "word";
    const end = (at) => words ? this.#ends[at] >> 1 : this.#ends[at];
    const index = number === 0 ? 0 : end(number - 1);
    const data = { segment: this.#input.slice(index, end(number)), index, input: this.#input };
    if (words) data.isWordLike = (this.#ends[number] & 1) === 1;
    return data;
  }
  containing(index = 0) {
    const at = Math.trunc(Number(index)) || 0;
    if (at < 0 || at >= this.#input.length) return undefined;
    const words = this.#granularity === "word";
    return this.#at(this.#ends.findIndex((end) => at < (words ? end >> 1 : end)));
  }
  *[Symbol.iterator]() {
    for (let number = 0; number < this.#ends.length; number++) yield this.#at(number);
  }
}
delete Segments.prototype.constructor;

for (const [made, methods] of [[Collator, collatorMethods], [Segmenter, {}]]) {
  Object.defineProperties(made.prototype, Object.getOwnPropertyDescriptors(methods));
  for (const key of Object.keys(made.prototype)) Object.defineProperty(made.prototype, key, { enumerable: false });
  Object.defineProperty(made.prototype, Symbol.toStringTag, { value: `Intl.${made.name}`, configurable: true });
  Object.defineProperty(made, "length", { value: 0, configurable: true });
  Object.defineProperty(made, "supportedLocalesOf", {
    value: supportedLocalesOf, writable: true, configurable: true,
  });
}
Object.defineProperty(Collator, "prototype", { writable: false });

return { Collator, Segmenter };
})();
