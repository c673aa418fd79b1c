// What `node:http`'s scripts share: names of methods and statuses, what names and values of headers may be, and the
// table of the servers that listen in this isolate.

(function () {
const { core } = __bootstrap;
const { METHODS, STATUS_CODES } = core.loadExtScript("ext:unenv/http.js");
const { ERR_HTTP_INVALID_HEADER_VALUE, ERR_INVALID_CHAR, ERR_INVALID_HTTP_TOKEN } = core.loadExtScript(
  "ext:deno_node/internal/errors.js",
);

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const INVALID_CHARACTER = /[^\t\x20-\x7e\x80-\xff]/;

const _checkIsHttpToken = (value) => TOKEN.test(value);
const _checkInvalidHeaderChar = (value) => INVALID_CHARACTER.test(value);

function validateHeaderName(name, label = "Header name") {
  if (typeof name !== "string" || !_checkIsHttpToken(name)) throw new ERR_INVALID_HTTP_TOKEN(label, name);
}

function validateHeaderValue(name, value) {
  if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  for (const one of Array.isArray(value) ? value : [value]) {
    if (_checkInvalidHeaderChar(`${one}`)) throw new ERR_INVALID_CHAR("header content", name);
  }
}

function notImplemented(what) {
  const error = new Error(`The ${what} method is not implemented`);
  error.code = "ERR_METHOD_NOT_IMPLEMENTED";
  return error;
}

function optionNotImplemented(name) {
  const error = new Error(`The ${name} option is not implemented`);
  error.code = "ERR_OPTION_NOT_IMPLEMENTED";
  return error;
}

// Ports, and what answers their requests: (request, env, ctx) => a promise of a response.
const listeners = new Map();

const common = {
  _checkInvalidHeaderChar, _checkIsHttpToken, listeners, METHODS, notImplemented, optionNotImplemented, STATUS_CODES,
  validateHeaderName, validateHeaderValue,
};
return { ...common, default: common };
})();
