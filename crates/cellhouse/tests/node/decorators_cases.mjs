// Cases of the standard's decorators. Each gives what can be told as JSON; esbuild's words for this file,
// run by Node.js, give the answers that are right.

const log = [];

// A decorator that notes everything it is told.
function note(label, result) {
  log.push(`evaluated ${label}`);
  return (value, context) => {
    const { kind, name, static: isStatic, private: isPrivate, access } = context;
    log.push(["called", label, kind, String(name), isStatic, isPrivate, typeof value, value?.name,
      access && Object.keys(access).sort(), Object.keys(context).sort()]);
    context.addInitializer(function () {
      log.push(["initialized", label, typeof this === "function" ? `class ${this.name}` : Object.keys(this)]);
    });
    return typeof result === "function" ? result(value, context) : result;
  };
}

function key(name) {
  log.push(`key ${String(name)}`);
  return name;
}

function taken(run) {
  log.length = 0;
  const result = run();
  return { result, log: [...log] };
}

function errorOf(run) {
  try {
    return ["none", run()];
  } catch (error) {
    return [error.constructor.name];
  }
}

const add = (n) => () => (value) => value + n;
const wrap = (text) => (method) => function (...args) {
  return `${text}(${method.call(this, ...args)})`;
};

export const cases = {
  order() {
    return taken(() => {
      @note("class 1") @note("class 2")
      class C {
        @note("method 1") @note("method 2") [key("m")]() {}
        @note("field") [key("f")] = log.push("value f");
        @note("static method") static [key("sm")]() {}
        @note("static field") static [key("sf")] = log.push("value sf");
        @note("getter") get [key("g")]() { return 1; }
        @note("setter") set [key("g")](value) {}
        @note("accessor") accessor [key("a")] = log.push("value a");
        @note("static accessor") static accessor [key("sa")] = log.push("value sa");
        @note("private method") #pm() {}
        @note("private field") #pf = log.push("value pf");
        @note("private getter") get #pg() { return 1; }
        @note("private setter") set #pg(value) {}
        @note("private accessor") accessor #pa = log.push("value pa");
        @note("static private method") static #spm() {}
        @note("static private field") static #spf = log.push("value spf");
        static { log.push("block"); }
        [key("plain")] = log.push("value plain");
        static [key("static plain")] = log.push("value static plain");
      }
      log.push("made");
      return Object.keys(new C());
    });
  },

  order_without_class_decorators() {
    return taken(() => {
      class C extends (log.push("heritage"), Object) {
        @note("static field") static sf = log.push("value sf");
        @note("private method") #pm() {}
        static { log.push("block"); }
        @note("method") m() {}
        @note("field") f = log.push("value f");
        constructor() {
          log.push("before super");
          super();
          log.push("after super");
        }
      }
      return Object.keys(new C());
    });
  },

  methods_are_replaced() {
    class C {
      constructor(n) { this.n = n; }
      @wrap("a") @wrap("b") method(x) { return this.n + x; }
      @wrap("s") static method(x) { return x; }
      @wrap("g") get value() { return this.n; }
      @((set) => function (value) { set.call(this, value * 2); }) set value(value) { this.n = value; }
      @wrap("gen") *generator() { yield 1; }
      @((method) => async function () { return [await method.call(this)]; }) async later() { return 1; }
      @wrap("sym") [Symbol.iterator]() { return 2; }
      @wrap("quoted") "a b"() { return 3; }
      @wrap("number") 7() { return 4; }
      @wrap("keyword") delete() { return 5; }
      @wrap("proto") ["__proto__"]() { return 6; }
    }
    const c = new C(5);
    c.value = 4;
    const described = Object.getOwnPropertyDescriptor(C.prototype, "method");
    return [c.method(1), C.method(2), c.value, c.n, c.generator(), c[Symbol.iterator](), c["a b"](), c[7](), c.delete(),
      Object.hasOwn(C.prototype, "__proto__"), Object.keys(C.prototype), described.enumerable, described.writable];
  },

  private_members() {
    class C {
      @wrap("m") #method(x) { return `${x}${this.tag}`; }
      @wrap("g") get #value() { return this.tag; }
      @((set) => function (value) { set.call(this, value + "!"); }) set #value(value) { this.tag = value; }
      @add(1) #field = 1;
      @(() => ({ get() { return "got"; }, init: (value) => value })) accessor #accessor = 1;
      @wrap("s") static #shared() { return this === C; }
      @add(10) static #count = 1;
      tag = "t";
      run() {
        this.#value = "v";
        this.#field++;
        [this.#field] = [this.#field * 2];
        return [this.#method(1), this.#value, this.#field, this.#accessor, C.#shared(), C.#count, #method in this, #method in {}];
      }
      static foreign() { return errorOf(() => ({}).#method); }
      assign() { return errorOf(() => { this.#accessor = 2; return this.#accessor; }); }
    }
    return [new C().run(), C.foreign(), new C().assign(), Object.keys(C), Object.getOwnPropertySymbols(C)
      .map(String), Object.getOwnPropertyNames(C.prototype), Object.getOwnPropertySymbols(C.prototype).length];
  },

  fields() {
    class Base { @add(1) x = 1; }
    class C extends Base {
      @add(2) @add(3) y = this.x;
      @(() => undefined) z;
      @add("!") static s = "s";
      @(() => (value) => [value, typeof value]) nothing;
      @(() => (value) => value.name) named = () => {};
      @(() => (value) => value.name) static namedStatic = class {};
      @(() => (value) => value.name) #secret = function () {};
      secret() { return this.#secret; }
    }
    const c = new C();
    return [c, C.s, C.namedStatic, c.secret(), Object.getOwnPropertyDescriptor(c, "y")];
  },

  accessors() {
    const clamp = ({ get, set }) => ({
      get() { return get.call(this) * 10; }, set(value) { set.call(this, Math.min(value, 5)); }, init: (value) => value + 1,
    });
    class C {
      @clamp accessor a = 1;
      accessor b = 2;
      accessor c;
      static accessor d = 4;
      @clamp static accessor e = 3;
      accessor [`f${1}`] = () => {};
      accessor "g h" = 6;
      accessor = 7;
      static accessor;
    }
    const c = new C();
    const before = [c.a, c.b, c.c, C.d, C.e, typeof c.f1, c["g h"]];
    c.a = 100; c.b = 20; c.c = 30; C.d = 40; C.e = 50;
    return [before, c.a, c.b, c.c, C.d, C.e, Object.keys(c),
      Object.getOwnPropertyNames(C.prototype).toSorted(),
      errorOf(() => Reflect.get(C.prototype, "b")), "accessor" in C];
  },

  access() {
    const seen = {};
    const keep = (value, context) => void (seen[context.name] = context.access);
    class C {
      @keep field = 1;
      @keep #hidden = 2;
      @keep method() { return 3; }
      @keep #secret() { return 4; }
      @keep accessor a = 5;
      @keep accessor #b = 6;
      @keep set only(value) { this.set = value; }
      @keep get #got() { return 7; }
    }
    const c = new C();
    seen.field.set(c, 10);
    seen["#hidden"].set(c, 20);
    seen.a.set(c, 50);
    seen["#b"].set(c, 60);
    seen.only.set(c, 70);
    return [seen.field.get(c), seen["#hidden"].get(c), seen.method.get(c).call(), seen["#secret"].get(c).call(), seen.a.get(c),
      seen["#b"].get(c), c.set, seen["#got"].get(c), seen["#hidden"].has(c), seen["#hidden"].has({}), seen.field.has({}),
      errorOf(() => seen["#hidden"].get({}))];
  },

  classes() {
    const registry = [];
    const register = (value, context) => { registry.push([context.name, context.kind, value.name]); };
    const replace = (value) => class extends value { replaced = true; };
    @register class A { self() { return A; } }
    @replace @register class B { @register method() {} }
    const C = @register class {};
    const D = @replace class Inner { @register method() {} };
    let e; e = @register class {};
    const object = { f: @register class {}, g: class { @register static m() {} } };
    @register class F extends A { self() { return [super.self() === A, F]; } }
    return [registry, new A().self() === A, new B().replaced, C.name, new D().replaced, e.name, object.f.name, new F().self()[1] === F,
      new F().self()[0], new F() instanceof A];
  },

  initializers() {
    const bound = (value, context) => void context.addInitializer(function () { this[context.name] = value.bind(this); });
    const count = [];
    class C {
      @bound method() { return this.x; }
      x = 5;
      @((_, context) => void context.addInitializer(function () { count.push(this.y); })) y = 6;
      @((_, context) => void context.addInitializer(function () { count.push(this.s); })) static s = 7;
    }
    const { method } = new C();
    return [method(), count];
  },

  metadata() {
    const symbol = Symbol.metadata ?? Symbol.for("Symbol.metadata");
    const mark = (_, { metadata, name }) => { metadata[name] = true; };
    @mark class Base { @mark method() {} @mark #hidden = 1; }
    class Derived extends Base { @mark static other() {} }
    class Plain extends Base {}
    return [Base[symbol], Derived[symbol], Object.getPrototypeOf(Derived[symbol]) === Base[symbol],
      Plain[symbol] === Base[symbol], Object.hasOwn(Plain, symbol), Object.getPrototypeOf(Base[symbol])];
  },

  errors() {
    const late = [];
    return [
      errorOf(() => { @(1) class C {} return C; }),
      errorOf(() => { @(() => 1) class C {} return C; }),
      errorOf(() => class { @(() => 1) m() {} }),
      errorOf(() => class { @(() => null) f; }),
      errorOf(() => class { @(() => 1) accessor a; }),
      errorOf(() => class { @(() => ({ get: 1 })) accessor a; }),
      errorOf(() => class { @((_, { addInitializer }) => addInitializer(1)) m() {} }),
      errorOf(() => { class C { @((_, context) => void late.push(context)) m() {} } late[0].addInitializer(() => {}); return C; }),
      errorOf(() => { class C { @(() => { throw new RangeError("mine"); }) m() {} } return C; }),
    ];
  },

  surroundings() {
    function run() {
      class C {
        @(this.decorator) [this.name]() { return "m"; }
        @((value) => { arguments[0].push(value()); }) other() { return "o"; }
      }
      return Object.getOwnPropertyNames(C.prototype);
    }
    const list = [];
    const made = run.call({ decorator: () => {}, name: "dynamic" }, list);
    const classes = [1, 2, 3].map((n) => class { @add(n) field = 0; });
    return [made, list, classes.map((Each) => new Each().field)];
  },

  nested() {
    class Outer {
      @add(1) x = new (class Inner { @add(10) y = 1; accessor z = 3; })().y;
      @((method) => { class Helper { @wrap("h") run() { return method(); } } return () => new Helper().run(); }) m() { return "m"; }
      static Nested = class { @wrap("n") n() { return "deep"; } };
      [(class { @add(1) static key = 1; }).key]() { return "computed"; }
    }
    const o = new Outer();
    return [o.x, o.m(), new Outer.Nested().n(), o[2]()];
  },

  exotic_layout() {
    class C {
      a = 1
      @add(1) b = 2
      @add(1)
      // a comment, class { in it
      c = 3 /* and
      another */
      ;@add(1) d
      static
      @add("x") async
      @add("y") get
      *e() {}
      @wrap("f") /* static */ f /* ( */ () { return "{"; }
    }
    return [Object.keys(new C()), new C().f()];
  },

  static_private_of_a_decorated_class() {
    const same = (value) => { value.seen = true; };
    @same class C {
      static #count = 1;
      static next() { return ++C.#count; }
      static #method() { return "private"; }
      static call() { return C.#method(); }
      @add(1) static #decorated = 5;
      static both = C.#count + C.#decorated;
      static accessor shared = 8;
    }
    return [C.next(), C.call(), C.both, C.shared, C.seen, Object.keys(C)];
  },
};

// What the standard says and esbuild does otherwise: what a case gives, and what is right.
export const standard = {
  each_turn_of_a_loop_has_its_own() {
    const each = [];
    for (let n = 0; n < 3; n++) {
      class Loop { @add(n) field = 100; }
      each.push(() => new Loop().field);
    }
    return [each.map((make) => make()), [100, 101, 102]];
  },

  static_fields_come_after_the_class_decorators() {
    const seen = [];
    const replace = (value) => { seen.push(Object.hasOwn(value, "own")); return class extends value {}; };
    @replace class C {
      static own = 1;
      static #hidden = 2;
      static same = this === C;
      static { seen.push(this.name, Object.hasOwn(this, "own"), C.#hidden); }
      static hidden() { return C.#hidden++; }
    }
    return [[seen, C.same, C.hidden(), C.hidden(), Object.keys(C)], [[false, "", true, 2], true, 2, 3, ["own", "same"]]];
  },

  the_inner_name_is_what_the_decorators_leave() {
    const replace = (value) => class extends value {};
    @replace class C { self() { return C; } }
    const D = @replace class Inner { self() { return Inner; } };
    return [[new C().self() === C, new D().self() === D], [true, true]];
  },
};

export async function asynchronous() {
  const later = async (value) => value;
  class C {
    @(await later(wrap("awaited"))) method() { return 1; }
    @add(1) [await later("key")] = 1;
  }
  @(await later((value) => { value.mark = 1; })) class D extends (await later(Object)) {}
  const E = class { @(await later(add(5))) field = 1; };
  function* yielding() {
    return class { @(yield "asked") field = 1; };
  }
  const steps = yielding();
  const asked = steps.next().value;
  const F = steps.next(add(7)).value;
  return [new C().method(), new C().key, D.mark, new E().field, asked, new F().field];
}
