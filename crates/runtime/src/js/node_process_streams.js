// Standard streams of `process`: what is written goes to the app's console line by line, and there is nothing to read.

(function () {
const { core } = __bootstrap;
const { Writable } = core.loadExtScript("ext:node_compat/stream.js");
const { ReadStream } = core.loadExtScript("ext:deno_node/internal/fs/streams.js");
const { operations } = core.loadExtScript("ext:cellhouse_runtime/node_fs_operations.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");

// What a socket has too, as programs take one for such a stream.
const SOCKET = {
  allowHalfOpen: false, bufferSize: 0, bytesRead: 0, bytesWritten: 0, connecting: false, pending: false,
  readyState: "open",
};
const UNREAD = {
  readableAborted: false, readableDidRead: false, readableEnded: false, readableHighWaterMark: 16384,
  readableLength: 0, readableObjectMode: false,
};

function bytesOf(chunk, encoding) {
  if (typeof chunk === "string") return Buffer.from(chunk, encoding);
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

class Output extends Writable {
  readable = false;
  _type = "fs";
  _isStdio = true;

  constructor(fd) {
    super({ autoDestroy: true });
    this.fd = fd;
    for (const [name, value] of Object.entries({ ...SOCKET, ...UNREAD })) {
      Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true });
    }
  }

  _write(chunk, encoding, done) {
    try {
      operations.write(this.fd, bytesOf(chunk, encoding))();
    } catch (error) {
      return done(error);
    }
    return done();
  }
}

function input() {
  const stream = new ReadStream(null, { fd: 0, autoClose: false });
  stream.fd = 0;
  const { allowHalfOpen, bufferSize, connecting, readyState } = SOCKET;
  return Object.assign(stream, { allowHalfOpen, bufferSize, connecting, readyState });
}

return { stdin: input(), stdout: new Output(1), stderr: new Output(2) };
})();
