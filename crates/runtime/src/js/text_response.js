// Responses of a text, which most handlers make: objects of Deno's class with no more than they need, made in a
// few steps. What Deno's constructor writes down for what may come later stands on prototypes here, and what is
// said of headers in an unusual way is left to it.

(function () {
const { core } = __bootstrap;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { extractBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const {
  fromInnerResponse, newInnerResponse, ResponsePrototype, serveFastBodyKey, serveFastContentTypeKey,
  SERVE_FAST_HEADER_DEFAULT_TEXT, serveFastHeaderKindKey, serveFastStatusKey,
} = core.loadExtScript("ext:deno_fetch/23_response.js");
const { isPlain, listOf, lowerName, usualValue } = core.loadExtScript("ext:cellhouse_runtime/header_texts.js");
const { headerList } = core.loadExtScript("ext:cellhouse_runtime/message_parts.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");

const TEXT = "text/plain;charset=UTF-8";
// In place of Deno's numbers: the headers are those of a list. `op_respond_static` has the same number.
const HEADERS_LISTED = 3;
// What the runtime does to the body of a response that has this is done elsewhere.
const ENCODING = "content-encoding";

// ---- what is the same for all responses

// A response of Deno's class to which nothing has happened. Its parts have symbols that Deno keeps to itself.
const emptyInner = newInnerResponse();
const empty = fromInnerResponse(emptyInner, "response");
const INNER = Object.getOwnPropertySymbols(empty).find((symbol) => empty[symbol] === emptyInner);

for (const symbol of Object.getOwnPropertySymbols(empty)) {
  if (symbol === brand || symbol === INNER) continue;
  Object.defineProperty(ResponsePrototype, symbol, { value: empty[symbol], writable: true, configurable: true });
}

// ---- the inside of a response of a text

class InnerText {
  // `joined`: its headers as ops take them, if they are not those of any text.
  constructor(text, joined) {
    this.text = text;
    if (joined !== undefined) this.joined = joined;
  }

  get body() {
    return this.body = extractBody(this.text).body;
  }

  set body(body) {
    this.text = undefined;
    own(this, "body", body);
  }

  get headerList() {
    return this.headerList = this.joined === undefined ? [["content-type", TEXT]] : headerList(this.joined);
  }

  set headerList(list) {
    own(this, "headerList", list);
  }

  get urlList() {
    return this.urlList = [];
  }

  set urlList(list) {
    own(this, "urlList", list);
  }

  url() {
    return null;
  }
}

function own(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

for (const name of ["type", "status", "statusMessage", "aborted", "bodyDecoded"]) {
  InnerText.prototype[name] = emptyInner[name];
}
InnerText.prototype.joined = undefined;

// ---- the response

function TextResponse(inner) {
  this[brand] = brand;
  this[INNER] = inner;
  this[serveFastStatusKey] = inner.status;
  this[serveFastBodyKey] = inner.text;
  this[serveFastHeaderKindKey] = SERVE_FAST_HEADER_DEFAULT_TEXT;
}
TextResponse.prototype = ResponsePrototype;

keepShapes(new InnerText("", undefined));
keepShapes(new TextResponse(new InnerText("", "")));
// Those of all other responses.
keepShapes(empty);
keepShapes(emptyInner);

const textResponse = (text) => new TextResponse(new InnerText(text, undefined));

// Headers as ops take them, with a type if they have none; undefined if they are not usual.
function joinedOf(headers, type) {
  if (headers === undefined) return `content-type\0${type}\0`;
  if (typeof headers !== "object" || headers === null) return undefined;
  // A plain object is read without a list of its pairs.
  const plain = isPlain(headers);
  const list = plain ? Object.keys(headers) : listOf(headers);
  if (list === undefined) return undefined;
  let joined = "";
  let isTyped = false;
  for (let i = 0; i < list.length; i++) {
    const name = plain ? lowerName(list[i]) : list[i][0];
    const value = plain ? usualValue(headers[list[i]]) : list[i][1];
    if (name === undefined || value === undefined || name === ENCODING) return undefined;
    if (name === "content-type") isTyped = true;
    joined += name + "\0" + value + "\0";
  }
  return isTyped ? joined : joined + `content-type\0${type}\0`;
}

// With what is said of it; undefined if that is not usual.
function textResponseOf(text, status, headers, type) {
  if (status !== 200 && !Number.isInteger(status)) return undefined;
  const joined = joinedOf(headers, type);
  if (joined === undefined) return undefined;
  const inner = new InnerText(text, joined);
  if (status !== 200) inner.status = status;
  const response = new TextResponse(inner);
  response[serveFastHeaderKindKey] = HEADERS_LISTED;
  response[serveFastContentTypeKey] = joined;
  return response;
}

// Whether nobody has asked for the body of such a response.
const isUntouched = (response) => response[INNER].text !== undefined;

return { isUntouched, TEXT, textResponse, textResponseOf };
})();
