// What JavaScript and a module (globals.wat) do with globals of references. globals_of_references.json holds
// workerd's answers.

function globalsOfReferences(module) {
  const errorOf = (run) => {
    try {
      return ["none", String(run())];
    } catch (error) {
      return [error.constructor.name, error.message];
    }
  };
  const passed = [];
  const { exports } = new WebAssembly.Instance(module, {
    m: {
      pass(value) {
        passed.push(value);
        return value;
      },
    },
  });
  const object = { a: 1 };
  const symbol = Symbol("s");
  const { value, fixed, none, number } = exports;
  const answers = {};
  answers.begin = [value.value, fixed.value, none.value, exports.function.value === exports.seven, number.value,
    exports.get(), exports.isSet()];
  answers.kinds = [value, fixed, none, number].map((it) => [it instanceof WebAssembly.Global, Object.keys(it)]);
  answers.told = Object.keys(exports);
  exports.set(object);
  answers.set = [value.value === object, exports.get() === object];
  value.value = symbol;
  answers.assigned = [value.value === symbol, exports.get() === symbol];
  value.value = undefined;
  answers.undefined = [value.value === undefined, exports.get() === undefined];
  answers.swap = [exports.swap(object), exports.swap("text") === object, exports.swap(null), passed.length];
  exports.function.value = null;
  answers.function = [exports.function.value, exports.isSet()];
  exports.function.value = exports.set;
  answers.other = [exports.function.value === exports.set, exports.isSet()];
  answers.errors = [
    errorOf(() => { fixed.value = 1; }), errorOf(() => { none.value = null; }),
    errorOf(() => { exports.function.value = () => 1; })[0], errorOf(() => { exports.function.value = 5; })[0],
  ];
  exports.setNumber(9);
  answers.number = [number.value];
  const own = new WebAssembly.Global({ value: "externref", mutable: true }, object);
  answers.own = [own.value === object];
  own.value = 5;
  answers.own.push(own.value, new WebAssembly.Global({ value: "externref" }).value === undefined,
    new WebAssembly.Global({ value: "anyfunc" }).value,
    new WebAssembly.Global({ value: "anyfunc" }, exports.seven).value === exports.seven,
    errorOf(() => new WebAssembly.Global({ value: "anyfunc" }, () => 1))[0],
    errorOf(() => { new WebAssembly.Global({ value: "externref" }, 1).value = 2; }));
  // Values that nobody else holds stay.
  for (let i = 0; i < 1000; i++) exports.swap({ i });
  answers.kept = [exports.swap(null).i];
  return answers;
}
