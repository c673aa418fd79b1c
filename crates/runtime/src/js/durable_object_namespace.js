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

class DurableObjectNamespace {
  #class;
  #jurisdiction;
  // Name -> hexadecimal digits.
  #kept = new Map();

  constructor(key, objectClass, jurisdiction) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#class = objectClass;
    this.#jurisdiction = jurisdiction;
  }

  idFromName(name) {
    if (arguments.length === 0) {
      throw wrongArgument("idFromName", "DurableObjectNamespace", "string");
    }
    const text = `${name}`;
    return newId(this.#class, this.#hexOf(text), text, this.#jurisdiction);
  }

  #hexOf(name) {
    let hex = this.#kept.get(name);
    if (hex === undefined) {
      hex = op_object_id_from_name(this.#class, this.#jurisdiction, name);
      if (this.#kept.size === KEPT_NAMES) this.#kept.clear();
      this.#kept.set(name, hex);
    }
    return hex;
  }

  idFromString(text) {
    if (arguments.length === 0) {
      throw wrongArgument("idFromString", "DurableObjectNamespace", "string");
    }
    const hex = op_object_id_from_string(this.#class, this.#jurisdiction, `${text}`);
    return newId(this.#class, hex, undefined, this.#jurisdiction);
  }

  newUniqueId(options) {
    const jurisdiction = options?.jurisdiction ?? this.#jurisdiction;
    const hex = op_object_id_unique(this.#class, `${jurisdiction}`);
    return newId(this.#class, hex, undefined, `${jurisdiction}`);
  }

  get(id, _options) {
    if (!isId(id)) throw wrongArgument("get", "DurableObjectNamespace", "DurableObjectId");
    if (classOf(id) !== this.#class || this.#jurisdiction !== "") {
      // Fails for the id of another namespace.
      op_object_id_from_string(this.#class, this.#jurisdiction, id.toString());
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
    if (name === undefined || name === null) {
      return new DurableObjectNamespace(KEY, this.#class, "");
    }
    op_object_jurisdiction(this.#class, `${name}`);
    return new DurableObjectNamespace(KEY, this.#class, `${name}`);
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
};
})();
