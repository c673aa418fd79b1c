// Errors of objects as their callers see them: the error that was thrown, marked as one from elsewhere.

(function () {
const { core } = __bootstrap;
// What values are written and read with.
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { op_clone_read, op_clone_write } = core.ops;

// What an op gives instead of an answer: what was thrown, or a message, and whether to try again.
function remoteError([thrown, message, retryable, overloaded]) {
  if (thrown !== null) return received(thrown);
  const error = new Error(message);
  error.remote = true;
  if (retryable) error.retryable = true;
  if (overloaded) error.overloaded = true;
  return error;
}

function received(bytes) {
  const error = op_clone_read(bytes, undefined);
  const marked = error instanceof Error ? error : new Error(`${error}`);
  marked.remote = true;
  return marked;
}

// The error of a body whose stream threw elsewhere: its text, NUL, and what was thrown, a character for each byte.
core.registerErrorBuilder("CellhouseThrown", (message) => {
  const encoded = message.slice(message.indexOf("\0") + 1);
  return received(Uint8Array.from(encoded, (character) => character.charCodeAt(0)));
});

// An error on its way to a caller. What has no clone is told by its text.
function sent(error) {
  try {
    if (error instanceof Error) return op_clone_write(error, undefined);
  } catch {
    // A property that has no clone.
  }
  return op_clone_write(new Error(textOf(error)), undefined);
}

function textOf(value) {
  try {
    return value instanceof Error ? value.message : String(value);
  } catch {
    return "Error";
  }
}

return { remoteError, received, sent };
})();
