// What scheduled() gets.

(function () {
class ScheduledController {
  #noRetry;

  // `noRetry` is called when the handler says so.
  constructor(cron, scheduledTime, noRetry = () => {}) {
    this.cron = cron;
    this.scheduledTime = scheduledTime;
    this.#noRetry = noRetry;
  }

  get type() {
    return "scheduled";
  }

  // A due time is never tried again; who calls a service is told.
  noRetry() {
    this.#noRetry();
  }
}
Object.defineProperty(ScheduledController.prototype, Symbol.toStringTag, {
  value: "ScheduledController", configurable: true,
});

return { ScheduledController };
})();
