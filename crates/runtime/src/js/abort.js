// AbortController and AbortSignal with Cloudflare's message where no reason is given.

(function () {
const { core } = __bootstrap;
const { AbortController, AbortSignal } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

const aborted = () => new DOMException("The operation was aborted", "AbortError");

for (const owner of [AbortController.prototype, AbortSignal]) {
  const abort = owner.abort;
  Object.defineProperty(owner, "abort", {
    ...Object.getOwnPropertyDescriptor(owner, "abort"),
    value: {
      abort(reason = aborted()) {
        return abort.call(this, reason);
      },
    }.abort,
  });
}

return { AbortController, AbortSignal };
})();
