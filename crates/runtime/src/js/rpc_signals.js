// AbortSignals over RPC: the receiver has a signal of its own, which is aborted with the same reason. The side
// that has the signal is asked once to tell, and keeps what it tells only as long as its signal can still be
// aborted.

(function () {
const { core } = __bootstrap;
const { RpcTarget } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");
const { AbortController, AbortSignal } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

const isSignal = (value) => Object.prototype.isPrototypeOf.call(AbortSignal.prototype, value);
// As an app's listener, so that the signals that this one depends on, and its timer, keep it.
const { addEventListener } = AbortSignal.prototype;

// Those who wait for a signal that nobody holds any more wait for nothing.
const forgotten = new FinalizationRegistry((abort) => abort[Symbol.dispose]());

async function tell(abort, reason) {
  try {
    await abort(reason);
  } catch {
    // The reason has no clone, or nobody is there.
    await abort(new DOMException("The operation was aborted", "AbortError")).catch(() => {});
  } finally {
    abort[Symbol.dispose]();
  }
}

// ---- the side that has the signal

class SignalSource extends RpcTarget {
  #signal;

  constructor(signal) {
    super();
    this.#signal = signal;
  }

  // Calls `abort` with the reason, once.
  follow(abort) {
    const signal = this.#signal;
    const kept = abort.dup();
    // Nothing here may hold the signal from now on.
    this.#signal = undefined;
    if (signal.aborted) return void tell(kept, signal.reason);
    const known = new WeakRef(signal);
    addEventListener.call(signal, "abort", () => {
      forgotten.unregister(kept);
      tell(kept, known.deref()?.reason);
    }, { once: true });
    forgotten.register(signal, kept, kept);
  }
}

// ---- the side that receives it

function following(source) {
  const controller = new AbortController();
  const end = () => source[Symbol.dispose]();
  source.follow((reason) => controller.abort(reason)).then(end, end);
  return controller.signal;
}

return { following, isSignal, SignalSource };
})();
