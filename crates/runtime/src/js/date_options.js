// What a date's text shows if the options name nothing of it (ECMA-402, CreateDateTimeFormat).

(function () {
const DATE = ["weekday", "year", "month", "day"];
const TIME = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];

// `required` is what the options must name a part of, else `defaults` are shown. Gives an object of its own.
function dateOptions(options, required, defaults) {
  if (options === null) throw new TypeError("Cannot convert undefined or null to object");
  const read = Object.create(options === undefined ? null : Object(options));
  const wanted = required === "date" ? DATE : required === "time" ? TIME : [...DATE, ...TIME];
  const wrong = { date: "timeStyle", time: "dateStyle" }[required];
  if (wrong !== undefined && read[wrong] !== undefined) throw new TypeError(`Invalid option : ${wrong}`);
  if (read.dateStyle !== undefined || read.timeStyle !== undefined) return read;
  if (wanted.some((name) => read[name] !== undefined)) return read;
  if (defaults !== "time") read.year = read.month = read.day = "numeric";
  if (defaults !== "date") read.hour = read.minute = read.second = "numeric";
  return read;
}

return { dateOptions };
})();
