// `WebAssembly.Memory` that is imported. The interpreter has only memories of instances, so one that JavaScript
// makes is that of the instance that it will be given to: made when somebody looks into it, or at
// the latest when it is given. Where no module wants one it is a buffer.

(function () {

const { core } = __bootstrap;
const { FIXED } = core.loadExtScript("ext:cellhouse_runtime/array_buffers.js");
const { LinkError, Memory } = WebAssembly;
const { prototype } = Memory;
const { transfer } = ArrayBuffer.prototype;

// V8's limit, in pages.
const MAX_PAGES = 65_536;
const PAGE = 65_536;

// What `act` does.
const GROW_MEMORY = 5;

// What is known of a memory: `limits`, `inner` (the engine's object, or a plain one), `side` (of the instance
// whose it is).
const made = new WeakMap();

// Modules that import a memory, and nothing that must be known when an instance is made.
const wanted = [];

// Tells of a module that imports a memory, and of how an instance is made before its imports are known.
function want(memory, prepare) {
  wanted.push({ memory, prepare });
}

const importOf = (plan) => plan.imports.find(([, , kind]) => kind === "memory");

function pages(memory) {
  return memory.buffer.byteLength / PAGE;
}

// Gives a made memory that of an instance, which has as much as its module asks for.
function back(it, side) {
  it.side = side;
  it.inner = side.memory;
  const missing = it.limits.initial - pages(it.inner);
  if (missing > 0) side.act(GROW_MEMORY, 0, missing);
}

// The memory of an instance's own.
function memoryOf(side, inner) {
  if (side.memoryObject !== undefined) return side.memoryObject;
  const [initial, maximum] = side.plan.memory;
  side.memoryObject = Object.create(prototype);
  made.set(side.memoryObject, { limits: { initial, maximum: maximum ?? undefined }, inner, side });
  return side.memoryObject;
}

// Of no instance.
class Plain {
  constructor(size) {
    this.set(new ArrayBuffer(size * PAGE));
  }
  set(buffer) {
    this.buffer = buffer;
    Object.defineProperty(buffer, FIXED, { value: true, configurable: true });
  }
  grow(delta) {
    const old = this.buffer;
    const buffer = new ArrayBuffer(old.byteLength + delta * PAGE);
    new Uint8Array(buffer).set(new Uint8Array(old));
    this.set(buffer);
    delete old[FIXED];
    transfer.call(old, 0);
  }
}

function fits({ initial, maximum }, [least, most]) {
  return initial >= least && (most === null || (maximum !== undefined && maximum <= most));
}

function innerOf(memory, method) {
  const it = made.get(memory);
  if (it === undefined) {
    throw new TypeError(`WebAssembly.Memory.${method}: Receiver is not a WebAssembly.Memory`);
  }
  if (it.inner === null) {
    const fitting = wanted.filter(({ memory }) => fits(it.limits, memory));
    const exact = fitting.filter(({ memory }) => memory[0] === it.limits.initial);
    const one = exact[0] ?? fitting[0];
    if (one === undefined) it.inner = new Plain(it.limits.initial);
    else back(it, one.prepare());
  }
  return it;
}

function makeMemory(limits) {
  if (limits.shared) return new Memory(limits);
  const memory = Object.create(prototype);
  made.set(memory, { limits, inner: null, side: null });
  return memory;
}

// The side that has the memory which is imported, or null if it has to be made.
function sideOf(plan, index, value) {
  const [module, name, , [least, most]] = plan.imports[index];
  const refuse = (what) =>
    new LinkError(`WebAssembly.Instance(): Import #${index} "${module}" "${name}": ${what}`);
  if (!(value instanceof Memory)) throw refuse("memory import must be a WebAssembly.Memory object");
  const it = made.get(value);
  if (it === undefined) throw refuse("a memory cannot be shared between instances");
  const size = it.inner === null ? it.limits.initial : pages(it.inner);
  if (size < least) {
    throw refuse(`memory import has ${size} pages which is smaller than the declared initial of ${least}`);
  }
  const { maximum } = it.limits;
  if (most !== null && maximum === undefined) {
    throw refuse("memory import has no maximum limit, expected at most 4294967295");
  }
  if (most !== null && maximum > most) {
    throw refuse(`memory import has a larger maximum size ${maximum} than the module's declared maximum ${most}`);
  }
  if (it.inner === null) return { it, side: null };
  if (it.side?.plan === plan && it.side.waits) return { it, side: it.side };
  throw refuse("a memory cannot be shared between instances");
}

const methods = {
  get buffer() {
    return innerOf(this, "buffer").inner.buffer;
  },
  grow(delta) {
    const { inner, limits, side } = innerOf(this, "grow");
    const by = Number(delta);
    if (!(by >= 0)) {
      throw new TypeError(`WebAssembly.Memory.grow(): Argument 0 must be ${
        by < 0 ? "non-negative" : "convertible to a valid number"}`);
    }
    const before = pages(inner);
    if (before + by > Math.min(limits.maximum ?? MAX_PAGES, MAX_PAGES)) {
      throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
    }
    if (side === null) inner.grow(Math.trunc(by));
    else if (side.act(GROW_MEMORY, 0, by) < 0) {
      throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory");
    }
    return before;
  },
};
for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
  Object.defineProperty(prototype, name, { ...descriptor, enumerable: true });
}

return { back, importOf, makeMemory, MAX_PAGES, memoryOf, sideOf, want };
})();
