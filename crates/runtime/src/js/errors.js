// Errors on their way to Rust: a text and a stack.

(function () {

// ["Name: message", stack]: of anything that can be thrown, whatever its getters and methods do.
function describeError(error) {
  if (typeof error !== "object" || error === null) return [`Uncaught ${textOf(error)}`, ""];
  try {
    if (!(error instanceof Error) && !("stack" in error)) return [`Uncaught ${jsonOf(error)}`, ""];
  } catch {
    return ["Uncaught exception", ""];
  }
  return [textOf(error), stackOf(error)];
}

function textOf(value) {
  try {
    return String(value);
  } catch {
    return "Error";
  }
}

function jsonOf(value) {
  try {
    return JSON.stringify(value) ?? textOf(value);
  } catch {
    return textOf(value);
  }
}

function stackOf(error) {
  try {
    const { stack } = error;
    return typeof stack === "string" ? stack : "";
  } catch {
    return "";
  }
}

return { describeError };
})();
