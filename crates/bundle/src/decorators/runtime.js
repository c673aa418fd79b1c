// Applies standard decorators: what the bundler's words for a class call. One `Decorated` is made
// for each evaluation of a class. It holds what was evaluated until the class is there, then calls
// the decorators in the standard's order. It knows nothing of the source, and keeps no class alive
// but its own.

const symbol = Symbol.metadata ?? Symbol.for("Symbol.metadata");
const define = Object.defineProperty;

// Where a member's function is in its property's descriptor.
const SLOTS = { __proto__: null, method: "value", getter: "get", setter: "set" };
const PREFIXES = { __proto__: null, method: "", getter: "get ", setter: "set " };

function callable(value, what) {
  if (value !== undefined && typeof value !== "function") {
    throw new TypeError(`${what} must be a function or undefined`);
  }
  return value;
}

// Property keys as the standard makes them, once.
function toKey(value) {
  if (typeof value === "symbol") return value;
  return Reflect.ownKeys({ [value]: 0 })[0];
}

function runAll(functions, receiver) {
  for (const each of functions) each.call(receiver);
}

class Decorated {
  // Key of members that carry an evaluation only, or a private member's function.
  hole = Symbol("decorators");
  elements = [];
  kept = [];
  ofStaticMethods = [];
  ofInstanceMethods = [];
  ofClass = [];

  constructor(decorators, name) {
    this.decorators = decorators;
    this.name = name;
  }

  // ---- while the class is evaluated

  // Notes a member, and gives the key to define it by. `kind` ends with the member's kind, and has
  // "private" and "static" before it. `access` is for private members, `storage` for private accessors.
  element(index, kind, decorators, key, access = undefined, storage = undefined) {
    const words = kind.split(" ");
    const isPrivate = words.includes("private");
    const name = isPrivate ? key : toKey(key);
    const element = {
      kind: words.at(-1), isPrivate, isStatic: words.includes("static"), decorators, name, storage,
      access: access ?? {
        has: (object) => name in object,
        get: (object) => object[name],
        set: (object, value) => {
          object[name] = value;
        },
      },
      key: name, value: undefined, initializers: [], extra: [],
    };
    if (isPrivate) element.key = element.kind in SLOTS ? Symbol(name) : this.hole;
    this.elements[index] = element;
    return element.key;
  }

  // A key without decorators that is needed again.
  keep(index, key) {
    return (this.kept[index] = toKey(key));
  }

  key(index) {
    return this.elements[index]?.name ?? this.kept[index];
  }

  // ---- when it is there

  // For a class without decorators of its own, before its static fields.
  apply(target) {
    this.prepare(target);
    this.decorate();
    runAll(this.ofStaticMethods, target);
  }

  prepare(target, assign = undefined, statics = []) {
    delete target[this.hole];
    this.target = target;
    this.assign = assign;
    this.statics = statics;
  }

  // For a class with decorators: the class that takes its place. `stamp` gives static private names to it.
  finish(stamp = undefined) {
    if (this.finished) return this.target;
    this.finished = true;
    this.decorate();
    const { target } = this;
    runAll(this.ofStaticMethods, target);
    stamp?.(target);
    for (const each of this.statics) this.initialize(each, target);
    runAll(this.ofClass, target);
    return target;
  }

  initialize({ run, element, key, set }, target) {
    let value = run.call(target);
    if (element !== undefined) value = this.value(element, target, value);
    if (set !== undefined) set(target, value);
    else if (key !== undefined) {
      define(target, key, { value, writable: true, enumerable: true, configurable: true });
    }
    if (element !== undefined) this.after(element, target);
  }

  decorate() {
    const base = Object.getPrototypeOf(this.target)?.[symbol];
    this.metadata = Object.create(base ?? null);
    const elements = this.elements.filter((it) => it !== undefined);
    const fields = (it) => it.kind === "field";
    for (const late of [false, true]) {
      for (const isStatic of [true, false]) {
        const some = elements.filter((it) => fields(it) === late && it.isStatic === isStatic);
        for (const element of some) this.decorateElement(element);
      }
    }
    if (this.decorators !== undefined) this.decorateClass();
    if (this.decorators === undefined && elements.length === 0) return;
    // A class that its decorators have sealed goes without.
    Reflect.defineProperty(this.target, symbol, {
      value: this.metadata, writable: true, enumerable: true, configurable: true,
    });
  }

  decorateClass() {
    const { name } = this;
    const context = () => ({ kind: "class", name, metadata: this.metadata });
    this.each(this.decorators, context, this.ofClass, (decorator, given) => {
      const result = decorator(this.target, given);
      this.target = callable(result, "the result of a class decorator") ?? this.target;
    });
    this.assign?.(this.target);
  }

  decorateElement(element) {
    const { kind, name, isStatic, isPrivate } = element;
    const holder = isStatic ? this.target : this.target.prototype;
    const methods = isStatic ? this.ofStaticMethods : this.ofInstanceMethods;
    const context = () => ({
      kind, name, metadata: this.metadata, static: isStatic, private: isPrivate, access: accessOf(element),
    });
    if (kind in SLOTS) this.decorateMethod(element, holder, methods, context);
    else if (kind === "accessor") this.decorateAccessor(element, holder, context);
    else {
      this.each(element.decorators, context, element.extra, (decorator, given) => {
        const initializer = decorator(undefined, given);
        if (callable(initializer, "the result of a field decorator")) element.initializers.unshift(initializer);
      });
    }
  }

  decorateMethod(element, holder, extra, context) {
    const { kind, name, key, isPrivate } = element;
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    const slot = SLOTS[kind];
    if (isPrivate) {
      delete holder[key];
      define(descriptor[slot], "name", { value: PREFIXES[kind] + name, configurable: true });
    }
    this.each(element.decorators, context, extra, (decorator, given) => {
      const result = decorator(descriptor[slot], given);
      descriptor[slot] = callable(result, `the result of a ${kind} decorator`) ?? descriptor[slot];
    });
    if (isPrivate) element.value = descriptor[slot];
    else define(holder, key, descriptor);
  }

  decorateAccessor(element, holder, context) {
    const { name, key, isPrivate, storage } = element;
    const { get, set, ...rest } = storage ?? Object.getOwnPropertyDescriptor(holder, key);
    const functions = { get, set };
    if (isPrivate) {
      define(get, "name", { value: `get ${name}`, configurable: true });
      define(set, "name", { value: `set ${name}`, configurable: true });
    }
    this.each(element.decorators, context, element.extra, (decorator, given) => {
      const result = decorator({ get: functions.get, set: functions.set }, given);
      if (result === undefined) return;
      if (typeof result !== "object" && typeof result !== "function" || result === null) {
        throw new TypeError("the result of an accessor decorator must be an object or undefined");
      }
      functions.get = callable(result.get, "get of an accessor decorator's result") ?? functions.get;
      functions.set = callable(result.set, "set of an accessor decorator's result") ?? functions.set;
      const init = callable(result.init, "init of an accessor decorator's result");
      if (init !== undefined) element.initializers.unshift(init);
    });
    if (isPrivate) element.value = functions;
    else define(holder, key, { ...rest, ...functions });
  }

  // Calls decorators from the last to the first, each with a context of its own.
  each(decorators, makeContext, extra, call) {
    for (const decorator of decorators.toReversed()) {
      let open = true;
      const context = makeContext();
      context.addInitializer = (initializer) => {
        if (!open) throw new TypeError("addInitializer was called after its decorator had returned");
        if (typeof initializer !== "function") throw new TypeError("an initializer must be a function");
        extra.push(initializer);
      };
      call(decorator, context);
      open = false;
    }
  }

  // ---- when values are made

  // Before an instance's fields.
  begin(instance) {
    runAll(this.ofInstanceMethods, instance);
  }

  // A field's value by its decorators' initializers.
  value(index, receiver, value = undefined) {
    for (const each of this.elements[index].initializers) value = each.call(receiver, value);
    return value;
  }

  after(index, receiver) {
    runAll(this.elements[index].extra, receiver);
  }

  // A private member as its decorators left it.
  member(index) {
    return this.elements[index].value;
  }

  // What a class extends to give its private names to an object that is there already.
  stamp = function (object) {
    return object;
  };
}

function accessOf({ kind, access }) {
  const { has, get, set } = access;
  if (kind === "setter") return { has, set };
  return kind === "field" || kind === "accessor" ? { has, get, set } : { has, get };
}

export function decorated(decorators = undefined, name = "") {
  return new Decorated(decorators, name);
}
