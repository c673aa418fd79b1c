// What travels on a WebSocket: a string, bytes (an ArrayBuffer or a view of one), a Blob that is still
// to be read, or [code, reason] of a close frame, whose code is -1 where there is none.

(function () {
const { core } = __bootstrap;
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { Blob } = core.loadExtScript("ext:deno_web/09_file.js");

const MAX_REASON_BYTES = 123;
// Codes that stand for something that no close frame says.
const RESERVED = [1004, 1005, 1006, 1015];

// What send() was called with. Anything but bytes is text.
function toData(message) {
  if (ArrayBuffer.isView(message) || message instanceof ArrayBuffer || isBlob(message)) {
    return message;
  }
  return `${message}`.toWellFormed();
}

// The same data, out of reach of whoever holds the original. A Blob never changes.
function copyOf(data) {
  if (data instanceof ArrayBuffer) return data.slice(0);
  if (!ArrayBuffer.isView(data)) return data;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
}

const isBlob = (data) => data instanceof Blob;
const isClose = (data) => Array.isArray(data);

// The close frame of close(code, reason).
function closeFrame(code, reason) {
  if (code === undefined) {
    if (reason === undefined) return [-1, ""];
    throw new DOMException(
      "If you specify a WebSocket close reason, you must also specify a code.",
      "InvalidAccessError",
    );
  }
  const number = Math.trunc(Number(code)) || 0;
  if (number < 1000 || number >= 5000 || RESERVED.includes(number)) {
    throw new DOMException(`Invalid WebSocket close code: ${number}.`, "InvalidAccessError");
  }
  const text = reason === undefined ? "" : `${reason}`.toWellFormed();
  if (core.encode(text).length > MAX_REASON_BYTES) {
    throw new DOMException(
      `WebSocket close reason must not be longer than ${MAX_REASON_BYTES} bytes when UTF-8 encoded.`,
      "SyntaxError",
    );
  }
  return [number, text];
}

return { closeFrame, copyOf, isBlob, isClose, toData };
})();
