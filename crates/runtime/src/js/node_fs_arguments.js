// Checks what programs pass to `node:fs`, as Node.js does and with its errors, and brings it into one form.

(function () {
const { core } = __bootstrap;
const { pathOf } = core.loadExtScript("ext:cellhouse_runtime/node_fs_tree.js");
const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.js");
core.loadExtScript("ext:deno_node/internal/errors.js");
const {
  parseFileMode, validateAbortSignal, validateBoolean, validateInt32, validateInteger, validateObject, validateUint32,
} = core.loadExtScript("ext:deno_node/internal/validators.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");

const O = { WRONLY: 1, RDWR: 2, CREAT: 64, EXCL: 128, TRUNC: 512, APPEND: 1024, SYNC: 1052672 };
const VIEWS = ["Buffer", "TypedArray", "DataView"];
const LARGEST_ID = 2 ** 32 - 1;

// ---- paths

function pathOfUrl(url) {
  if (url.protocol !== "file:") throw new TypeError("File path must be a file: URL");
  if (url.hostname !== "") throw new Error("File path must not have a host");
  return decodeURIComponent(url.pathname);
}

function textOfPath(path, name = "path") {
  if (path instanceof URL) return pathOfUrl(path);
  const text = Buffer.isBuffer(path) ? path.toString() : path;
  if (typeof text !== "string") throw new codes.ERR_INVALID_ARG_TYPE(name, ["string", "Buffer", "URL"], path);
  if (text.includes("\0")) throw new codes.ERR_INVALID_ARG_VALUE(name, path, "must not contain null bytes");
  return text;
}

// What nodes are looked up by.
const place = (path) => pathOf(textOfPath(path));

function descriptor(value, name = "fd") {
  if (Object.is(value, -0)) return 0;
  validateInt32(value, name, 0);
  return value;
}

// ---- options

// `options` as an object: a string is an encoding.
function optionsOf(options) {
  if (typeof options === "string" || options == null) return { encoding: options ?? undefined };
  validateObject(options, "options");
  return options;
}

function encodingOf({ encoding = "utf8" }) {
  if (encoding !== "buffer" && !Buffer.isEncoding(encoding)) {
    throw new codes.ERR_INVALID_ARG_VALUE("options.encoding", encoding);
  }
  return encoding;
}

const text = (value, encoding) =>
  encoding === "buffer" ? Buffer.from(value) : encoding === "utf8" ? value : Buffer.from(value).toString(encoding);

// The booleans of `names` that an object has, or those of `names`.
function booleansOf(options, names) {
  return Object.fromEntries(Object.entries(names).map(([name, usual]) => {
    const value = options[name] === undefined ? usual : options[name];
    validateBoolean(value, `options.${name}`);
    return [name, value];
  }));
}

function checkRetries({ maxRetries = 0, retryDelay = 0 }) {
  validateUint32(maxRetries, "options.maxRetries");
  validateUint32(retryDelay, "options.retryDelay");
}

// ---- flags, modes, times

const LETTERS = {
  r: 0, "r+": O.RDWR, w: O.TRUNC | O.CREAT | O.WRONLY, "w+": O.TRUNC | O.CREAT | O.RDWR,
  a: O.APPEND | O.CREAT | O.WRONLY, "a+": O.APPEND | O.CREAT | O.RDWR,
};

// `s` and `x` may stand on either side of the first letter.
function flagsOf(flags, name = "flags") {
  if (typeof flags === "number") {
    validateInt32(flags, name);
    return flags;
  }
  if (flags == null) return 0;
  const parts = /^([sx]?)([rwa])([sx]?)(\+?)$/.exec(flags);
  const more = parts === null ? undefined : parts[1] + parts[3];
  const isKnown = more === "" || (more === "s" && parts[2] !== "w") || (more === "x" && parts[2] !== "r");
  if (!isKnown) throw new codes.ERR_INVALID_ARG_VALUE("flags", flags);
  return LETTERS[parts[2] + parts[4]] | (more === "s" ? O.SYNC : 0) | (more === "x" ? O.EXCL : 0);
}

function howToOpen(flags) {
  const bits = flagsOf(flags);
  return {
    read: (bits & 3) !== O.WRONLY, write: (bits & 3) !== 0, append: (bits & O.APPEND) !== 0,
    exclusive: (bits & O.EXCL) !== 0, create: (bits & O.CREAT) !== 0, truncate: (bits & O.TRUNC) !== 0,
  };
}

// Milliseconds.
function timeOf(time) {
  if (time instanceof Date) return time.getTime();
  if (typeof time === "string") return new Date(time).getTime();
  if (typeof time === "number" || typeof time === "bigint") return Number(time);
  throw new codes.ERR_INVALID_ARG_TYPE("time", ["string", "number", "bigint", "Date"], time);
}

function checkOwner(user, group) {
  validateInteger(user, "uid", -1, LARGEST_ID);
  validateInteger(group, "gid", -1, LARGEST_ID);
}

// ---- bytes

function checkView(view, name) {
  if (!ArrayBuffer.isView(view)) throw new codes.ERR_INVALID_ARG_TYPE(name, VIEWS, view);
  return view;
}

function checkViews(views) {
  if (!Array.isArray(views) || !views.every((view) => ArrayBuffer.isView(view))) {
    throw new codes.ERR_INVALID_ARG_TYPE("buffer", "ArrayBufferView[]", views);
  }
  return views;
}

// A place in a file, or null for where the last one ended; -1 is that too, as in Node.js.
function positionOf(position, name = "position") {
  if (position == null || position === -1) return null;
  if (typeof position === "number") validateUint32(position, name);
  else if (typeof position !== "bigint") {
    throw new codes.ERR_INVALID_ARG_TYPE(name, ["integer", "bigint", "null"], position);
  }
  return position;
}

const part = (view, offset, length) => new Uint8Array(view.buffer, view.byteOffset + offset, length);

// The arguments of read(): (fd, buffer, offset, length, position), or an object in the place of the offset.
function readArguments(fd, view, offset = {}, length = undefined, position = null) {
  const number = descriptor(fd);
  checkView(view, "buffer");
  if (typeof offset === "object" && offset !== null) ({ offset = 0, length, position = null } = offset);
  else if (typeof offset !== "number") {
    throw new codes.ERR_INVALID_ARG_TYPE("offset", ["number", "object"], offset);
  }
  length ??= view.byteLength - offset;
  validateUint32(offset, "offset");
  validateUint32(length, "length");
  position = positionOf(position);
  if (offset + length > view.byteLength) throw new codes.ERR_INVALID_ARG_VALUE("offset", offset, "out of bounds");
  return { number, bytes: part(view, offset, length), position };
}

// Those of write(): (fd, buffer, offset, length, position), the same with an object, (fd, text, position, encoding).
function writeArguments(fd, data, offset = null, length = undefined, position = null) {
  const number = descriptor(fd);
  if (typeof data === "string") {
    return { number, bytes: Buffer.from(data, length ?? "utf8"), position: positionOf(offset) };
  }
  if (!ArrayBuffer.isView(data)) throw new codes.ERR_INVALID_ARG_TYPE("buffer", ["string", ...VIEWS], data);
  if (typeof offset === "object" && offset !== null) ({ offset = 0, length, position = null } = offset);
  offset ??= 0;
  validateInteger(offset, "offset", 0);
  length ??= data.byteLength - offset;
  position = positionOf(position);
  validateInteger(length, "length", 0);
  if (offset > data.byteLength) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS("offset");
  if (offset + length > data.byteLength) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS("length");
  return { number, bytes: part(data, offset, length), position };
}

// What writeFile() is to write, and how.
function contentOf(data, options, usualFlag) {
  const given = optionsOf(options);
  const { mode = 0o666, flag = usualFlag } = given;
  const encoding = encodingOf(given);
  booleansOf(given, { flush: false });
  parseFileMode(mode, "options.mode", 0o666);
  const how = howToOpen(flag);
  if (!how.write && !how.append) {
    throw new codes.ERR_INVALID_ARG_VALUE("flag", flag, "must be indicate write or append");
  }
  if (typeof data === "string") return { bytes: Buffer.from(data, encoding), how };
  if (!ArrayBuffer.isView(data)) throw new codes.ERR_INVALID_ARG_TYPE("data", ["string", ...VIEWS], data);
  return { bytes: part(data, 0, data.byteLength), how };
}

// ---- what the script of streams asks for

function getOptions(options, usual = {}) {
  if (options == null || typeof options === "function") return usual;
  if (typeof options === "string") return getOptions({ ...usual, encoding: options });
  if (typeof options !== "object") throw new codes.ERR_INVALID_ARG_TYPE("options", ["string", "Object"], options);
  const { encoding } = options;
  if (encoding != null && encoding !== "buffer" && !Buffer.isEncoding(encoding)) {
    throw new codes.ERR_INVALID_ARG_VALUE("options.encoding", encoding);
  }
  if (options.signal !== undefined) validateAbortSignal(options.signal, "options.signal");
  return options;
}

return {
  booleansOf, checkOwner, checkRetries, checkViews, contentOf, copyObject: (object) => ({ ...object }), descriptor,
  encodingOf, flagsOf, getOptions, getValidatedFd: descriptor, howToOpen, optionsOf, place, positionOf, readArguments,
  text, textOfPath, timeOf, validatePath: (path) => void textOfPath(path), writeArguments,
};
})();
