// Compares the Cron class of `sdk.do` with croner: node cron_differential.mjs BUNDLE
// BUNDLE exports Cron. Random expressions from a fixed seed, three times each; then texts that are none. Prints
// how many were compared, those that differ, and those that were taken.

import { pathToFileURL } from "node:url";
import { Cron as Croner } from "croner";

const { Cron } = await import(pathToFileURL(process.argv[2]));

let state = 20261121;
/** A whole number below `limit`: a linear congruential generator with the multiplier of POSIX's example of rand(). */
function below(limit) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

function item(least, most, words) {
  const from = least + below(most - least + 1);
  const to = from + below(most - from + 1);
  const named = (value) => (words && below(2) ? words[value - least] ?? String(value) : String(value));
  switch (below(4)) {
    // croner takes "sun-sun" for a whole week.
    case 0: return from === to ? named(from) : `${named(from)}-${named(to)}`;
    case 1: return `${from}-${to}/${1 + below(5)}`;
    default: return named(from);
  }
}

function field(least, most, words) {
  const items = Array.from({ length: 1 + below(3) }, () => item(least, most, words));
  return items.join(",");
}

function expression() {
  const time = [below(3) ? field(0, 59) : below(2) ? "*" : `*/${1 + below(30)}`, below(2) ? field(0, 23) : below(2) ? "*" : `*/${1 + below(12)}`];
  // Where both kinds of day are given, either is enough. Dates to 28, so that each month has one.
  const days = [below(2) ? field(1, 28) : "*", below(2) ? field(0, 6, DAYS) : "*"];
  return `${time.join(" ")} ${days[0]} ${below(3) ? "*" : field(1, 12, MONTHS)} ${days[1]}`;
}

const different = [];
let compared = 0;
for (let count = 0; count < 1_000; count++) {
  const text = expression();
  const [ours, theirs] = [new Cron(text), new Croner(text, { timezone: "UTC", paused: true })];
  for (let times = 0; times < 3; times++) {
    const after = Date.UTC(2020 + below(12), below(12), 1 + below(28), below(24), below(60), below(60) * below(2));
    const [a, b] = [ours.after(after), theirs.nextRun(new Date(after))?.getTime()];
    compared += 1;
    if (a !== b) different.push([text, new Date(after), new Date(a), new Date(b)]);
  }
}

// The last day of February of leap years; Sunday is 0 and 7.
for (const [text, after, due] of [
  ["0 0 29 2 *", "2096-03-01T00:00Z", "2104-02-29T00:00:00.000Z"],
  ["30 4 * * 7", "2026-11-21T00:00Z", "2026-11-22T04:30:00.000Z"],
  ["59 23 31 12 *", "2026-12-31T23:59Z", "2027-12-31T23:59:00.000Z"],
  ["0 0 * * fri-sun", "2026-11-22T00:00Z", "2026-11-27T00:00:00.000Z"],
  ["0 0 * * fri-sun", "2026-11-21T00:00Z", "2026-11-22T00:00:00.000Z"],
  ["5/20 * * * *", "2026-01-01T00:06Z", "2026-01-01T00:25:00.000Z"],
]) {
  const found = new Date(new Cron(text).after(Date.parse(after))).toISOString();
  if (found !== due) different.push([text, after, found, due]);
}

const none = [
  "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *", "5-1 * * * *",
  "a * * * *", "1- * * * *", "-1 * * * *", "1,,2 * * * *", "* * * foo *", "* * mon * *", "0 0 31 2 *", "1.5 * * * *", "*-5 * * * *", "@daily",
];
const taken = none.filter((text) => {
  try {
    return new Cron(text);
  } catch (error) {
    return !(error instanceof TypeError && error.message.startsWith("every(): "));
  }
});
console.log(JSON.stringify({ compared, different: different.slice(0, 10), taken }));
