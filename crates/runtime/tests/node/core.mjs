// The runtime's RPC scripts in plain Node: what they take from the engine and from Deno's crates is put
// together here. Values cross as trees of nodes and not as bytes; what decides about objects is the
// scripts' own.

import fs from "node:fs";
import { types } from "node:util";

const SCRIPTS = new URL("../../src/js/", import.meta.url);

// ---- values

class Encoded {
  constructor(root) {
    this.root = root;
  }
}

const refuse = (text) => {
  throw new DOMException(`${text} could not be cloned.`, "DataCloneError");
};

export function write(value, host = () => undefined) {
  const seen = new Map();
  const node = (one) => {
    if (one instanceof Encoded || (typeof one !== "object" && typeof one !== "function" && typeof one !== "symbol")) {
      return { kind: "value", value: one };
    }
    if (one === null) return { kind: "value", value: null };
    if (typeof one === "symbol") refuse(String(one));
    if (!seen.has(one)) return objectNode(one);
    return { kind: "again", node: seen.get(one) };
  };
  const remember = (one, made, entries = []) => {
    seen.set(one, made);
    made.entries = entries.map(([key, value]) => [key, node(value)]);
    return made;
  };
  const objectNode = (one) => {
    if (typeof one === "object" && !types.isProxy(one)) {
      if (Array.isArray(one)) return remember(one, { kind: "array" }, Object.entries(one));
      const prototype = Object.getPrototypeOf(one);
      if (prototype === Object.prototype || prototype === null) return remember(one, { kind: "object" }, Object.entries(one));
      if (types.isNativeError(one)) return remember(one, { kind: "error", error: one }, Object.entries(one));
      if (ArrayBuffer.isView(one)) return remember(one, { kind: "value", value: structuredClone(one) });
    }
    const index = host(one);
    if (typeof index !== "number") refuse(types.isProxy(one) ? "#<Object>" : String(one));
    return remember(one, { kind: "host", index });
  };
  return new Encoded(node(value));
}

export function read({ root }, host) {
  const made = new Map();
  const value = (node) => {
    switch (node.kind) {
      case "value": return node.value;
      case "again": return made.get(node.node);
      case "host": return host(node.index);
      case "array": return fill(node, []);
      case "object": return fill(node, {});
      case "error": return fill(node, new node.error.constructor(node.error.message));
    }
  };
  const fill = (node, object) => {
    made.set(node, object);
    for (const [key, entry] of node.entries) object[key] = value(entry);
    return object;
  };
  return value(root);
}

// ---- scripts

const GIVEN = {
  "ext:cellhouse_runtime/clone.js": { exceptionParts: () => undefined, refuse: (value) => refuse(value.constructor.name) },
  "ext:cellhouse_runtime/headers.js": { Headers },
  "ext:cellhouse_runtime/request.js": { Request },
  "ext:cellhouse_runtime/response.js": { Response },
  "ext:cellhouse_runtime/websocket.js": { isSocket: () => false },
  "ext:deno_web/01_dom_exception.js": { DOMException },
  "ext:deno_web/03_abort_signal.js": { AbortController, AbortSignal },
  "ext:deno_web/06_streams.js": {
    ReadableStream, ReadableStreamPrototype: ReadableStream.prototype, WritableStream,
  },
};

const loaded = new Map();

function loadExtScript(name) {
  if (name in GIVEN) return GIVEN[name];
  if (!loaded.has(name)) {
    const file = new URL(name.replace("ext:cellhouse_runtime/", ""), SCRIPTS);
    loaded.set(name, (0, eval)(fs.readFileSync(file, "utf8")));
  }
  return loaded.get(name);
}

Symbol.dispose ??= Symbol("Symbol.dispose");
Promise.withResolvers ??= function () {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

globalThis.__bootstrap = {
  core: {
    ...types,
    isNativeError: types.isNativeError,
    ops: { op_clone_read: read, op_clone_write: write },
    loadExtScript,
    // No object's code: nothing waits at a gate.
    getAsyncContext: () => undefined,
    setAsyncContext: () => {},
  },
};

export const { RpcStub, RpcTarget, Session } = loadExtScript("ext:cellhouse_runtime/rpc.js");
export const { propertyOf } = loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
export const { settleBy } = loadExtScript("ext:cellhouse_runtime/rpc_messages.js");
