import variant from "@jitl/quickjs-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant, newVariant } from "quickjs-emscripten-core";
import wasmModule from "../node_modules/@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm";
import { equal, fails, program } from "./check";

const open = () => newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: wasmModule as any }));

export default program({
  async "evaluate"() {
    const QuickJS = await open();
    equal(QuickJS.evalCode("[1, 2, 3].map((x) => x * 2).join()"), "2,4,6");
    await fails(() => QuickJS.evalCode("throw new RangeError('inside')"), "inside");
  },
  async "functions, errors, memory"() {
    const vm = (await open()).newContext();
    const twice = vm.newFunction("twice", (x) => vm.newNumber(2 * vm.getNumber(x)));
    vm.setProp(vm.global, "twice", twice);
    twice.dispose();
    const result = vm.unwrapResult(vm.evalCode("({ a: twice(21), b: 'ü'.repeat(3), c: new Uint8Array(3_000_000).length })"));
    equal(vm.dump(result), { a: 42, b: "üüü", c: 3_000_000 });
    result.dispose();
    const broken = vm.newFunction("broken", () => { throw new Error("from outside"); });
    vm.setProp(vm.global, "broken", broken);
    broken.dispose();
    equal(vm.unwrapResult(vm.evalCode("try { broken() } catch (e) { e.message }")).consume(vm.dump), "from outside");
    vm.dispose();
  },
  async "limits"() {
    const QuickJS = await open();
    let turns = 0;
    await fails(() => QuickJS.evalCode("for (;;) {}", { shouldInterrupt: () => ++turns > 10 }), "interrupted");
    await fails(() => QuickJS.evalCode("(function f() { f() })()", { maxStackSizeBytes: 100_000 } as any), "stack overflow");
    await fails(() => QuickJS.evalCode("'x'.repeat(1e7)", { memoryLimitBytes: 1e6 }), "out of memory");
  },
  async "two at once"() {
    const [one, other] = [await open(), await open()];
    const [a, b] = [one.newContext(), other.newContext()];
    a.unwrapResult(a.evalCode("x = 1")).dispose();
    equal(a.unwrapResult(a.evalCode("typeof x")).consume(a.dump), "number");
    equal(b.unwrapResult(b.evalCode("typeof x")).consume(b.dump), "undefined");
    a.dispose();
    b.dispose();
  },
});
