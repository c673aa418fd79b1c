// What a step of a Workflow may be told: durations, and the configuration of step.do().

(function () {

// The numbers that Rust has for kinds of steps.
const KINDS = { do: 0, sleep: 1, wait: 2, rollback: 3 };

// In milliseconds. Cloudflare's; a unit that is none of these counts as milliseconds there.
const UNITS = {
  year: 31_557_600_000,
  month: 2_592_000_000,
  week: 604_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
};

// Cloudflare's documented ones.
const DEFAULTS = { retries: { limit: 5, delay: 10_000, backoff: "exponential" }, timeout: "10 minutes" };

// Stands for a delay that is a function.
const DYNAMIC = "[dynamic]";

// Milliseconds, of a number or of a text such as "5 minutes"; NaN of anything else.
function durationOf(value) {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return NaN;
  if (!Number.isNaN(Number(value))) return Number(value);
  const [, number, unit] = /^([^ ]+) +(\w\w*?)s?$/.exec(value) ?? [undefined, value];
  return Number(number) * (UNITS[unit] ?? 1);
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const hasOnly = (value, names) => Object.keys(value).every((name) => names.includes(name));
const isAmount = (value) => Number.isFinite(value) && value >= 0;

function isDuration(value) {
  return isAmount(value) || (typeof value === "string" && !Number.isNaN(durationOf(value)));
}

function areRetries(retries) {
  return isObject(retries) && hasOnly(retries, ["limit", "delay", "backoff"]) && isAmount(retries.limit) &&
    (typeof retries.delay === "function" || isDuration(retries.delay)) &&
    [undefined, "constant", "linear", "exponential"].includes(retries.backoff);
}

function isConfig(config) {
  if (!isObject(config) || !hasOnly(config, ["retries", "timeout", "sensitive"])) return false;
  if (config.retries !== undefined && !areRetries(config.retries)) return false;
  if (config.timeout !== undefined && (Number(config.timeout) === 0 || !isDuration(config.timeout))) return false;
  return config.sensitive === undefined || config.sensitive === "output";
}

// With what it does not say, as it is written down: a delay that is a function is not.
function resolved(config) {
  const retries = { ...DEFAULTS.retries, ...config.retries };
  if (typeof retries.delay === "function") retries.delay = DYNAMIC;
  return { ...DEFAULTS, ...config, retries };
}

// As a step's function sees it.
function shown(config) {
  const { delay, ...retries } = config.retries;
  return { ...config, retries: delay === DYNAMIC ? retries : { ...retries, delay } };
}

// Milliseconds before the next attempt, after so many.
function pauseOf({ backoff }, delay, attempts) {
  switch (backoff) {
    case "exponential":
      return delay * 2 ** (attempts - 1);
    case "linear":
      return delay * attempts;
    default:
      return delay;
  }
}

return { DYNAMIC, durationOf, isConfig, KINDS, pauseOf, resolved, shown };
})();
