// No code from strings or bytes.

const FORBIDDEN = "Code generation from strings disallowed for this context";

test("functions from strings", async () => {
  const attempts = [
    () => new Function("return 1"), () => Function("return 1"), () => Reflect.construct(Function, ["1"]),
    () => (() => {}).constructor("1"), () => (async () => {}).constructor("1"),
    () => (function* () {}).constructor("1"), () => (async function* () {}).constructor("1"),
    () => class extends Function {}.constructor("1"), () => new (class extends Function {})("1"),
  ];
  for (const attempt of attempts) await throws(attempt, "EvalError", FORBIDDEN);
});

test("eval", async () => {
  await throws(() => eval("1"), "EvalError", FORBIDDEN);
  await throws(() => (0, eval)("1"), "EvalError", FORBIDDEN);
  equal(eval(5), 5);
});

test("functions are still functions", () => {
  ok((() => {}) instanceof Function);
  equal(Function.prototype.constructor === Function, true);
  equal([Function.name, Function.length, eval.name], ["Function", 1, "eval"]);
  equal((async () => {}).constructor.name, "AsyncFunction");
});

test("timers take no strings", async () => {
  const message = (name) => `Failed to execute '${name}' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Function'.`;
  await throws(() => setTimeout("1"), "TypeError", message("setTimeout"));
  await throws(() => setInterval("1"), "TypeError", message("setInterval"));
  await throws(() => queueMicrotask("1"), "TypeError", message("queueMicrotask"));
});

const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

test("WebAssembly from bytes", async () => {
  const why = (method) => `WebAssembly.${method}(): Wasm code generation disallowed by embedder`;
  await throws(() => new WebAssembly.Module(EMPTY), "CompileError", why("Module"));
  await throws(() => WebAssembly.compile(EMPTY), "CompileError", why("compile"));
  await throws(() => WebAssembly.instantiate(EMPTY), "CompileError", why("instantiate"));
  equal(WebAssembly.validate(EMPTY), true);
  equal(typeof WebAssembly.compileStreaming, "undefined");
  equal(typeof WebAssembly.instantiateStreaming, "undefined");
});

test("the buffer of a WebAssembly.Memory stays", async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
  const { buffer } = memory;
  for (const length of [undefined, 0, 10, 1_000_000]) {
    await throws(() => buffer.transfer(length), "TypeError");
    await throws(() => buffer.transferToFixedLength(length), "TypeError");
  }
  await throws(() => structuredClone(buffer, { transfer: [buffer] }), "DataCloneError");
  const stream = new ReadableStream({
    type: "bytes",
    async pull(controller) {
      await throws(() => controller.enqueue(new Uint8Array(buffer)), "TypeError");
      await throws(() => controller.byobRequest.respondWithNewView(new Uint8Array(buffer)), "TypeError");
      controller.close();
      controller.byobRequest.respond(0);
    },
  });
  const reader = stream.getReader({ mode: "byob" });
  await throws(() => reader.read(new Uint8Array(buffer)), "TypeError");
  await reader.read(new Uint8Array(1));
  equal([memory.buffer === buffer, buffer.byteLength, buffer.detached], [true, 65_536, false]);
});

test("buffers are moved", async () => {
  const made = () => new TextEncoder().encode("abc").buffer;
  for (const [length, bytes] of [[undefined, [97, 98, 99]], [3, [97, 98, 99]], [1, [97]], ["5", [97, 98, 99, 0, 0]], [0, []], [null, []]]) {
    for (const method of ["transfer", "transferToFixedLength"]) {
      const buffer = made();
      equal([[...new Uint8Array(buffer[method](length))], buffer.detached, buffer.byteLength], [bytes, true, 0]);
      await throws(() => buffer[method](length), "TypeError");
    }
  }
  const resizable = new ArrayBuffer(2, { maxByteLength: 100_000 });
  const moved = resizable.transfer(8);
  moved.resize(100_000);
  new Uint8Array(moved).fill(1);
  equal([moved.resizable, moved.maxByteLength, resizable.detached], [true, 100_000, true]);
  equal(moved.transferToFixedLength(4).resizable, false);
  await throws(() => made().transfer(-1), "RangeError");
  await throws(() => ArrayBuffer.prototype.transfer.call({}), "TypeError");
  await throws(() => ArrayBuffer.prototype.transfer.call(new SharedArrayBuffer(1)), "TypeError");
  equal([ArrayBuffer.prototype.transfer.length, ArrayBuffer.prototype.transfer.name], [0, "transfer"]);
});

test("WebAssembly.Memory", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
  equal([memory.grow(1), memory.buffer.byteLength], [1, 131072]);
  ok(memory instanceof WebAssembly.Memory);
});

test("WebAssembly.Table", async () => {
  const table = new WebAssembly.Table({ initial: 2, maximum: 5, element: "anyfunc" });
  // grow() has no effect: COMPAT.md.
  equal([table.length, table.get(0)], [2, null]);
  ok(table instanceof WebAssembly.Table);
  await throws(() => new WebAssembly.Table({ initial: 1, element: "nope" }), "TypeError");
  await throws(() => new WebAssembly.Table(), "TypeError");
  await throws(() => WebAssembly.Table({ initial: 1, element: "anyfunc" }), "TypeError");
});

test("WebAssembly.Global", async () => {
  const global = new WebAssembly.Global({ value: "i32", mutable: true }, 5);
  global.value = 7;
  equal(global.value, 7);
  equal(new WebAssembly.Global({ value: "i32" }).value, 0);
  equal(new WebAssembly.Global({ value: "i32" }, -12345678).value, -12345678);
  equal(new WebAssembly.Global({ value: "i64" }, -(2n ** 63n)).value, -(2n ** 63n));
  equal(new WebAssembly.Global({ value: "f64" }, 1.5).value, 1.5);
  equal(new WebAssembly.Global({ value: "f32" }, 0.5).value, 0.5);
  await throws(() => (new WebAssembly.Global({ value: "i32" }, 1).value = 2), "TypeError");
  await throws(() => new WebAssembly.Global({ value: "nope" }), "TypeError");
});

test("what functions tell of their source", () => {
  for (const made of [fetch, URL, Headers, Response.prototype.text, setTimeout, Map, Array.prototype.map, Intl.NumberFormat]) {
    equal(String(made), `function ${made.name}() { [native code] }`);
  }
  equal(String((one) => one + 1).replace(/\s/g, ""), "(one)=>one+1");
  equal([fetch.fileName, (() => 1).lineNumber], [undefined, undefined]);
});
