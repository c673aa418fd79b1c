// Facets of Durable Objects: `ctx.facets`, the stubs that it gives, and which facets of which class there are. A facet
// is an instance beside its parent's, in the same isolate, with a storage of its own; it ends when its parent does.

(function () {
const { core } = __bootstrap;
const { getAsyncContext, setAsyncContext } = core;
const {
  op_clone_read, op_facet_check_name, op_facet_clone, op_facet_delete, op_facet_end, op_facet_fetch, op_facet_key,
  op_facet_open, op_facet_parent, op_facet_sleeps,
} = core.ops;
const { classOf } = core.loadExtScript("ext:cellhouse_runtime/durable_object_class.js");
const { isId } = core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js");
const { fetchBy } = core.loadExtScript("ext:cellhouse_runtime/object_fetch.js");
const { Calling } = core.loadExtScript("ext:cellhouse_runtime/object_rpc.js");
const { NumberMap } = core.loadExtScript("ext:cellhouse_runtime/number_map.js");
const { makeStub } = core.loadExtScript("ext:cellhouse_runtime/service_stub.js");

// What stands for a parent -> name -> its facet; and what stands for a facet -> the facet.
const byParent = new Map();
const byKey = new Map();
// The number of an instance that has asked for its facets -> what stands for it.
const parents = new NumberMap();

// ---- what a facet is

let made = 0;

class Facet {
  // What it is made of: { objectClass, className, id, props }, once that is known.
  plan = undefined;
  // Why it is of no use any more.
  broken = undefined;
  // While it has one.
  instance = undefined;
  calling = undefined;

  // `options` gives what the app says of it, later; `parentId` is its parent's `ctx.id`.
  constructor(parent, name, key, options, parentId) {
    this.parent = parent;
    this.name = name;
    this.key = key;
    this.incarnation = ++made;
    this.starting = options.then(([given, isLate]) => {
      this.plan = planOf(given, isLate, parentId);
    });
    this.starting.catch((error) => this.broken ??= { error });
  }
}

const WRONG_CLASS =
  "Incorrect type for the 'class' field on 'StartupOptions': the provided value is not of type " +
  "'DurableObjectClass or LoopbackDurableObjectNamespace or LoopbackColoLocalActorNamespace'.";
const WRONG_PROMISE = "Incorrect type for Promise: the Promise did not resolve to 'StartupOptions'.";
// Cloudflare's, which has a name of its own source in it.
const NO_OPTIONS =
  "Cannot initialize N7workerd3api19DurableObjectFacets14StartupOptionsE with required members from an undefined or " +
  "null value.";

function planOf(options, isLate, parentId) {
  if (options === undefined || options === null) throw new TypeError(NO_OPTIONS);
  if (typeof options !== "object" && typeof options !== "function") {
    throw new TypeError(isLate ? WRONG_PROMISE : "Callback returned incorrect type; expected 'Promise'");
  }
  const found = classOf(options.class);
  if (found === undefined) throw new TypeError(WRONG_CLASS);
  const { id } = options;
  const objectClass = core.loadExtScript("ext:cellhouse_runtime/exports.js").objectClass(found.app, found.name);
  return {
    objectClass,
    className: found.name,
    id: id === undefined ? parentId : isId(id) ? id : `${id}`,
    props: found.props.byteLength === 0 ? {} : op_clone_read(found.props, undefined),
  };
}

// ---- those that there are

const facetsOf = (parent) => byParent.get(parent);

function add(facet) {
  let names = byParent.get(facet.parent);
  if (names === undefined) byParent.set(facet.parent, names = new Map());
  names.set(facet.name, facet);
  byKey.set(facet.key, facet);
}

function remove(facet) {
  if (byKey.get(facet.key) !== facet) return;
  byKey.delete(facet.key);
  const names = byParent.get(facet.parent);
  names.delete(facet.name);
  if (names.size === 0) byParent.delete(facet.parent);
}

// Ends a facet, and its own with it: from now on it throws `error`. `because`: the facet's own instance came to an end.
function end(facet, error, because = false) {
  remove(facet);
  facet.broken = { error };
  endBelow(facet.key, error);
  if (facet.instance !== undefined && !because) {
    core.loadExtScript("ext:cellhouse_runtime/durable_objects.js").endFacet(facet.instance, error);
  }
  op_facet_end(facet.key);
  facet.calling?.end(error);
}

// Ends all facets of a parent.
function endBelow(parent, error) {
  for (const facet of [...facetsOf(parent)?.values() ?? []]) end(facet, error);
}

// A parent comes, or goes to rest: those of its facets are forgotten that nothing keeps.
function tidy(parent) {
  for (const facet of [...facetsOf(parent)?.values() ?? []]) {
    if (!op_facet_sleeps(facet.key)) remove(facet);
  }
}

// ---- calling one

class FacetCalling extends Calling {
  constructor(facet, parent) {
    super(op_facet_open(parent, facet.name, facet.incarnation));
    this.facet = facet;
  }

  rested() {}

  end(error) {
    if (this.facet.calling === this) this.facet.calling = undefined;
    super.end(error);
  }
}

// What a stub stands for. Which facet that is, is found out when it is first used.
class Reference {
  isAnswer = false;
  id = 0;
  refusal = "Stubs pointing to Durable Object facets are not serializable.";
  #parent;
  #name;
  #begin;
  #facet;

  // `parent` is the number of the instance, `begin` gives the facet.
  constructor(parent, name, begin) {
    this.#parent = parent;
    this.#name = name;
    this.#begin = begin;
  }

  get hook() {
    return this;
  }

  #use() {
    this.#facet ??= this.#begin();
    if (this.#facet.broken !== undefined) throw this.#facet.broken.error;
    // It may have been forgotten while it rested.
    const known = byKey.get(this.#facet.key);
    if (known === undefined) add(this.#facet);
    else this.#facet = known;
    return this.#facet;
  }

  #session() {
    const facet = this.#use();
    return facet.calling ??= new FacetCalling(facet, this.#parent);
  }

  call(path, args) {
    return this.#session().main.call(path, args);
  }

  watch(told) {
    const { main, session } = this.#session();
    session.watch(main, told);
  }

  async fetch(args) {
    const facet = this.#use();
    const name = `${facet.incarnation} ${this.#name}`;
    const ask = (line, headers, bytes, rid, length, leaver) =>
      op_facet_fetch(this.#parent, name, line, headers, bytes, rid, length, leaver);
    try {
      return await fetchBy(ask, args[0], args[1], args.length);
    } catch (error) {
      // What ended it is told as it is.
      throw facet.broken?.error ?? error;
    }
  }

  hold() {}

  drop() {}
}

// ---- ctx.facets

function wrongArgument(method, number, type) {
  return new TypeError(
    `Failed to execute '${method}' on 'DurableObjectFacets': parameter ${number} is not of type '${type}'.`,
  );
}

function namesOf(method, ...names) {
  names.forEach((name, index) => {
    if (name === undefined) throw wrongArgument(method, index + 1, "string");
  });
  const texts = names.map((name) => `${name}`);
  texts.forEach((text) => op_facet_check_name(text));
  return texts;
}

class DurableObjectFacets {
  #number;
  #id;
  #parent;

  // Of the instance with that number and `ctx.id`.
  constructor(number, id) {
    if (number === undefined) throw new TypeError("Illegal constructor");
    this.#number = number;
    this.#id = id;
    this.#parent = op_facet_parent(number);
    parents.set(number, this.#parent);
  }

  get(name, getStartupOptions) {
    if (name === undefined) throw wrongArgument("get", 1, "string");
    if (typeof getStartupOptions !== "function") throw wrongArgument("get", 2, "function");
    const [text] = namesOf("get", name);
    const key = op_facet_key(this.#number, text);
    const begin = () => {
      const known = byKey.get(key);
      if (known !== undefined) return known;
      const facet = new Facet(this.#parent, text, key, asked(getStartupOptions), this.#id);
      add(facet);
      return facet;
    };
    return makeStub(new Reference(this.#number, text, begin));
  }

  abort(name, reason) {
    const [text] = namesOf("abort", name);
    if (arguments.length < 2) throw wrongArgument("abort", 2, "JsValue");
    this.#end(text, typeof reason === "object" && reason !== null ? reason : new Error(`${reason}`));
  }

  delete(name) {
    const [text] = namesOf("delete", name);
    this.#end(text, new Error("Facet was deleted."));
    op_facet_delete(this.#number, text);
  }

  clone(src, dst) {
    const [from, to] = namesOf("clone", src, dst);
    this.#end(to, new Error("Facet was cloned-over."));
    op_facet_clone(this.#number, from, to);
  }

  #end(name, error) {
    const facet = facetsOf(this.#parent)?.get(name);
    if (facet !== undefined) end(facet, error);
  }
}
Object.defineProperty(DurableObjectFacets.prototype, Symbol.toStringTag, {
  value: "DurableObjectFacets", configurable: true,
});

// Calls the callback of an app as the code that asked, when that has returned: what it gives, and whether later.
async function asked(callback) {
  const context = getAsyncContext();
  await undefined;
  const before = getAsyncContext();
  setAsyncContext(context);
  let given;
  try {
    given = callback();
  } finally {
    setAsyncContext(before);
  }
  return [await given, given instanceof Promise];
}

return {
  DurableObjectFacets,
  end,
  // The instance of a facet has come to an end by itself.
  ended: (facet, error) => end(facet, error, true),
  // All facets of an instance's end.
  endOf(number, error) {
    if (byParent.size > 0) endBelow(parents.get(number) ?? op_facet_parent(number), error);
  },
  find(key, incarnation) {
    const facet = byKey.get(key);
    return facet?.incarnation === incarnation ? facet : undefined;
  },
  // An instance has gone.
  left(number) {
    const parent = parents.get(number);
    if (parent === undefined) return;
    parents.delete(number);
    tidy(parent);
  },
  // An instance has come.
  tidy(number) {
    if (byParent.size > 0) tidy(op_facet_parent(number));
  },
};
})();
