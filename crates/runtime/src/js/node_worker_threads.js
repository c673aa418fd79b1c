// `node:worker_threads`: unenv's, but for a Worker, which would only look as if it ran.

(function () {
const threads = __bootstrap.core.loadExtScript("ext:unenv/worker_threads.js");

function Worker() {
  const error = new Error("The Worker method is not implemented");
  error.code = "ERR_METHOD_NOT_IMPLEMENTED";
  throw error;
}

return { ...threads, Worker, default: { ...threads.default, Worker } };
})();
