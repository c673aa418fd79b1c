// What others may reach of an object over RPC: members of its class, not what stands in the instance, and
// own properties of plain objects.

(function () {
// What extends it is passed by reference.
class RpcTarget {}

const ObjectPrototype = Object.prototype;
const descriptorOf = Object.getOwnPropertyDescriptor;
const prototypeOf = Object.getPrototypeOf;

// Handlers of events, which only the runtime calls, and what stubs have themselves.
const RESERVED = new Set([
  "alarm", "connect", "constructor", "dup", "fetch", "webSocketClose", "webSocketError",
  "webSocketMessage",
]);
// The base classes; nothing of theirs is a member.
const BASES = new Set([ObjectPrototype, RpcTarget.prototype, Function.prototype]);

function addBase(base) {
  BASES.add(base.prototype);
}

function missing(name) {
  return new TypeError(`The RPC receiver does not implement the method "${name}".`);
}

function isPlain(value) {
  const prototype = prototypeOf(value);
  return prototype === ObjectPrototype || prototype === null || Array.isArray(value);
}

// The member of an instance's class, or of one that this extends.
function classMember(value, name) {
  let prototype = prototypeOf(value);
  while (prototype !== null && !BASES.has(prototype)) {
    const found = descriptorOf(prototype, name);
    if (found !== undefined) return found.get === undefined ? found.value : found.get.call(value);
    prototype = prototypeOf(prototype);
  }
  throw missing(name);
}

// A member of whatever a call goes to. `isMain`: the object itself that a stub of a namespace stands for,
// of whatever class.
function member(value, name, isMain) {
  if (value === null || value === undefined) throw missing(name);
  if (isMain) {
    if (RESERVED.has(name)) {
      throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
    }
    return classMember(value, name);
  }
  if (name === "constructor") throw missing(name);
  if (typeof value !== "object") throw missing(name);
  if (value instanceof RpcTarget) return classMember(value, name);
  if (!isPlain(value) || descriptorOf(value, name) === undefined) throw missing(name);
  return value[name];
}

return { addBase, member, missing, RpcTarget };
})();
