// Namespaces of Durable Objects in `env`: ids, stubs, and requests to objects. What an object is asked
// beside requests is `rpc.js`.

(function () {
const { core } = __bootstrap;
const {
  op_object_fetch, op_object_id_from_name, op_object_id_from_string, op_object_id_unique,
  op_object_jurisdiction,
} = core.ops;
const { fetchBy } = core.loadExtScript("ext:cellhouse_runtime/object_fetch.js");

const KEY = Symbol("construct");
// Names whose ids a namespace keeps, instead of making them again for each request.
const KEPT_NAMES = 4_000;

function wrongArgument(method, of, type) {
  return new TypeError(`Failed to execute '${method}' on '${of}': parameter 1 is not of type '${type}'.`);
}

function tag(prototype, name) {
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

class DurableObjectId {
  #class;
  #hex;

  constructor(key, objectClass, hex, name, jurisdiction) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#class = objectClass;
    this.#hex = hex;
    this.jurisdiction = jurisdiction || undefined;
    this.name = name;
  }

  toString() {
    return this.#hex;
  }

  equals(other) {
    if (!isId(other)) throw wrongArgument("equals", "DurableObjectId", "DurableObjectId");
    return this.#hex === other.#hex;
  }

  static is(value) {
    return typeof value === "object" && value !== null && #hex in value;
  }

  static classOf(id) {
    return id.#class;
  }
}
const isId = DurableObjectId.is;
const classOf = DurableObjectId.classOf;
delete DurableObjectId.is;
delete DurableObjectId.classOf;
tag(DurableObjectId.prototype, "DurableObjectId");

const newId = (objectClass, hex, name, jurisdiction) =>
  new DurableObjectId(KEY, objectClass, hex, name, jurisdiction);

// What each namespace is: { objectClass, jurisdiction, kept: name -> hexadecimal digits }. Not in the objects, as those
// of `ctx.exports` are functions.
const namespaces = new WeakMap();

function setUp(namespace, objectClass, jurisdiction) {
  namespaces.set(namespace, { objectClass, jurisdiction, kept: new Map() });
  return namespace;
}

function partsOf(namespace) {
  const parts = namespaces.get(namespace);
  if (parts === undefined) throw new TypeError("Illegal invocation");
  return parts;
}

function hexOf({ objectClass, jurisdiction, kept }, name) {
  let hex = kept.get(name);
  if (hex === undefined) {
    hex = op_object_id_from_name(objectClass, jurisdiction, name);
    if (kept.size === KEPT_NAMES) kept.clear();
    kept.set(name, hex);
  }
  return hex;
}

class DurableObjectNamespace {
  constructor(key, objectClass, jurisdiction) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    setUp(this, objectClass, jurisdiction);
  }

  idFromName(name) {
    if (arguments.length === 0) {
      throw wrongArgument("idFromName", "DurableObjectNamespace", "string");
    }
    const text = `${name}`;
    const parts = partsOf(this);
    return newId(parts.objectClass, hexOf(parts, text), text, parts.jurisdiction);
  }

  idFromString(text) {
    if (arguments.length === 0) {
      throw wrongArgument("idFromString", "DurableObjectNamespace", "string");
    }
    const { objectClass, jurisdiction } = partsOf(this);
    const hex = op_object_id_from_string(objectClass, jurisdiction, `${text}`);
    return newId(objectClass, hex, undefined, jurisdiction);
  }

  newUniqueId(options) {
    const { objectClass, jurisdiction: own } = partsOf(this);
    const jurisdiction = options?.jurisdiction ?? own;
    const hex = op_object_id_unique(objectClass, `${jurisdiction}`);
    return newId(objectClass, hex, undefined, `${jurisdiction}`);
  }

  get(id, _options) {
    if (!isId(id)) throw wrongArgument("get", "DurableObjectNamespace", "DurableObjectId");
    const { objectClass, jurisdiction } = partsOf(this);
    if (classOf(id) !== objectClass || jurisdiction !== "") {
      // Fails for the id of another namespace.
      op_object_id_from_string(objectClass, jurisdiction, id.toString());
    }
    return newStub(id);
  }

  getByName(name, options) {
    if (arguments.length === 0) {
      throw wrongArgument("getByName", "DurableObjectNamespace", "string");
    }
    return this.get(this.idFromName(name), options);
  }

  // On one machine all objects are in the same place; their ids are not.
  jurisdiction(name) {
    const { objectClass } = partsOf(this);
    if (name === undefined || name === null) return new DurableObjectNamespace(KEY, objectClass, "");
    op_object_jurisdiction(objectClass, `${name}`);
    return new DurableObjectNamespace(KEY, objectClass, `${name}`);
  }
}
tag(DurableObjectNamespace.prototype, "DurableObjectNamespace");

// ---- stubs

let stubs;

function newStub(id) {
  // It needs this script.
  stubs ??= core.loadExtScript("ext:cellhouse_runtime/object_stub.js");
  return stubs.newStub(id);
}

// As the ops take it.
function addressOf(id) {
  return id.name === undefined ? id.toString() : `${id.toString()}:${id.name}`;
}

// Sends a request to the object of a stub.
function fetchObject(id, input, init, count) {
  const ask = (line, headers, bytes, rid, length, leaver) =>
    op_object_fetch(classOf(id), addressOf(id), line, headers, bytes, rid, length, leaver);
  return fetchBy(ask, input, init, count);
}

return {
  addressOf,
  classOf,
  DurableObjectId,
  DurableObjectNamespace,
  fetchObject,
  isId,
  makeNamespace: (objectClass) => new DurableObjectNamespace(KEY, objectClass, ""),
  newId,
  setUp,
};
})();
