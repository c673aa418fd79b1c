// Events, signals, timers, ports, and what nobody catches.

test("preventDefault of an event that cannot be cancelled", () => {
  const target = new EventTarget();
  target.addEventListener("x", (event) => event.preventDefault());
  const [can, cannot] = [new Event("x", { cancelable: true }), new Event("x")];
  equal([target.dispatchEvent(can), can.defaultPrevented, target.dispatchEvent(cannot), cannot.defaultPrevented], [false, true, false, false]);
  equal(new EventTarget().dispatchEvent(new Event("x")), true);
});

test("abort", async () => {
  const controller = new AbortController();
  controller.abort();
  const { reason } = controller.signal;
  equal([reason.name, reason.message, reason instanceof DOMException], ["AbortError", "The operation was aborted", true]);
  equal([AbortSignal.abort().reason.message, AbortSignal.abort("mine").reason], ["The operation was aborted", "mine"]);
  const given = new AbortController();
  given.abort(null);
  equal(given.signal.reason, null);
  const timeout = AbortSignal.timeout(5);
  await new Promise((resolve) => timeout.addEventListener("abort", resolve));
  equal(timeout.reason.name, "TimeoutError");
});

test("timers", async () => {
  const log = [];
  setTimeout((...args) => log.push(args), 0, 1, 2);
  queueMicrotask(() => log.push("microtask"));
  clearTimeout(setTimeout(() => log.push("cleared"), 0));
  let count = 0;
  const interval = setInterval(() => {
    if (++count === 3) clearInterval(interval);
  }, 1);
  await wait(30);
  equal([log, count, typeof interval], [["microtask", [1, 2]], 3, "number"]);
});

test("scheduler.wait", async () => {
  await scheduler.wait(1);
  await throws(() => scheduler.wait(10, { signal: AbortSignal.abort() }), "AbortError");
  const controller = new AbortController();
  const waiting = scheduler.wait(60_000, { signal: controller.signal });
  controller.abort(new RangeError("stop"));
  await throws(() => waiting, "RangeError", "stop");
  await throws(() => scheduler.wait(1, { signal: {} }), "TypeError");
});

test("message channel", async () => {
  const { port1, port2 } = new MessageChannel();
  const got = [];
  port1.postMessage("early");
  port2.onmessage = (event) => got.push(event.data);
  port1.postMessage({ a: new Map([[1, 2]]) });
  await wait();
  equal([got[0], got[1].a.get(1)], ["early", 2]);
  const closed = new Promise((resolve) => port2.addEventListener("close", resolve));
  port1.close();
  await closed;
  port1.postMessage("late");
  await wait();
  equal(got.length, 2);
  await throws(() => port1.postMessage(() => {}), "DataCloneError");
});

test("message channel transfers", async () => {
  const { port1, port2 } = new MessageChannel();
  const buffer = new ArrayBuffer(4);
  const got = new Promise((resolve) => port2.addEventListener("message", (event) => resolve(event.data)));
  port1.postMessage(buffer, [buffer]);
  equal([(await got).byteLength, buffer.byteLength], [4, 0]);
});

// Resolves with the next event of a type on the global object, which it prevents from being reported.
const next = (type) => new Promise((resolve) => {
  addEventListener(type, (event) => {
    event.preventDefault();
    resolve(event);
  }, { once: true });
});

test("errors that nobody catches are events", async () => {
  const sources = {
    timer: () => setTimeout(() => { throw new Error("timer"); }, 0),
    microtask: () => queueMicrotask(() => { throw new Error("microtask"); }),
    listener: () => {
      const target = new EventTarget();
      target.addEventListener("x", () => { throw new Error("listener"); });
      target.dispatchEvent(new Event("x"));
    },
    report: () => reportError(new Error("report")),
  };
  for (const [name, cause] of Object.entries(sources)) {
    const event = next("error");
    cause();
    equal((await event).error.message, name);
  }
});

test("rejections that nobody handles are events", async () => {
  const event = next("unhandledrejection");
  const promise = Promise.reject(new Error("lost"));
  const { reason, promise: rejected } = await event;
  equal([reason.message, rejected === promise], ["lost", true]);
  Promise.reject(new Error("found")).catch(() => {});
});

test("DOMException", () => {
  const exception = new DOMException("m", "NotFoundError");
  equal([exception.name, exception.code, exception instanceof Error, String(exception)], ["NotFoundError", 8, true, "NotFoundError: m"]);
});

const parts = (...texts) => ReadableStream.from(texts.map(bytes));

test("EventSource.from", async () => {
  const source = EventSource.from(parts(": comment\nid: 7\ndata: on", "e\r", "\ndata:two\r\n\r\nevent: mine\ndata: x\n\ndata: never"));
  const got = [];
  source.onmessage = ({ type, data, lastEventId }) => got.push([type, data, lastEventId]);
  source.addEventListener("mine", ({ type, data, lastEventId }) => got.push([type, data, lastEventId]));
  await new Promise((resolve) => source.onerror = resolve);
  equal(got, [["message", "one\ntwo", "7"], ["mine", "x", "7"]]);
  equal([source.readyState, source.url, EventSource.CLOSED], [2, "", 2]);
});

test("EventSource arguments", async () => {
  await throws(() => new EventSource("nope"), "SyntaxError");
  await throws(() => new EventSource("http://h", { withCredentials: true }), "NotSupportedError");
  await throws(() => EventSource.from("nope"), "TypeError");
});

test("what is no listener or no event", async () => {
  const target = new EventTarget();
  for (const listener of [5, "text", true, Symbol("s")]) await throws(() => target.addEventListener("x", listener), "TypeError");
  target.addEventListener("x", null);
  for (const event of [{}, null, undefined, "x"]) await throws(() => target.dispatchEvent(event), "TypeError");
  equal(target.dispatchEvent(new Event("x")), true);
  equal(String(new CloseEvent("close")), "[object CloseEvent]");
});

test("what a loop over an event target shows", () => {
  const names = [];
  for (const name in new EventTarget()) names.push(name);
  equal(names.sort(), ["addEventListener", "dispatchEvent", "removeEventListener"]);
});
