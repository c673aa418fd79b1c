// Methods of the language that write for people: toLocaleString() and its kin, and localeCompare(). What they need of
// `Intl` is loaded at the first call, and what they made of it is kept for the next.

(function () {
const { core } = __bootstrap;
const intl = () => core.loadExtScript("ext:cellhouse_runtime/intl.js").Intl;

// Formatters are costly to make. As many as that are kept of each kind.
const KEPT = 64;

function keeping(make) {
  const kept = new Map();
  return (locales, options) => {
    const plain = (locales === undefined || typeof locales === "string") &&
      (options === undefined || (typeof options === "object" && options !== null));
    if (!plain) return make(locales, options);
    const key = `${locales ?? ""} ${options === undefined ? "" : JSON.stringify(options)}`;
    let made = kept.get(key);
    if (made === undefined) {
      made = make(locales, options);
      if (kept.size >= KEPT) kept.clear();
      kept.set(key, made);
    }
    return made;
  };
}

const numbers = keeping((locales, options) => new (intl().NumberFormat)(locales, options));
const collators = keeping((locales, options) => new (intl().Collator)(locales, options));

const { dateOptions } = core.loadExtScript("ext:cellhouse_runtime/date_options.js");

function dateMethod(required, defaults) {
  const formats = keeping((locales, options) =>
    new (intl().DateTimeFormat)(locales, dateOptions(options, required, defaults))
  );
  return (date, locales, options) => {
    const time = Date.prototype.valueOf.call(date);
    return Number.isNaN(time) ? "Invalid Date" : formats(locales, options).format(time);
  };
}
const [dateAndTime, dateOnly, timeOnly] = [dateMethod("any", "all"), dateMethod("date", "date"), dateMethod("time", "time")];

const ENGLISH = new Set([undefined, "en", "en-US"]);
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

const { toString, toTimeString } = Date.prototype;
const zoneNamed = (text) => text.replace(/\(UTC\)$/, "(Coordinated Universal Time)");

const { localeCompare, toLocaleLowerCase, toLocaleUpperCase } = String.prototype;

// The languages in which `i` keeps its dot.
function dotted(locales) {
  if (locales === undefined) return false;
  const [tag] = intl().getCanonicalLocales(locales);
  return tag !== undefined && /^(?:az|tr)(?:-|$)/.test(tag);
}

const METHODS = [
  [Number.prototype, {
    toLocaleString(locales = undefined, options = undefined) {
      const value = Number.prototype.valueOf.call(this);
      const simple = options === undefined && ENGLISH.has(locales) && Number.isSafeInteger(value) && !Object.is(value, -0);
      return simple ? grouped(String(value)) : numbers(locales, options).format(value);
    },
  }],
  [BigInt.prototype, {
    toLocaleString(locales = undefined, options = undefined) {
      const value = BigInt.prototype.valueOf.call(this);
      if (options === undefined && ENGLISH.has(locales)) return grouped(String(value));
      return numbers(locales, options).format(value);
    },
  }],
  [Date.prototype, {
    toLocaleString(locales = undefined, options = undefined) {
      return dateAndTime(this, locales, options);
    },
    toLocaleDateString(locales = undefined, options = undefined) {
      return dateOnly(this, locales, options);
    },
    toLocaleTimeString(locales = undefined, options = undefined) {
      return timeOnly(this, locales, options);
    },
    toString() {
      return zoneNamed(toString.call(this));
    },
    toTimeString() {
      return zoneNamed(toTimeString.call(this));
    },
  }],
  [Array.prototype, {
    toLocaleString(locales = undefined, options = undefined) {
      const texts = Array.from(Object(this), (value) =>
        value === undefined || value === null ? "" : String(value.toLocaleString(locales, options)));
      return texts.join(",");
    },
  }],
  [String.prototype, {
    localeCompare(that, locales = undefined, options = undefined) {
      if (locales === undefined && options === undefined) return localeCompare.call(this, that);
      return collators(locales, options).compare(`${this}`, `${that}`);
    },
    toLocaleLowerCase(locales = undefined) {
      if (!dotted(locales)) return toLocaleLowerCase.call(this);
      return toLocaleLowerCase.call(`${this}`.replaceAll("I\u0307", "i").replaceAll("I", "ı").replaceAll("İ", "i"));
    },
    toLocaleUpperCase(locales = undefined) {
      if (!dotted(locales)) return toLocaleUpperCase.call(this);
      return toLocaleUpperCase.call(`${this}`.replaceAll("i", "İ"));
    },
  }],
];

// Temporal's classes are the engine's.
function defineTemporalTexts({ Temporal }) {
  const texts = () => core.loadExtScript("ext:cellhouse_runtime/temporal_texts.js");
  const names = ["Instant", "PlainDate", "PlainDateTime", "PlainTime", "PlainYearMonth", "PlainMonthDay", "ZonedDateTime"];
  for (const name of names) {
    const { toLocaleString } = {
      toLocaleString(locales = undefined, options = undefined) {
        return texts()[name](this, locales, options);
      },
    };
    Object.defineProperty(Temporal[name].prototype, "toLocaleString", {
      value: toLocaleString, writable: true, configurable: true, enumerable: false,
    });
  }
}

function defineLocaleMethods(scope) {
  if (scope.Temporal !== undefined) defineTemporalTexts(scope);
  for (const [prototype, methods] of METHODS) {
    for (const [name, value] of Object.entries(methods)) {
      Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
    }
  }
  Object.defineProperty(String.prototype.localeCompare, "length", { value: 1, configurable: true });
  Object.defineProperty(scope, "Intl", {
    get() {
      const value = intl();
      Object.defineProperty(scope, "Intl", { value, writable: true, configurable: true, enumerable: false });
      return value;
    },
    set(value) {
      Object.defineProperty(scope, "Intl", { value, writable: true, configurable: true, enumerable: false });
    },
    configurable: true,
    enumerable: false,
  });
}

return { defineLocaleMethods };
})();
