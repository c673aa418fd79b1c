// What JavaScript and a module (tables.wat) do with references. tables.json holds workerd's answers.

function errorOf(run) {
  try {
    return ["none", run()];
  } catch (error) {
    return [error.constructor.name, error.message];
  }
}

function tables(module) {
  const shared = new WebAssembly.Table({ element: "externref", initial: 2 }, "first");
  const seen = [];
  const { exports } = new WebAssembly.Instance(module, {
    m: {
      shared,
      pass(value, depth) {
        seen.push(typeof value);
        // Back into the module, whose numbers are made while this call's are in use.
        if (depth > 0) exports.through({ depth }, depth - 1);
        return value;
      },
    },
  });
  const { own } = exports;
  const object = { a: 1 };
  const symbol = Symbol("s");
  const answers = {};

  answers.begin = [own.length, own.get(0), own.get(1), shared.get(0), exports.shared === shared, exports.size()];
  own.set(0, object);
  exports.set(1, symbol);
  answers.identity = [exports.get(0) === object, own.get(0) === object, own.get(1) === symbol, exports.get(1) === symbol];
  answers.grow = [own.grow(1), own.length, own.get(2) === undefined, exports.grow(object, 1), exports.size(),
    own.get(3) === object, exports.grow(null, 100), errorOf(() => own.grow(100)), own.grow(1, "given"), own.get(4)];
  exports.fill(1, "filled", 2);
  answers.fill = [own.get(1), own.get(2), own.get(3) === object];
  shared.set(1, 12n);
  exports.copy(0, 0, 2);
  answers.copy = [own.get(0), String(own.get(1))];
  answers.values = [undefined, null, true, 0, -0, NaN, "", "text", object, shared].map((value) => {
    exports.set(0, value);
    return [Object.is(exports.get(0), value), Object.is(exports.through(value, 0), value), exports.isNull(value)];
  });
  answers.nested = [exports.through(object, 3) === object, exports.choose(object, 1, 1) === object, exports.choose(object, 1, 0),
    exports.both(object, 7)[0], exports.both(object, 7)[1] === object, exports.null(), exports.number()];
  answers.missing = [exports.isNull(), exports.through()];
  answers.errors = [
    errorOf(() => own.get(5)), errorOf(() => own.set(5, 1)), errorOf(() => own.get(-1)),
    errorOf(() => exports.get(5))[0], errorOf(() => exports.set(-1, 1))[0], errorOf(() => exports.fill(4, 1, 2))[0],
    errorOf(() => exports.copy(0, 1, 2))[0],
    errorOf(() => new WebAssembly.Instance(module, { m: { pass() {}, shared: 1 } }))[0],
    errorOf(() => new WebAssembly.Instance(module, { m: { pass() {} } }))[0],
  ];
  answers.thrown = errorOf(() => {
    const other = new WebAssembly.Instance(module, { m: { shared, pass() { throw new RangeError("mine"); } } });
    return other.exports.through(object, 0);
  });
  answers.after = exports.get(0) === shared;
  answers.names = [Object.keys(exports), exports.get.name, exports.get.length, Object.isFrozen(exports)];
  answers.told = [WebAssembly.Module.imports(module).map(({ module, name, kind }) => [module, name, kind]),
    WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind])];
  answers.kinds = [own instanceof WebAssembly.Table, shared instanceof WebAssembly.Table, String(own), seen.length];
  for (let i = 0; i < 2_000; i++) exports.through({ i }, 1);
  answers.often = exports.get(0) === shared;
  return answers;
}
