// Cloudflare's rate limiting binding. The counts are in Rust.

(function () {
const { op_rate_limit } = __bootstrap.core.ops;

const KEY = Symbol("construct");
const OPTIONS = ["key", "limit", "period"];
const PERIODS = [10, 60];

function check(holds, message) {
  if (!holds) throw new Error(message);
}

class Ratelimit {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async limit(options) {
    check(typeof options === "object" && options !== null, "invalid rate limit options");
    const unknown = Object.keys(options).filter((name) => !OPTIONS.includes(name));
    check(unknown.length === 0, `bad rate limit options: [${unknown.join(",")}]`);
    const { key = "", limit, period } = options;
    check(typeof key === "string", `invalid key: ${key}`);
    check(limit === undefined || typeof limit === "number", `limit must be a number: ${limit}`);
    check(period === undefined || typeof period === "number", `period must be a number: ${period}`);
    check(period === undefined || PERIODS.includes(period), `unsupported period: ${period}`);
    return { success: op_rate_limit(this.#index, key, limit ?? NaN, period ?? 0) };
  }
}

return { makeRateLimit: (index) => new Ratelimit(KEY, index) };
})();
