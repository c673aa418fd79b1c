// Response as Workers have it: default status texts, `webSocket`, `cf` and `encodeBody`, an empty body
// where the status allows none, and Cloudflare's messages. Built on Deno's: same prototype, and the
// short way of a plain string stays short.

(function () {
const { core } = __bootstrap;
const { assertBranded } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { checkCloneable, cloneCf } = core.loadExtScript("ext:cellhouse_runtime/body.js");
const { statusTextOf } = core.loadExtScript("ext:cellhouse_runtime/status_texts.js");
const {
  getInnerResponse, nullBodyStatus, redirectStatus, Response: DenoResponse, ResponsePrototype,
  toInnerResponse,
} = core.loadExtScript("ext:deno_fetch/23_response.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");
const { TEXT, textResponse, textResponseOf } = core.loadExtScript("ext:cellhouse_runtime/text_response.js");

const isResponse = (value) => Object.prototype.isPrototypeOf.call(ResponsePrototype, value);

// ---- construction

// What Deno's constructor does not know.
class Extras {
  cf;
  webSocket = null;
  encodeBody = "automatic";
}

// The parts of `init` that Deno's constructor takes, and the others.
function readInit(init) {
  if (isResponse(init)) return readResponse(init);
  const extras = new Extras();
  if (init.cf !== undefined) extras.cf = cloneCf(init.cf);
  extras.webSocket = init.webSocket ?? null;
  const { encodeBody } = init;
  if (encodeBody !== undefined) {
    extras.encodeBody = `${encodeBody}`;
    if (encodeBody !== "manual" && encodeBody !== "automatic") {
      throw new TypeError(`encodeBody: unexpected value: ${encodeBody}`);
    }
  }
  const { status = 200, statusText = "", headers } = init;
  return [{ status: Math.trunc(Number(status)) || 0, statusText, headers }, extras];
}

function readResponse(response) {
  const { status, statusMessage, cf, webSocket = null, encodeBody } = getInnerResponse(response);
  const extras = Object.assign(new Extras(), { webSocket });
  if (cf !== undefined) extras.cf = cloneCf(cf);
  if (encodeBody !== undefined) extras.encodeBody = encodeBody;
  return [{ status, statusText: statusMessage, headers: response.headers }, extras];
}

function checkStatus(status, webSocket) {
  if (webSocket !== null) {
    if (status !== 101) throw new RangeError("Responses with a WebSocket must have status code 101.");
  } else if (!(status >= 200 && status <= 599)) {
    throw new RangeError(
      "Responses may only be constructed with status codes in the range 200 to 599, inclusive.",
    );
  }
}

// null for an empty body, which Workers allow where there must be none.
function withoutBody(body) {
  if (body === null || body === undefined) return null;
  if (body === "" || body.byteLength === 0 || body.size === 0) return null;
  throw new TypeError("Response with null body status (101, 204, 205, or 304) cannot have a body.");
}

function construct(body, init, newTarget) {
  if (typeof init !== "object" && typeof init !== "function") {
    throw new TypeError(
      "Failed to construct 'Response': constructor parameter 2 is not of type 'ResponseInit'.",
    );
  }
  const [plain, extras] = readInit(init);
  checkStatus(plain.status, extras.webSocket);
  if (nullBodyStatus(plain.status)) body = withoutBody(body);
  const response = Reflect.construct(DenoResponse, [body, plain], newTarget);
  attach(response, extras);
  return response;
}

function attach(response, { cf, webSocket, encodeBody }) {
  if (cf === undefined && webSocket === null && encodeBody === "automatic") return;
  const inner = getInnerResponse(response);
  inner.cf = cf;
  inner.webSocket = webSocket;
  inner.encodeBody = encodeBody;
}

// A plain object that asks for nothing but what Deno's constructor does in the same way.
function isPlain(init) {
  const { status } = init;
  return (status === undefined || (status >= 200 && status <= 599 && !nullBodyStatus(status))) &&
    typeof status !== "string" && init.cf === undefined && init.webSocket === undefined &&
    init.encodeBody === undefined && typeof init === "object" && !isResponse(init);
}

function plainResponse(body, init) {
  const { status = 200, statusText = "", headers } = init;
  const made = typeof body === "string" && statusText === ""
    ? textResponseOf(body, status, headers, TEXT)
    : undefined;
  return made ?? new DenoResponse(body, init);
}

function Response(body = null, init = undefined) {
  if (new.target === undefined) {
    throw new TypeError("Class constructor Response cannot be invoked without 'new'");
  }
  if (new.target === Response) {
    if (init === undefined || init === null) {
      return typeof body === "string" ? textResponse(body) : new DenoResponse(body);
    }
    if (isPlain(init)) return plainResponse(body, init);
  }
  if (init === undefined || init === null) return Reflect.construct(DenoResponse, [body], new.target);
  return construct(body, init, new.target);
}

Object.defineProperty(Response, "prototype", {
  value: ResponsePrototype, writable: false, enumerable: false, configurable: false,
});
Object.defineProperty(ResponsePrototype, "constructor", {
  value: Response, writable: true, enumerable: false, configurable: true,
});

// ---- static methods

function redirect(url, status = 302) {
  status = Math.trunc(Number(status));
  if (!redirectStatus(status)) {
    throw new RangeError(
      `${status} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`,
    );
  }
  const parsed = URL.parse(`${url}`);
  if (parsed === null) throw new TypeError(`Unable to parse URL: ${url}`);
  return DenoResponse.redirect(parsed.href, status);
}

function jsonOf(data, { status = 200, statusText = "", headers }) {
  if (statusText !== "") return undefined;
  const text = JSON.stringify(data);
  return text === undefined ? undefined : textResponseOf(text, status, headers, "application/json");
}

const NO_INIT = {};

function json(data, init = undefined) {
  if (init === undefined || init === null) return jsonOf(data, NO_INIT) ?? DenoResponse.json(data);
  const [plain, extras] = readInit(init);
  checkStatus(plain.status, extras.webSocket);
  if (nullBodyStatus(plain.status)) withoutBody("json");
  const response = jsonOf(data, plain) ?? DenoResponse.json(data, plain);
  attach(response, extras);
  return response;
}

for (const method of [DenoResponse.error, redirect, json]) {
  Object.defineProperty(Response, method.name, {
    value: method, writable: true, enumerable: true, configurable: true,
  });
}

// ---- properties and methods

function defineGetter(name, get) {
  Object.defineProperty(ResponsePrototype, name, {
    get() {
      assertBranded(this, ResponsePrototype);
      return get(getInnerResponse(this));
    },
    enumerable: true,
    configurable: true,
  });
}

defineGetter("statusText", ({ statusMessage, status }) => statusMessage || statusTextOf(status));
defineGetter("webSocket", (inner) => inner.webSocket ?? null);
defineGetter("cf", (inner) => inner.cf);

const clone = ResponsePrototype.clone;
Object.defineProperty(ResponsePrototype, "clone", {
  value: function () {
    assertBranded(this, ResponsePrototype);
    // Deno's copy lacks a content type that is not among the headers yet.
    const { body, webSocket, cf, encodeBody } = toInnerResponse(this);
    if (webSocket) throw new TypeError("Cannot clone a response to a WebSocket handshake.");
    if (body !== null) checkCloneable(body);
    const second = clone.call(this);
    const inner = getInnerResponse(second);
    if (cf !== undefined) inner.cf = cloneCf(cf);
    if (encodeBody !== undefined) inner.encodeBody = encodeBody;
    return second;
  },
  writable: true, enumerable: true, configurable: true,
});

return { Response };
})();
