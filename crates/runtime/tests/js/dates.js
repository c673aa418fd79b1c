// Dates, and what Temporal writes of them.

const PARTS = ["Milliseconds", "Seconds", "Minutes", "Hours", "Date", "Month", "FullYear"];
const SETTERS = PARTS.flatMap((part) => [`set${part}`, `setUTC${part}`]);

test("a part that is no number makes an invalid date", () => {
  for (const name of SETTERS) {
    for (const wrong of [NaN, Infinity, undefined, "x", {}]) {
      const date = new Date(5);
      ok(Number.isNaN(date[name](wrong)), name);
      ok(Number.isNaN(date.getTime()), name);
    }
  }
  const date = new Date(5);
  date.setHours(1, NaN);
  ok(Number.isNaN(date.getTime()));
  ok(Number.isNaN(new Date(0).setUTCFullYear(300_000)));
});

test("parts are set", () => {
  const date = new Date(0);
  equal(date.setUTCFullYear(2024, 1, 29), Date.UTC(2024, 1, 29));
  equal(date.setUTCHours(1, 2, 3, 4), Date.UTC(2024, 1, 29, 1, 2, 3, 4));
  equal(date.setUTCMonth(12), Date.UTC(2025, 0, 29, 1, 2, 3, 4));
  const invalid = new Date(NaN);
  equal([invalid.setUTCMonth(1), invalid.setUTCFullYear(2020)].map(String), ["NaN", String(Date.UTC(2020, 0))]);
});

test("the methods look as they did", async () => {
  equal(SETTERS.map((name) => Date.prototype[name].length), [1, 1, 2, 2, 3, 3, 4, 4, 1, 1, 2, 2, 3, 3]);
  equal(SETTERS.map((name) => Date.prototype[name].name), SETTERS);
  equal(Object.keys(Date.prototype), []);
  await throws(() => Date.prototype.setHours.call({}, 1), "TypeError");
  await throws(() => new Date.prototype.setHours(1), "TypeError");
});

test("Temporal writes for people", async () => {
  const date = Temporal.PlainDate.from("2024-02-29");
  equal(date.toLocaleString("en", { dateStyle: "full" }), "Thursday, February 29, 2024");
  equal(date.toLocaleString("de"), "29.2.2024");
  equal(date.toLocaleString("en", { month: "long", day: "numeric" }), "February 29");
  equal(Temporal.PlainTime.from("13:05:06").toLocaleString("en"), "1:05:06 PM");
  equal(Temporal.PlainTime.from("13:05:06").toLocaleString("de", { timeStyle: "short" }), "13:05");
  equal(Temporal.PlainDateTime.from("2024-02-29T13:05").toLocaleString("en"), "2/29/2024, 1:05:00 PM");
  equal(Temporal.PlainYearMonth.from("2024-02").toLocaleString("en", { dateStyle: "long" }), "February 2024");
  equal(Temporal.PlainMonthDay.from("02-29").toLocaleString("en"), "2/29");
  equal(Temporal.Instant.fromEpochMilliseconds(0).toLocaleString("en", { timeZone: "Asia/Tokyo" }), "1/1/1970, 9:00:00 AM");
  const zoned = Temporal.ZonedDateTime.from("2024-02-29T13:05[Europe/Berlin]");
  equal(zoned.toLocaleString("en", { dateStyle: "short", timeStyle: "short" }), "2/29/24, 1:05 PM");
  ok(zoned.toLocaleString("en").startsWith("2/29/2024, 1:05:00 PM G"));
  await throws(() => date.toLocaleString("en", { timeStyle: "full" }), "TypeError");
  await throws(() => zoned.toLocaleString("en", { timeZone: "UTC" }), "TypeError");
});
