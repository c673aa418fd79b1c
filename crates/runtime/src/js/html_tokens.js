// What the handlers of an HTMLRewriter are called with: Element, EndTag, Text, Comment, Doctype, DocumentEnd.
// Each is valid while its handler runs, and says so afterwards. The engine keeps what they stand for.

(function () {
const { core } = __bootstrap;
const {
  op_html_attribute, op_html_attribute_at, op_html_doctype, op_html_has_attribute, op_html_insert,
  op_html_insert_stream, op_html_is_last, op_html_is_removed, op_html_namespace, op_html_on_end_tag,
  op_html_remove, op_html_remove_attribute, op_html_set_attribute, op_html_set_text, op_html_text,
} = core.ops;
const { ReadableStreamPrototype } = core.loadExtScript("ext:deno_web/06_streams.js");
const { ResponsePrototype } = core.loadExtScript("ext:deno_fetch/23_response.js");

const isPrototypeOf = (prototype, value) => Object.prototype.isPrototypeOf.call(prototype, value);

// ---- arguments

function wrong(method, type, position, what) {
  return new TypeError(
    `Failed to execute '${method}' on '${type}': parameter ${position} is not of type '${what}'.`,
  );
}

function readText(args, index, method, type) {
  if (args.length <= index) throw wrong(method, type, index + 1, "string");
  return `${args[index]}`;
}

function readHtml(options, method, type) {
  if (options === undefined || options === null) return false;
  if (typeof options !== "object" && typeof options !== "function") {
    throw wrong(method, type, 2, "ContentOptions");
  }
  return Boolean(options.html);
}

// ---- tokens

const GONE = "This content token is no longer valid. Content tokens are only valid during the execution of the " +
  "relevant content handler.";
// Only this script makes tokens.
const KEY = Symbol("token");

class Token {
  // What is at work on the document: { document, contents, onEndTag }. None when the handler is done.
  #work;

  constructor(key, work) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#work = work;
  }

  static work(token) {
    const work = token.#work;
    if (work === undefined) throw new TypeError(GONE);
    return work;
  }

  static end(token) {
    token.#work = undefined;
  }
}
const { end: endToken, work: workOf } = Token;
delete Token.end;
delete Token.work;

const documentOf = (token) => workOf(token).document;

// Places of content, by the numbers that Rust has for them.
const BEFORE = 0;
const AFTER = 1;
const REPLACE = 2;
const PREPEND = 3;
const APPEND = 4;
const SET_INNER = 5;
const METHODS = ["before", "after", "replace", "prepend", "append", "setInnerContent"];

function insert(token, place, args, type, takesStreams) {
  const method = METHODS[place];
  if (args.length === 0) throw wrong(method, type, 1, "string or ReadableStream or Response");
  const content = args[0];
  const html = readHtml(args[1], method, type);
  const stream = typeof content === "string" ? undefined : streamOf(content);
  if (stream === undefined) {
    op_html_insert(documentOf(token), place, `${content}`, html);
    return token;
  }
  const { contents, document } = workOf(token);
  if (!takesStreams) {
    throw new TypeError(
      "Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must " +
        "provide a string.",
    );
  }
  // A response without a body changes nothing.
  if (stream !== null) contents.set(op_html_insert_stream(document, place), { stream, html });
  return token;
}

// undefined for what is neither a stream nor a response.
function streamOf(content) {
  if (isPrototypeOf(ReadableStreamPrototype, content)) return content;
  if (isPrototypeOf(ResponsePrototype, content)) return content.body;
  return undefined;
}

function remove(token, keepContent = false) {
  op_html_remove(documentOf(token), keepContent);
  return token;
}

// ---- elements

class Element extends Token {
  // Grows with each change of an attribute.
  #changes = 0;

  get tagName() {
    return op_html_text(documentOf(this));
  }

  set tagName(name) {
    op_html_set_text(documentOf(this), `${name}`);
  }

  get attributes() {
    const work = workOf(this);
    return new AttributesIterator(KEY, work, this);
  }

  get removed() {
    return op_html_is_removed(documentOf(this));
  }

  get namespaceURI() {
    return op_html_namespace(documentOf(this));
  }

  getAttribute(name) {
    const text = readText(arguments, 0, "getAttribute", "Element");
    return op_html_attribute(documentOf(this), text) ?? null;
  }

  hasAttribute(name) {
    return op_html_has_attribute(documentOf(this), readText(arguments, 0, "hasAttribute", "Element"));
  }

  setAttribute(name, value) {
    const text = readText(arguments, 0, "setAttribute", "Element");
    op_html_set_attribute(documentOf(this), text, readText(arguments, 1, "setAttribute", "Element"));
    this.#changes += 1;
    return this;
  }

  removeAttribute(name) {
    op_html_remove_attribute(documentOf(this), readText(arguments, 0, "removeAttribute", "Element"));
    this.#changes += 1;
    return this;
  }

  before(content, options = undefined) {
    return insert(this, BEFORE, arguments, "Element", true);
  }

  after(content, options = undefined) {
    return insert(this, AFTER, arguments, "Element", true);
  }

  prepend(content, options = undefined) {
    return insert(this, PREPEND, arguments, "Element", true);
  }

  append(content, options = undefined) {
    return insert(this, APPEND, arguments, "Element", true);
  }

  replace(content, options = undefined) {
    return insert(this, REPLACE, arguments, "Element", true);
  }

  remove() {
    return remove(this);
  }

  removeAndKeepContent() {
    return remove(this, true);
  }

  setInnerContent(content, options = undefined) {
    return insert(this, SET_INNER, arguments, "Element", true);
  }

  onEndTag(handler) {
    if (typeof handler !== "function") throw wrong("onEndTag", "Element", 1, "function");
    const { document, onEndTag } = workOf(this);
    onEndTag(handler, (number) => op_html_on_end_tag(document, number));
  }

  static changes(element) {
    return element.#changes;
  }
}
const { changes } = Element;
delete Element.changes;

// Goes through the attributes as they are; a change of them ends it.
class AttributesIterator {
  #element;
  #changes;
  #index = 0;

  constructor(key, _work, element) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#element = element;
    this.#changes = changes(element);
  }

  next() {
    const document = documentOf(this.#element);
    if (this.#changes !== changes(this.#element)) {
      throw new Error(
        "The attributes of this element have been modified during iteration. You must create a new iterator after " +
          "modifying attributes.",
      );
    }
    const value = op_html_attribute_at(document, this.#index);
    if (value === null) return { done: true, value: undefined };
    this.#index += 1;
    return { done: false, value };
  }

  [Symbol.iterator]() {
    return this;
  }
}
Object.setPrototypeOf(
  AttributesIterator.prototype, Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
);

class EndTag extends Token {
  get name() {
    return op_html_text(documentOf(this));
  }

  set name(name) {
    op_html_set_text(documentOf(this), `${name}`);
  }

  before(content, options = undefined) {
    return insert(this, BEFORE, arguments, "EndTag", true);
  }

  after(content, options = undefined) {
    return insert(this, AFTER, arguments, "EndTag", true);
  }

  remove() {
    return remove(this);
  }
}

// ---- the others

class Text extends Token {
  get text() {
    return op_html_text(documentOf(this));
  }

  get lastInTextNode() {
    return op_html_is_last(documentOf(this));
  }

  get removed() {
    return op_html_is_removed(documentOf(this));
  }

  before(content, options = undefined) {
    return insert(this, BEFORE, arguments, "Text", true);
  }

  after(content, options = undefined) {
    return insert(this, AFTER, arguments, "Text", true);
  }

  replace(content, options = undefined) {
    return insert(this, REPLACE, arguments, "Text", true);
  }

  remove() {
    return remove(this);
  }
}

class Comment extends Token {
  get text() {
    return op_html_text(documentOf(this));
  }

  set text(text) {
    op_html_set_text(documentOf(this), `${text}`);
  }

  get removed() {
    return op_html_is_removed(documentOf(this));
  }

  before(content, options = undefined) {
    return insert(this, BEFORE, arguments, "Comment", false);
  }

  after(content, options = undefined) {
    return insert(this, AFTER, arguments, "Comment", false);
  }

  replace(content, options = undefined) {
    return insert(this, REPLACE, arguments, "Comment", false);
  }

  remove() {
    return remove(this);
  }
}

class Doctype extends Token {
  get name() {
    return op_html_doctype(documentOf(this), 0) ?? null;
  }

  get publicId() {
    return op_html_doctype(documentOf(this), 1) ?? null;
  }

  get systemId() {
    return op_html_doctype(documentOf(this), 2) ?? null;
  }
}

class DocumentEnd extends Token {
  append(content, options = undefined) {
    return insert(this, APPEND, arguments, "DocumentEnd", false);
  }
}

for (const type of [Element, AttributesIterator, EndTag, Text, Comment, Doctype, DocumentEnd]) {
  const { prototype } = type;
  if (Object.getPrototypeOf(prototype) === Token.prototype) Object.setPrototypeOf(prototype, Object.prototype);
  Object.defineProperty(prototype, Symbol.toStringTag, { value: type.name, configurable: true });
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name !== "constructor") Object.defineProperty(prototype, name, { enumerable: true });
  }
}

const makeToken = (type, work) => new type(KEY, work);

return { Comment, Doctype, DocumentEnd, Element, endToken, EndTag, makeToken, Text };
})();
