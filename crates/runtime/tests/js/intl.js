// Intl and the methods that write for people. Expected values are those of V8 with ICU.

const DAY = new Date(Date.UTC(2024, 6, 5, 14, 3, 9));

test("numbers for people", async () => {
  equal((1234567.891).toLocaleString(), "1,234,567.891");
  equal([(1234567).toLocaleString(), (-1234).toLocaleString("en"), (-0).toLocaleString()], ["1,234,567", "-1,234", "-0"]);
  equal((1234567.891).toLocaleString("de-DE"), "1.234.567,891");
  equal((1234567.5).toLocaleString("en-IN"), "12,34,567.5");
  equal((123456789012345678901234567890n).toLocaleString("de"), "123.456.789.012.345.678.901.234.567.890");
  equal([1, 2000.5, null].toLocaleString("de"), "1,2.000,5,");
  equal([NaN, Infinity].map((value) => value.toLocaleString()), ["NaN", "∞"]);
  await throws(() => Number.prototype.toLocaleString.call("x"), "TypeError");
});

test("money, percent, units, compact", () => {
  const format = (locale, options, value) => new Intl.NumberFormat(locale, options).format(value);
  equal(format("en-US", { style: "currency", currency: "USD" }, 1234.5), "$1,234.50");
  equal(format("de-DE", { style: "currency", currency: "EUR" }, 1234.5), "1.234,50\u00a0€");
  equal(format("ja-JP", { style: "currency", currency: "JPY" }, 1234.5), "￥1,235");
  equal(format("en-US", { style: "percent" }, 0.256), "26%");
  equal(format("en-US", { style: "unit", unit: "liter", unitDisplay: "long" }, 16), "16 liters");
  equal(format("en-US", { notation: "compact" }, 1234567), "1.2M");
  equal(format("en-US", { minimumIntegerDigits: 2, minimumFractionDigits: 1 }, 5), "05.0");
  equal([1, 2].map(new Intl.NumberFormat("en", { minimumFractionDigits: 1 }).format), ["1.0", "2.0"]);
  const parts = new Intl.NumberFormat("en", { style: "currency", currency: "USD" }).formatToParts(1234.5);
  equal(parts.map(({ type }) => type), ["currency", "integer", "group", "integer", "decimal", "fraction"]);
});

test("dates for people", () => {
  equal(DAY.toLocaleString(), "7/5/2024, 2:03:09 PM");
  equal([DAY.toLocaleDateString(), DAY.toLocaleTimeString()], ["7/5/2024", "2:03:09 PM"]);
  equal(DAY.toLocaleString("en-GB"), "05/07/2024, 14:03:09");
  equal(DAY.toLocaleString("de-DE"), "5.7.2024, 14:03:09");
  equal(DAY.toLocaleString("sv-SE"), "2024-07-05 14:03:09");
  equal(DAY.toLocaleString("ja-JP"), "2024/7/5 14:03:09");
  equal(DAY.toLocaleDateString("en-CA"), "2024-07-05");
  const long = { weekday: "long", year: "numeric", month: "long", day: "numeric" };
  equal(DAY.toLocaleDateString("en-US", long), "Friday, July 5, 2024");
  equal(DAY.toLocaleDateString("de-DE", long), "Freitag, 5. Juli 2024");
  equal(DAY.toLocaleString("en-US", { dateStyle: "long", timeStyle: "short" }), "July 5, 2024 at 2:03 PM");
  equal(DAY.toLocaleTimeString("en-US", { hour: "2-digit", minute: "2-digit" }), "02:03 PM");
  equal(new Date(NaN).toLocaleString(), "Invalid Date");
  equal(new Intl.DateTimeFormat("en-US").format(DAY), "7/5/2024");
});

test("time zones", async () => {
  const at = (timeZone, options = {}) => DAY.toLocaleString("sv", { timeZone, ...options });
  equal(at("America/New_York"), "2024-07-05 10:03:09");
  equal(at("Asia/Kolkata"), "2024-07-05 19:33:09");
  equal(at("+05:30"), "2024-07-05 19:33:09");
  const hours = [5.5, 6.5].map((hour) => new Date(Date.UTC(2024, 10, 3, 0, hour * 60)));
  equal(hours.map((date) => date.toLocaleTimeString("sv", { timeZone: "America/New_York" })), ["01:30:00", "01:30:00"]);
  const name = (timeZone, timeZoneName) =>
    new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName }).formatToParts(DAY).find(({ type }) => type === "timeZoneName").value;
  equal([name("America/New_York", "short"), name("America/New_York", "long")], ["EDT", "Eastern Daylight Time"]);
  equal([name("Asia/Tokyo", "longOffset"), name("Asia/Tokyo", "shortOffset"), name("UTC", "longOffset")], ["GMT+09:00", "GMT+9", "GMT"]);
  equal(DAY.toLocaleDateString("en-US", { timeZoneName: "short" }), "7/5/2024, UTC");
  equal(new Intl.DateTimeFormat().resolvedOptions().timeZone, "UTC");
  equal(new Intl.DateTimeFormat("en", { timeZone: "america/new_york" }).resolvedOptions().timeZone, "America/New_York");
  await throws(() => at("Bogus/Zone"), "RangeError", "Invalid time zone specified: Bogus/Zone");
});

test("order of texts", () => {
  const sorted = (locale, texts, options) => texts.sort(new Intl.Collator(locale, options).compare);
  equal(sorted("de", ["z", "a", "ä"]), ["a", "ä", "z"]);
  equal(sorted("sv", ["z", "a", "ä"]), ["a", "z", "ä"]);
  equal(sorted("en", ["a10", "a2"], { numeric: true }), ["a2", "a10"]);
  equal(sorted("en", ["a", "A"], { caseFirst: "upper" }), ["A", "a"]);
  equal("a".localeCompare("Á", "en", { sensitivity: "base" }), 0);
  equal(["ä".localeCompare("z", "de"), "ä".localeCompare("z", "sv"), "a".localeCompare("b")], [-1, 1, -1]);
  equal(new Intl.Collator("en", { ignorePunctuation: true }).compare("a-b", "ab"), 0);
  equal(["i".toLocaleUpperCase("tr"), "I".toLocaleLowerCase("tr"), "i".toLocaleUpperCase("en")], ["İ", "ı", "I"]);
});

test("segments", () => {
  const parts = (text, granularity) => [...new Intl.Segmenter("en", { granularity }).segment(text)];
  equal(parts("👨‍👩‍👧e\u0301").map(({ segment }) => segment.length), [8, 2]);
  equal(parts("It's 3.14!", "word").map(({ segment, isWordLike }) => `${segment}${isWordLike ? "+" : "-"}`), ["It's+", " -", "3.14+", "!-"]);
  equal(parts("One. Two?", "sentence").map(({ index }) => index), [0, 5]);
  equal(new Intl.Segmenter("en", { granularity: "word" }).segment("ab cd").containing(4).segment, "cd");
  equal(parts("", "word"), []);
});

test("plurals, lists, times ago, names", () => {
  equal([1, 2, 5].map((count) => new Intl.PluralRules("ru").select(count)), ["one", "few", "many"]);
  equal(new Intl.PluralRules("en", { type: "ordinal" }).select(22), "two");
  equal(new Intl.ListFormat("de").format(["a", "b", "c"]), "a, b und c");
  equal(new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-1, "day"), "yesterday");
  equal(new Intl.RelativeTimeFormat("de").format(3, "hours"), "in 3 Stunden");
  equal(new Intl.DisplayNames("en", { type: "region" }).of("DE"), "Germany");
  equal(new Intl.Locale("zh").maximize().toString(), "zh-Hans-CN");
  ok(Intl.supportedValuesOf("timeZone").includes("Europe/Berlin"));
});

test("wrong tags and options", async () => {
  equal(Intl.getCanonicalLocales(["EN-us", "de", "en-US"]), ["en-US", "de"]);
  equal(Intl.NumberFormat.supportedLocalesOf(["en", "xx"]), ["en"]);
  await throws(() => (5).toLocaleString("not a locale"), "RangeError", "Invalid language tag: not a locale");
  await throws(() => new Intl.NumberFormat("en", { style: "bogus" }), "RangeError");
  await throws(() => new Intl.NumberFormat("en", { style: "currency" }), "TypeError");
  await throws(() => new Intl.Collator("en", { usage: "bogus" }), "RangeError");
  await throws(() => Intl.Segmenter("en"), "TypeError");
  await throws(() => DAY.toLocaleDateString("en", { timeStyle: "short" }), "TypeError");
});

test("classes", () => {
  const names = ["Collator", "DateTimeFormat", "DisplayNames", "DurationFormat", "ListFormat", "Locale", "NumberFormat", "PluralRules", "RelativeTimeFormat", "Segmenter"];
  equal(names.map((name) => Intl[name].name), names);
  equal(String(Intl) + String(new Intl.Collator()), "[object Intl][object Intl.Collator]");
  equal(names.map((name) => Object.keys(Intl[name])).flat(), []);
  ok(Intl.Collator("de") instanceof Intl.Collator);
  equal(new Date(0).toString(), "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)");
});
