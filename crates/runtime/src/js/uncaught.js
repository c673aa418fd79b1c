// What nobody caught: exceptions in timers, event listeners and microtasks, and rejected promises.
// The global scope hears of each as an event; what no listener prevents goes to the app's observer.
// Nothing of it stops the code that runs, or the event that it belongs to.

(function () {
const { core } = __bootstrap;
const { op_report } = core.ops;
const { ErrorEvent, PromiseRejectionEvent } = core.loadExtScript("ext:deno_web/02_event.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");

// The scope itself: an app may replace what `globalThis` names.
const scope = globalThis;
let reporting = false;

function tellObserver(error) {
  op_report(...describeError(error));
}

// Dispatches `event` to the scope; false if a listener prevented what follows. An exception in a
// listener for such events is not announced again.
function announce(event) {
  if (reporting) return true;
  reporting = true;
  try {
    return scope.dispatchEvent(event);
  } catch (another) {
    tellObserver(another);
    return true;
  } finally {
    reporting = false;
  }
}

function reportException(error) {
  const [message] = describeError(error);
  const event = new ErrorEvent("error", { cancelable: true, message: `Uncaught ${message}`, error });
  if (announce(event)) tellObserver(error);
}

// Deno's own event code ends here once it has announced an exception.
core.reportUnhandledException = tellObserver;
core.setReportExceptionCallback(reportException);

core.setUnhandledPromiseRejectionHandler((promise, reason) => {
  const event = new PromiseRejectionEvent("unhandledrejection", { cancelable: true, promise, reason });
  if (announce(event)) tellObserver(reason);
  return true;
});
core.setHandledPromiseRejectionHandler((promise, reason) => {
  announce(new PromiseRejectionEvent("rejectionhandled", { promise, reason }));
});

return { reportException };
})();
