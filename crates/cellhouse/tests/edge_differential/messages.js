// Random Headers, Requests and Responses, the same ones for the same seed, and what each gave.

function generator(seed) {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  const next = () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 33n) / 2 ** 31;
  };
  return {
    chance: (part) => next() < part,
    one: (list) => list[Math.floor(next() * list.length)],
    some(most, make) {
      return Array.from({ length: Math.floor(next() * (most + 1)) }, () => make());
    },
  };
}

// Where two things are wrong each engine tells of another one. Each call has random numbers of its own, as
// one that fails takes fewer.
async function attempt(seed, calls, name, call) {
  const random = generator(seed * 10_000 + calls.length);
  try {
    calls.push([name, await call(random)]);
  } catch {
    calls.push([name, "fails"]);
  }
}

const NAMES = [
  "a", "A", "b", "X-Long-Name", "x-long-name", "content-type", "Content-Type", "set-cookie", "Set-Cookie", "cookie",
  "content-length", "x".repeat(70), "!#$%&'*+-.^_`|~", "a b", "a:", 5, null,
];
const VALUES = [
  "1", "2", "", " ", " 1 ", "\t1\t", "a, b", "text/html", "application/json", "ü", "\u00a0", "v".repeat(80), "v ".repeat(40),
  5, 0, -1.5, true, null, undefined, "日", "a\nb", "a\u0000b", "a\u007fb", "a\tb",
];
// Nothing is wrong most of the time, so that not every call ends at once.
const nameOf = (random) => random.one(random.chance(0.9) ? NAMES.slice(0, 13) : NAMES);
const valueOf = (random) => random.one(random.chance(0.9) ? VALUES.slice(0, 17) : VALUES);

function initOf(random) {
  const pairs = random.some(4, () => [nameOf(random), valueOf(random)]);
  const kind = random.one(["record", "record", "record", "pairs", "headers", "map", "none", "odd"]);
  switch (kind) {
    case "record":
      return Object.fromEntries(pairs);
    case "pairs":
      return pairs;
    case "headers":
      return headersOf(pairs);
    case "map":
      return new Map(pairs);
    case "none":
      return undefined;
  }
  return random.one([[["a"]], [["a", "1", "2"]], [[]], [], {}, Object.create({ inherited: "1" })]);
}

function headersOf(pairs) {
  const headers = new Headers();
  for (const [name, value] of pairs) {
    try {
      headers.append(name, value);
    } catch {
      // Left out.
    }
  }
  return headers;
}

const entries = (headers) => [[...headers], headers.getSetCookie(), [...headers.keys()].length];

// ---- Headers

function change(random, headers) {
  const name = nameOf(random);
  const value = valueOf(random);
  switch (random.one(["append", "append", "set", "set", "delete", "get", "has", "size"])) {
    case "append":
      return [headers.append(name, value), entries(headers)];
    case "set":
      return [headers.set(name, value), entries(headers)];
    case "delete":
      return [headers.delete(name), entries(headers)];
    case "get":
      return headers.get(name);
    case "has":
      return headers.has(name);
  }
  return entries(new Headers(headers));
}

function changes(random) {
  const headers = headersOf(random.some(4, () => [nameOf(random), valueOf(random)]));
  return [1, 2, 3].map(() => change(random, headers));
}

// ---- Response

const BODIES = ["text", "", "ü", '{"a":1}', null, undefined, Uint8Array.of(65, 66), new URLSearchParams("a=1"), 5];
const STATUSES = [undefined, 200, 201, 204, 304, 404, 599, 600, 199, "201", 200.5, NaN];
const TEXTS = [undefined, undefined, undefined, "", "Fine", "ü\n"];

function responseInit(random) {
  if (random.chance(0.2)) return undefined;
  const init = { headers: initOf(random) };
  if (random.chance(0.6)) init.status = random.one(STATUSES);
  if (random.chance(0.2)) init.statusText = random.one(TEXTS);
  return init;
}

async function seen(random, response) {
  const parts = [response.status, response.ok, response.body === null, response.bodyUsed, response.url, response.redirected];
  if (random.chance(0.5)) parts.push(entries(response.headers));
  if (random.chance(0.3)) {
    response.headers.set("x-later", "1");
    response.headers.append("content-type", "x/y");
  }
  const copy = random.chance(0.3) ? response.clone() : new Response(response.body, response);
  parts.push(await copy.text(), copy.bodyUsed, entries(copy.headers), copy.status);
  return parts;
}

function responseCall(random) {
  const body = random.one(BODIES);
  return seen(random, new Response(body, responseInit(random)));
}

function jsonCall(random) {
  const data = random.one([{ a: [1, null] }, "x", 5, null, []]);
  return seen(random, Response.json(data, responseInit(random)));
}

// ---- Request

const URLS = [
  "http://h/", "http://H:80/a b", "https://h/ü?q=ü#f", "http://h/a/../b", "/relative", "", "http://", "http://[::1]:8080/",
  "http://user:secret@h/", "data:text/plain,x", "https://日本.example/",
];
const METHODS = [undefined, "GET", "get", "POST", "post", "Put", "PATCH", "patch", "DELETE", "QUERY", "TRACE", "ODD", ""];

async function requestCall(random) {
  const url = random.one(URLS);
  const init = { headers: initOf(random), method: random.one(METHODS) };
  if (random.chance(0.5)) init.body = random.one(BODIES);
  if (random.chance(0.1)) init.redirect = random.one(["manual", "follow", "error"]);
  const request = new Request(url, random.chance(0.8) ? init : undefined);
  const parts = [request.method, request.url, request.redirect, request.body === null, request.signal.aborted];
  const copy = random.chance(0.5) ? new Request(request, { headers: { "x-new": "1" } }) : request.clone();
  parts.push(entries(request.headers), entries(copy.headers), await copy.text(), copy.method);
  return parts;
}

export default {
  async fetch(request) {
    const seed = Number(new URL(request.url).searchParams.get("seed"));
    const calls = [];
    for (let i = 0; i < 30; i++) {
      await attempt(seed, calls, "headers", (random) => entries(new Headers(initOf(random))));
      await attempt(seed, calls, "changes", changes);
      await attempt(seed, calls, "response", responseCall);
      await attempt(seed, calls, "json", jsonCall);
      await attempt(seed, calls, "request", requestCall);
    }
    return Response.json(calls);
  },
};
