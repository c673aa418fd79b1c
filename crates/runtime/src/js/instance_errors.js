// Errors of Workflows: as they are written down and made again. A step throws the same error when it fails and when
// a later run comes to it. Classes other than the engine's are told by the message, as in Cloudflare's service, where
// errors pass between isolates.

(function () {
const { core } = __bootstrap;
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { NonRetryableError } = core.loadExtScript("ext:cellhouse_runtime/workflows_module.js");

const CLASSES = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const NON_RETRYABLE = "NonRetryableError";
const NOT_HANDLED =
  "The execution of the Workflow instance was terminated, as a step threw an NonRetryableError and it was not handled";

const isError = (value) => typeof value === "object" && value !== null && "message" in value;

function textOf(value) {
  try {
    if (typeof value !== "object" || value === null) return String(value);
    return `#<${value.constructor?.name ?? "Object"}>`;
  } catch {
    return "Error";
  }
}

// { name, message, exception }: what can be written down.
function described(error) {
  if (!isError(error)) return { name: "Error", message: textOf(error) };
  const [name, message] = [`${error.name ?? "Error"}`, `${error.message}`];
  if (Object.hasOwn(CLASSES, name)) return { name, message };
  if (error instanceof DOMException) return { name, message, exception: true };
  return { name: "Error", message: message === "" ? name : `${name}: ${message}` };
}

function rebuilt({ name, message, exception }) {
  const error = exception ? new DOMException(message, name) : new (CLASSES[name] ?? Error)(message);
  error.remote = true;
  return error;
}

// An error of ours about what the app did.
function ours(message) {
  const error = new Error(message);
  error.remote = true;
  return error;
}

function isNonRetryable(error) {
  if (error instanceof NonRetryableError) return true;
  return isError(error) && (error.name === NON_RETRYABLE || `${error.message}`.startsWith(NON_RETRYABLE));
}

// The error of an instance, as status() gives it. `keeps`: the message of a NonRetryableError too.
function final(error, keeps) {
  if (!isNonRetryable(error)) {
    const { name, message } = described(error);
    return { name, message };
  }
  if (!keeps) return { name: "WorkflowFatalError", message: NOT_HANDLED };
  const message = `${error.message}`;
  return { name: NON_RETRYABLE, message: message.replace(/^NonRetryableError:?\s*/, "") };
}

return { described, final, isNonRetryable, ours, rebuilt };
})();
