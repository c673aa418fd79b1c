// What a `tail()` handler gets: what happened in events of other apps, as Rust tells it.

(function () {
class TraceItem {}
Object.defineProperty(TraceItem.prototype, Symbol.toStringTag, { value: "TraceItem", configurable: true });

function itemOf(trace) {
  const { event } = trace;
  const request = event?.request;
  if (request !== undefined) {
    const all = { ...request, ...request.unredacted };
    delete all.unredacted;
    delete request.unredacted;
    Object.defineProperty(request, "getUnredacted", { value: () => all, configurable: true });
  }
  // Of an alarm.
  if (typeof event?.scheduledTime === "string") event.scheduledTime = new Date(event.scheduledTime);
  return Object.assign(new TraceItem(), trace);
}

const itemsOf = (json) => JSON.parse(json).map(itemOf);

return { itemsOf };
})();
