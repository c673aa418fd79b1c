// Random calls of KV or of the Cache API, the same ones for the same seed, and what each gave.

function generator(seed) {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  const next = () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 33n) / 2 ** 31;
  };
  return {
    chance: (part) => next() < part,
    one: (list) => list[Math.floor(next() * list.length)],
  };
}

async function told(value) {
  if (value === undefined) return { undefined: true };
  if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  if (value instanceof ReadableStream) return { stream: await new Response(value).text() };
  if (value instanceof Map) {
    const entries = [];
    for (const [key, one] of value) entries.push([key, await told(one)]);
    return { map: entries };
  }
  if (value !== null && typeof value === "object" && "cacheStatus" in value && "value" in value) {
    return { ...value, value: await told(value.value) };
  }
  return value;
}

async function attempt(calls, name, call) {
  try {
    calls.push([...name, await told(await call())]);
  } catch (error) {
    // Each engine has its own words for what is no JSON.
    const message = error instanceof SyntaxError ? "" : error.message;
    calls.push([...name, { error: `${error.name}: ${message}` }]);
  }
}

// ---- KV

const KEYS = ["a", "b", "a/b", "a b", "ä", "日本", "\u{1f389}", "aa", "a%20b", "x".repeat(508), "x".repeat(520), "", ".", ".."];
const VALUES = [
  "", "text", "ü\u0000z", "[1,null]", "null", "0", '{"a":{"b":[1]}}', "{", 7, true, null, undefined, {}, [],
  Uint8Array.of(0, 255, 10), Uint8Array.of(239, 187, 191, 65), new Uint16Array([1, 513]).subarray(1),
];
const TYPES = [undefined, "text", "json", "arrayBuffer", "stream", "blob", { type: "json" }, { type: "text", cacheTtl: 60 },
  { cacheTtl: 29 }, { type: "arrayBuffer", cacheTtl: "x" }, null];
const METADATA = [undefined, null, "m", { a: [1, null] }, 0, "m".repeat(1023), "m".repeat(1022)];
const TTLS = [undefined, undefined, undefined, 60, 600, 59, 0, -1, "120", "soon", 60.9];

function putOptions(random) {
  if (random.chance(0.4)) return undefined;
  const options = {};
  const metadata = random.one(METADATA);
  if (metadata !== undefined) options.metadata = metadata;
  const ttl = random.one(TTLS);
  if (ttl !== undefined) options.expirationTtl = ttl;
  return options;
}

// Times and cursors differ; that they are there does not.
function listed(page) {
  const keys = page.keys.map(({ expiration, ...key }) => ({ ...key, expires: expiration !== undefined }));
  return { keys, complete: page.list_complete, cursor: typeof page.cursor, cacheStatus: page.cacheStatus };
}

async function kv(env, seed) {
  const random = generator(seed);
  const calls = [];
  const key = () => {
    const name = random.one(KEYS);
    return name === "" || name.startsWith(".") ? name : `${seed}:${name}`;
  };
  let cursor;
  for (let step = 0; step < 120; step++) {
    const [name, type] = [key(), random.one(TYPES)];
    const many = [name, key(), key(), name];
    const value = random.one(VALUES);
    const options = putOptions(random);
    const limit = random.one([undefined, 1, 2, 3, 1000, 1001, 0, -1, NaN, "2"]);
    const prefix = random.one([`${seed}:`, `${seed}:a`, `${seed}:\u{1f389}`, `${seed}:none`]);
    await random.one([
      () => attempt(calls, ["get", name, type], () => env.KV.get(name, type)),
      () => attempt(calls, ["getWithMetadata", name, type], () => env.KV.getWithMetadata(name, type)),
      () => attempt(calls, ["get many", many, type], () => env.KV.get(many, type)),
      () => attempt(calls, ["getWithMetadata many", many, type], () => env.KV.getWithMetadata(many, type)),
      () => attempt(calls, ["put", name, `${value}`, options], () => env.KV.put(name, value, options)),
      () => attempt(calls, ["put", name, `${value}`, options], () => env.KV.put(name, value, options)),
      () => attempt(calls, ["put", name, `${value}`], () => env.KV.put(name, value)),
      () => attempt(calls, ["delete", name], () => env.KV.delete(name)),
      () => attempt(calls, ["list", prefix, limit], async () => {
        const page = await env.KV.list({ prefix, limit });
        cursor = page.cursor === undefined ? undefined : { prefix, limit, cursor: page.cursor };
        return listed(page);
      }),
      () => attempt(calls, ["list on"], async () => cursor && listed(await env.KV.list(cursor))),
    ])();
  }
  return calls;
}

// ---- the Cache API

const CONTROLS = [
  undefined, "max-age=100", "max-age=100", "public, max-age=100", "s-maxage=100, max-age=0", "s-maxage=0, max-age=9",
  "no-store", "no-cache, max-age=100", "private, max-age=100", "max-age=0", "max-age=-1", "max-age=x",
  'max-age="100"', "public", "immutable", "max-age=100, must-revalidate",
];
const STATUSES = [200, 200, 200, 200, 200, 203, 301, 302, 404, 410, 201, 403, 418, 500, 501, 503, 206, 304];
const EXTRA = [
  {}, {}, { etag: '"v1"' }, { etag: 'W/"v1"' }, { "last-modified": "Tue, 13 Sep 2022 12:00:00 GMT" },
  { age: "40" }, { age: "100" }, { vary: "accept" }, { vary: "*" }, { "set-cookie": "a=1" },
  { expires: "Tue, 13 Sep 2022 12:00:00 GMT" }, { expires: "Tue, 13 Sep 2522 12:00:00 GMT" }, { expires: "0" },
  { "x-a": "1", "transfer-encoding": "chunked" }, { "content-length": "3" }, { pragma: "no-cache" },
];
const RANGES = ["bytes=0-", "bytes=2-4", "bytes=-3", "bytes=-99", "bytes=-0", "bytes=9-20", "bytes=50-", "bytes=x", "items=0-1", "bytes="];
const CONDITIONS = [
  {}, { "if-none-match": '"v1"' }, { "if-none-match": 'W/"v1", "v2"' }, { "if-none-match": "*" }, { "if-none-match": '"v2"' },
  { "if-modified-since": "Tue, 13 Sep 2022 12:00:00 GMT" }, { "if-modified-since": "Tue, 13 Sep 2022 11:59:59 GMT" },
];
const REQUESTS = [{}, {}, { "cache-control": "no-cache" }, { accept: "text/plain" }];
const BODIES = ["", "0123456789", "ü", Uint8Array.of(0, 255)];

// Without the date; an age in steps, for one of the two is slower; and the length only where it is wrong, for
// miniflare leaves it out where it was not known before.
function answer(response) {
  if (response === undefined) return undefined;
  const headers = [...response.headers].filter(([name]) => name !== "date" && name !== "content-length")
    .map(([name, value]) => [name, name === "age" ? `${Math.floor(value / 20) * 20}` : value]);
  return response.arrayBuffer().then((body) => ({
    status: response.status, statusText: response.statusText, url: response.url, headers,
    body: [...new Uint8Array(body)],
  }));
}

function body(random) {
  const bytes = random.one(BODIES);
  if (random.chance(0.7)) return bytes;
  const chunk = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes.slice();
  return new ReadableStream({
    start(controller) {
      if (chunk.byteLength > 0) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function cache(seed) {
  const random = generator(seed);
  const calls = [];
  const named = await caches.open(`cache-${seed}`);
  for (let step = 0; step < 150; step++) {
    const page = random.one(["a", "b", "b?x=1", "c#d", "%20", "parts", "parts?x"]);
    const url = `http://cache.test/${seed}/${page}`;
    const store = random.one([caches.default, caches.default, named]);
    const which = store === named ? "named" : "default";
    const method = random.one(["GET", "GET", "GET", "GET", "HEAD", "POST"]);
    const options = random.one([undefined, undefined, { ignoreMethod: true }, { ignoreMethod: 0 }, 5]);
    // Only what went well can be unchanged or be had in parts; miniflare does so with anything.
    const inParts = page.startsWith("parts");
    const changes = page.startsWith("b");
    const headers = inParts ? { range: random.one(RANGES) } : random.one(changes ? CONDITIONS : REQUESTS);
    const response = { ...random.one(EXTRA) };
    const control = random.one(CONTROLS);
    if (control !== undefined) response["cache-control"] = control;
    const status = inParts || changes ? 200 : random.one(STATUSES);
    const content = status === 304 ? null : body(random);
    const authorized = random.chance(0.1) ? { authorization: "Basic x" } : {};
    const request = () => new Request(url, { method, headers: { ...headers, ...authorized } });
    await random.one([
      () => attempt(calls, ["match", which, url, method, headers, options], async () =>
        answer(await store.match(request(), options))),
      () => attempt(calls, ["match", which, url], async () => answer(await store.match(url))),
      () => attempt(calls, ["put", which, url, method, status, response, authorized], () =>
        store.put(request(), new Response(content, { status, headers: response }))),
      () => attempt(calls, ["put", which, url, status, response], () =>
        store.put(url, new Response(content, { status, headers: response }))),
      () => attempt(calls, ["delete", which, url, method, options], () => store.delete(request(), options)),
    ])();
  }
  return calls;
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const seed = Number(searchParams.get("seed"));
    return Response.json(pathname === "/kv" ? await kv(env, seed) : await cache(seed));
  },
};
