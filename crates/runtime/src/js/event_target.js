// Where events differ in Workers: preventDefault() makes dispatchEvent() return false even for an event
// that cannot be cancelled, and `srcElement` is the target, as the standard has it.

(function () {
const { core } = __bootstrap;
const { Event, EventTarget } = core.loadExtScript("ext:deno_web/02_event.js");

const _prevented = Symbol("preventDefault() was called");
const preventDefault = Event.prototype.preventDefault;
const dispatchEvent = EventTarget.prototype.dispatchEvent;

const methods = {
  preventDefault() {
    preventDefault.call(this);
    this[_prevented] = true;
  },
  dispatchEvent(event) {
    if (arguments.length === 0) return dispatchEvent.call(this);
    const goOn = dispatchEvent.call(this, event);
    return goOn && event[_prevented] !== true;
  },
};
for (const [prototype, name] of [[Event.prototype, "preventDefault"], [EventTarget.prototype, "dispatchEvent"]]) {
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
