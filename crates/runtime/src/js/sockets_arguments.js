// What connect() of "cloudflare:sockets" takes: addresses and options, checked and converted as workerd does.

(function () {
const { core } = __bootstrap;
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");

const NOT_INTEGER = "The value cannot be converted because it is not an integer.";
// RFC 1035: no name is longer.
const LONGEST_HOST = 255;
const TRANSPORTS = ["off", "starttls", "on"];

function toInteger(value, most, kind) {
  const number = Math.trunc(Number(value));
  if (!Number.isFinite(number)) throw new TypeError(NOT_INTEGER);
  if (number < 0) {
    throw new TypeError(
      `The value cannot be converted because it is negative and this API expects a positive ${kind}.`,
    );
  }
  if (number > most) throw new TypeError(`Value out of range. Must be less than or equal to ${most}.`);
  return number;
}

function missing(what) {
  return new TypeError(`Cannot initialize ${what} with required members from an undefined or null value.`);
}

function checkHost(text) {
  if (text.length > LONGEST_HOST || !/^[-._[\]:a-zA-Z0-9]+$/.test(text)) {
    throw new TypeError(
      "Specified address is empty string, contains unsupported characters or is too long.",
    );
  }
}

function ofText(text) {
  let url;
  try {
    url = new URL(`fake://${text}`);
  } catch {
    throw new TypeError(
      text === "" ? "Specified address is missing hostname." : "Specified address could not be parsed.",
    );
  }
  if (url.hostname === "") throw new TypeError("Specified address is missing hostname.");
  if (url.port === "") throw new TypeError("Specified address is missing port.");
  checkHost(text);
  return { hostname: url.hostname, port: Number(url.port), text };
}

// { hostname, port, text } of a string or an object.
function address(to) {
  if (to === undefined || to === null) throw missing("SocketAddress");
  if (typeof to !== "object" && typeof to !== "function") return ofText(`${to}`);
  const hostname = `${to.hostname}`;
  const port = toInteger(to.port, 65535, "number");
  const text = `${hostname}:${port}`;
  checkHost(text);
  return { hostname, port, text };
}

// { secureTransport, allowHalfOpen, highWaterMark }
function socketOptions(options) {
  if (options === null) throw missing("SocketOptions");
  if (options !== undefined && typeof options !== "object" && typeof options !== "function") {
    throw new TypeError(
      "Failed to execute 'connect' on 'SocketsModule': parameter 2 is not of type 'SocketOptions'.",
    );
  }
  const { secureTransport = "off", allowHalfOpen, highWaterMark } = options ?? {};
  const mark = highWaterMark === undefined
    ? undefined
    : toInteger(highWaterMark, Number.MAX_SAFE_INTEGER, "bigint");
  if (!TRANSPORTS.includes(`${secureTransport}`)) {
    throw new TypeError(`Unsupported value in secureTransport socket option: ${secureTransport}`);
  }
  return {
    secureTransport: `${secureTransport}`, allowHalfOpen: Boolean(allowHalfOpen), highWaterMark: mark,
  };
}

return { address, socketOptions };
})();
