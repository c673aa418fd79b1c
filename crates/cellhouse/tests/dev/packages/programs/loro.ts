import * as glue from "loro-crdt/bundler/loro_wasm_bg.js";
import wasm from "loro-crdt/bundler/loro_wasm_bg.wasm";
import { equal, fails, program } from "./check";

const { LoroDoc, __wbg_set_wasm, callPendingEvents } = glue as any;
const { exports } = new WebAssembly.Instance(wasm as any, { "./loro_wasm_bg.js": glue } as any);
__wbg_set_wasm(exports);
(exports as any).__wbindgen_start();

export default program({
  "documents that meet"() {
    const [one, other] = [1n, 2n].map((peer) => {
      const doc = new LoroDoc();
      doc.setPeerId(peer);
      return doc;
    });
    one.getText("text").insert(0, "hello");
    other.import(one.export({ mode: "snapshot" }));
    other.getText("text").insert(5, " world");
    one.getMap("map").set("list", [1, { b: null }, 2.5, "ü"]);
    one.import(other.export({ mode: "update" }));
    equal([one.getText("text").toString(), one.getMap("map").toJSON()], ["hello world", { list: [1, { b: null }, 2.5, "ü"] }]);
  },
  // A closure is freed through the module's table of functions.
  "events"() {
    const doc = new LoroDoc();
    const seen: string[] = [];
    const stop = doc.subscribe((event: any) => seen.push(event.by));
    for (const word of ["a", "b", "c"]) {
      doc.getList("list").push(word);
      doc.commit();
      callPendingEvents();
    }
    stop();
    doc.getList("list").push("d");
    doc.commit();
    callPendingEvents();
    equal([seen, doc.toJSON()], [["local", "local", "local"], { list: ["a", "b", "c", "d"] }]);
  },
  "its table"() {
    const table = Object.values(exports).find((it) => it instanceof WebAssembly.Table) as WebAssembly.Table;
    const functions = Array.from({ length: table.length }, (_, index) => table.get(index)).filter((it) => it !== null);
    equal([table.length > 100, functions.every((it) => table.get(0) === null && typeof it === "function")], [true, true]);
    equal(table.get(9) === table.get(9), true);
  },
  async "errors"() {
    const said = (run: () => unknown) => fails(() => {
      try {
        run();
      } catch (error) {
        throw new Error(String(error));
      }
    }, "Error: ");
    await said(() => new LoroDoc().import(new Uint8Array([1, 2, 3])));
    await said(() => new LoroDoc().getText("t").insert(5, "x"));
  },
});
