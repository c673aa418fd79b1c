// HTMLRewriter: registers handlers, and drives a body through the engine, which is Rust's. The engine stops at
// each token that has a handler, so a handler may take its time; what has come out goes on as it is asked for.

(function () {
const { core } = __bootstrap;
const {
  op_html_content_write, op_html_document, op_html_end, op_html_forgotten, op_html_go_on, op_html_on,
  op_html_on_document, op_html_output, op_html_pending, op_html_selector, op_html_stop, op_html_write,
} = core.ops;
const { Comment, Doctype, DocumentEnd, Element, endToken, EndTag, makeToken, Text } = core.loadExtScript(
  "ext:cellhouse_runtime/html_tokens.js",
);
const { asBytes, NOT_BYTES } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { Response } = core.loadExtScript("ext:cellhouse_runtime/response.js");
const { ResponsePrototype, responseBodyUsed, toInnerResponse } = core.loadExtScript(
  "ext:deno_fetch/23_response.js",
);
const { createReadableByteStream, isReadableStreamDisturbed } = core.loadExtScript("ext:deno_web/06_streams.js");

// Bytes that may come out before they are passed on.
const MAX_PENDING = 64 * 1024;

// ---- one document

// Bytes of a chunk; text is taken as UTF-8, as workerd does.
function bytesOf(chunk) {
  const bytes = typeof chunk === "string" ? core.encode(chunk) : asBytes(chunk);
  if (bytes === undefined) throw new TypeError(NOT_BYTES);
  return bytes;
}

const locked = () => new TypeError("The ReadableStream has been locked to a reader.");

function readerOf(stream) {
  if (stream.locked || isReadableStreamDisturbed(stream)) throw locked();
  return stream.getReader();
}

class Work {
  document;
  // Number of a content that is to be written -> { stream, html }.
  contents = new Map();
  // Number of a handler -> [handler, its `this`, what it is called with].
  #handlers = new Map();
  #nextHandler = 0;
  #isOver = false;
  // Reads the body, and the content that is being written.
  #readers = [];
  #controller;
  // Whether somebody waits for bytes, and who waits for that.
  #isWanted = false;
  #wanted;

  constructor(encoding, rules) {
    this.document = op_html_document(encoding);
    for (const rule of rules) this.#add(rule);
  }

  #add({ selector, handlers, types, owner }) {
    const first = this.#nextHandler;
    let which = 0;
    types.forEach((type, index) => {
      const handler = handlers[index];
      if (handler === undefined) return;
      which |= 1 << index;
      this.#handlers.set(first + index, [handler, owner, type]);
    });
    this.#nextHandler += types.length;
    if (selector === undefined) op_html_on_document(this.document, first, which);
    else op_html_on(this.document, selector, first, which);
  }

  onEndTag = (handler, register) => {
    // Rust tells of a number that it has let go of, also when it has refused it.
    const number = this.#nextHandler;
    this.#nextHandler += 1;
    register(number);
    this.#handlers.set(number, [handler, undefined, EndTag]);
  };

  // The body that comes out of `reader`'s.
  body(reader) {
    return createReadableByteStream(
      (controller) => {
        this.#controller = controller;
        this.#run(reader);
      },
      () => this.#pull(),
      async (reason) => this.#cancel(reason),
    );
  }

  #pull() {
    this.#isWanted = true;
    this.#wanted?.();
  }

  #cancel(reason) {
    this.#stop();
    for (const reader of this.#readers) reader.cancel(reason).catch(() => {});
    this.#wanted?.();
  }

  #stop() {
    this.#isOver = true;
    this.#handlers.clear();
    this.contents.clear();
    op_html_stop(this.document);
  }

  async #run(reader) {
    this.#readers.push(reader);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#isOver) return;
        if (done) break;
        const bytes = bytesOf(value);
        if (bytes.byteLength > 0) await this.#drive(op_html_write(this.document, bytes));
        this.#forget();
      }
      await this.#drive(op_html_end(this.document));
      if (!this.#isOver) this.#close();
    } catch (error) {
      if (!this.#isOver) await this.#fail(reader, error);
    }
  }

  // Does what the engine asks for until it has no more to ask.
  async #drive(step) {
    while (step >= 0) {
      const number = step >> 1;
      const isContent = (step & 1) === 1;
      const pending = isContent ? this.#write(number) : this.#call(number);
      if (pending !== undefined) {
        await this.#flush();
        await pending;
      } else if (op_html_pending(this.document) > MAX_PENDING) {
        await this.#flush();
      }
      if (this.#isOver) return;
      step = op_html_go_on(this.document);
    }
    await this.#flush();
  }

  // A promise if the handler is not done.
  #call(number) {
    const [handler, owner, type] = this.#handlers.get(number);
    if (type === EndTag) this.#handlers.delete(number);
    const token = makeToken(type, this);
    let isPending = false;
    try {
      const result = Reflect.apply(handler, owner, [token]);
      isPending = typeof result?.then === "function";
      return isPending ? this.#settled(result, token) : undefined;
    } finally {
      if (!isPending) endToken(token);
    }
  }

  #settled(result, token) {
    const settled = Promise.resolve(result).finally(() => endToken(token));
    // It is awaited once what has come out so far was taken.
    settled.catch(() => {});
    return settled;
  }

  #write(number) {
    const content = this.contents.get(number);
    this.contents.delete(number);
    const written = this.#copy(content.stream, content.html);
    written.catch(() => {});
    return written;
  }

  async #copy(stream, html) {
    const reader = readerOf(stream);
    this.#readers.push(reader);
    for (;;) {
      const { done, value } = await reader.read();
      if (this.#isOver) return;
      if (done) break;
      op_html_content_write(this.document, bytesOf(value), html);
      if (op_html_pending(this.document) > MAX_PENDING) await this.#flush();
      if (this.#isOver) return;
    }
    this.#readers.pop();
  }

  // Handlers of elements that have ended without an end tag.
  #forget() {
    if (this.#isOver) return;
    for (const number of op_html_forgotten(this.document) ?? []) this.#handlers.delete(number);
  }

  // Passes on what has come out, when somebody wants it.
  async #flush() {
    if (this.#isOver || op_html_pending(this.document) === 0) return;
    while (!this.#isWanted) {
      const { promise, resolve } = Promise.withResolvers();
      this.#wanted = resolve;
      await promise;
      if (this.#isOver) return;
    }
    this.#isWanted = false;
    this.#controller.enqueue(op_html_output(this.document));
  }

  #close() {
    this.#stop();
    this.#controller.close();
    // A BYOB read that waits gets its buffer back.
    this.#controller.byobRequest?.respond(0);
  }

  // What came out before the error arrives before it.
  async #fail(reader, error) {
    for (const one of this.#readers) one.cancel(error).catch(() => {});
    await this.#flush();
    if (this.#isOver) return;
    this.#stop();
    this.#controller.error(error);
  }
}

// ---- handlers

const ELEMENT_HANDLERS = { element: Element, comments: Comment, text: Text };
const DOCUMENT_HANDLERS = { doctype: Doctype, comments: Comment, text: Text, end: DocumentEnd };

function wrong(method, position, what) {
  return new TypeError(
    `Failed to execute '${method}' on 'HTMLRewriter': parameter ${position} is not of type '${what}'.`,
  );
}

function readHandlers(owner, names, method, position, what) {
  if (owner !== null && typeof owner !== "object" && typeof owner !== "function") {
    throw wrong(method, position, what);
  }
  const handlers = Object.keys(names).map((name) => {
    const handler = owner?.[name];
    if (handler === undefined || typeof handler === "function") return handler;
    throw new TypeError(
      `Incorrect type for the '${name}' field on '${what}': the provided value is not of type 'function'.`,
    );
  });
  return { handlers, types: Object.values(names), owner };
}

// The charset that a Content-Type names.
function charsetOf(type) {
  const match = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(type ?? "");
  return match?.[1] || match?.[2] || "utf-8";
}

class HTMLRewriter {
  #rules = [];

  on(selector, handlers) {
    if (arguments.length === 0) throw wrong("on", 1, "string");
    const text = `${selector}`;
    const rule = readHandlers(handlers, ELEMENT_HANDLERS, "on", 2, "ElementContentHandlers");
    this.#rules.push({ ...rule, selector: op_html_selector(text) });
    return this;
  }

  onDocument(handlers) {
    this.#rules.push(readHandlers(handlers, DOCUMENT_HANDLERS, "onDocument", 1, "DocumentContentHandlers"));
    return this;
  }

  transform(response) {
    if (!Object.prototype.isPrototypeOf.call(ResponsePrototype, response)) {
      throw wrong("transform", 1, "Response");
    }
    const isUsed = responseBodyUsed(response);
    const inner = toInnerResponse(response);
    if (inner.type === "error") throw new TypeError("HTMLRewriter cannot transform an error response");
    if (inner.body === null) return response;
    if (isUsed) throw locked();
    const work = new Work(charsetOf(response.headers.get("content-type")), this.#rules);
    return new Response(work.body(readerOf(inner.body.stream)), response);
  }
}

for (const name of ["on", "onDocument", "transform"]) {
  Object.defineProperty(HTMLRewriter.prototype, name, { enumerable: true });
}
Object.defineProperty(HTMLRewriter.prototype, Symbol.toStringTag, { value: "HTMLRewriter", configurable: true });

return { HTMLRewriter };
})();
