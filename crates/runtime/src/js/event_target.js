// Where events differ in Workers: preventDefault() makes dispatchEvent() return false even for an event
// that cannot be cancelled. As the standard has it: `srcElement` is the target, what is no listener or no event is refused.

(function () {
const { core } = __bootstrap;
const { CloseEvent, Event, EventTarget } = core.loadExtScript("ext:deno_web/02_event.js");

const _prevented = Symbol("preventDefault() was called");
const preventDefault = Event.prototype.preventDefault;
const { addEventListener, dispatchEvent } = EventTarget.prototype;

const wrong = (method, number, type) =>
  new TypeError(`Failed to execute '${method}' on 'EventTarget': parameter ${number} is not of type '${type}'.`);

const methods = {
  preventDefault() {
    preventDefault.call(this);
    this[_prevented] = true;
  },
  dispatchEvent(event) {
    if (!(event instanceof Event)) throw wrong("dispatchEvent", 1, "Event");
    const goOn = dispatchEvent.call(this, event);
    return goOn && event[_prevented] !== true;
  },
  addEventListener(type, callback, options = undefined) {
    if (callback === null || (callback === undefined && arguments.length > 1)) return;
    if (typeof callback !== "function" && typeof callback !== "object") {
      throw wrong("addEventListener", 2, "function or HandlerObject");
    }
    addEventListener.call(this, type, callback, options);
  },
};
const REPLACED = [
  [Event.prototype, "preventDefault"],
  [EventTarget.prototype, "addEventListener"],
  [EventTarget.prototype, "dispatchEvent"],
];
// The standard's own step, which objects do not show.
Object.defineProperty(EventTarget.prototype, "getParent", { enumerable: false });
Object.defineProperty(CloseEvent.prototype, Symbol.toStringTag, { value: "CloseEvent", configurable: true });
for (const [prototype, name] of REPLACED) {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  Object.defineProperty(prototype, name, { ...property, value: methods[name] });
}
Object.defineProperty(Event.prototype, "srcElement", {
  get() {
    return this.target;
  },
  set: undefined,
  enumerable: true,
  configurable: true,
});
})();
