// `toLocaleString()` of Temporal's classes, by our `Intl`: the engine's own knows none of its options.

(function () {
const { core } = __bootstrap;
const { dateOptions } = core.loadExtScript("ext:cellhouse_runtime/date_options.js");
const { DateTimeFormat } = core.loadExtScript("ext:cellhouse_runtime/intl.js").Intl;

const LENGTHS = {
  full: ["numeric", "long", "numeric"],
  long: ["numeric", "long", "numeric"],
  medium: ["numeric", "short", "numeric"],
  short: ["2-digit", "numeric", "numeric"],
};

function write(locales, options, time, change) {
  Object.assign(options, change);
  return new DateTimeFormat(locales, options).format(time);
}

// Milliseconds of a date and time, as if it were one of UTC.
function timeOf({ year, month, day }, { hour, minute, second, millisecond } = {}) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour ?? 12, minute ?? 0, second ?? 0, millisecond ?? 0);
}
const ofCalendar = (date) => date.withCalendar("iso8601");

const UTC = { timeZone: "UTC" };
const NO_DATE = { weekday: undefined, era: undefined, year: undefined, month: undefined, day: undefined };
const NO_TIME = {
  dayPeriod: undefined, hour: undefined, minute: undefined, second: undefined, fractionalSecondDigits: undefined,
  timeZoneName: undefined,
};

// Of a date without one of its parts; the options of what it shows.
function partly(options, parts) {
  if (options?.timeStyle !== undefined) throw new TypeError("Invalid option : timeStyle");
  const read = Object.create(options === undefined ? null : Object(options));
  const style = read.dateStyle;
  const [year, month, day] = LENGTHS[style] ?? ["numeric", "numeric", "numeric"];
  if (style !== undefined || parts.every((part) => read[part] === undefined)) {
    Object.assign(read, { year, month, day, dateStyle: undefined });
  }
  for (const part of ["weekday", "year", "month", "day"]) if (!parts.includes(part)) read[part] = undefined;
  return read;
}

return {
  Instant(instant, locales, options) {
    return write(locales, dateOptions(options, "any", "all"), instant.epochMilliseconds);
  },
  PlainDate(date, locales, options) {
    const time = timeOf(ofCalendar(date));
    return write(locales, dateOptions(options, "date", "date"), time, { ...NO_TIME, ...UTC });
  },
  PlainDateTime(dateTime, locales, options) {
    const iso = ofCalendar(dateTime);
    return write(locales, dateOptions(options, "any", "all"), timeOf(iso, iso), { ...UTC, timeZoneName: undefined });
  },
  PlainTime(time, locales, options) {
    const read = dateOptions(options, "time", "time");
    return write(locales, read, timeOf({ year: 1970, month: 1, day: 1 }, time), { ...NO_DATE, ...UTC, timeZoneName: undefined });
  },
  PlainYearMonth(yearMonth, locales, options) {
    const time = timeOf(ofCalendar(yearMonth.toPlainDate({ day: 1 })));
    return write(locales, partly(options, ["year", "month"]), time, { ...NO_TIME, ...UTC });
  },
  PlainMonthDay(monthDay, locales, options) {
    const time = timeOf(ofCalendar(monthDay.toPlainDate({ year: 1972 })));
    return write(locales, partly(options, ["month", "day"]), time, { ...NO_TIME, ...UTC });
  },
  ZonedDateTime(zoned, locales, options) {
    if (options?.timeZone !== undefined) throw new TypeError("Invalid option : timeZone");
    const bare = Object.create(options === undefined ? null : Object(options));
    const read = dateOptions(bare, "any", "all");
    // As many as were not asked for by name or by style.
    const defaults = Object.hasOwn(read, "year") && read.timeZoneName === undefined;
    return write(locales, read, zoned.epochMilliseconds, {
      timeZone: zoned.timeZoneId, ...(defaults ? { timeZoneName: "short" } : {}),
    });
  },
};
})();
