//! What is stored and what is refused: the ops as storage uses them, without an app around.

use deno_core::{JsRuntime, RuntimeOptions, v8};

use crate::isolate::extensions;
use crate::scripts::{SCRIPTS, embedded};

/// What the script leaves, as text; its own `check` says what differs.
fn run(script: &str) -> String {
    let mut js = JsRuntime::new(RuntimeOptions {
        extensions: embedded(extensions()),
        residual_lazy_js_sources: SCRIPTS,
        ..Default::default()
    });
    let code = format!("{PRELUDE}\n{script}\nfailures.join('; ')");
    let value = js
        .execute_script("cellhouse:test", code)
        .unwrap_or_else(|error| panic!("{error}"));
    deno_core::scope!(scope, js);
    v8::Local::new(scope, value).to_rust_string_lossy(scope)
}

const PRELUDE: &str = r##"
const { core } = __bootstrap;
const load = (name) => core.loadExtScript(name);
const { DOMException } = load("ext:deno_web/01_dom_exception.js");
core.registerErrorBuilder("DOMExceptionDataCloneError", (message) => new DOMException(message, "DataCloneError"));
load("ext:cellhouse_runtime/clone.js");
const { op_clone_write: write, op_clone_read: read } = core.ops;
const failures = [];
const check = (actual, expected) => {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) failures.push(`${a}, expected ${b}`);
};
const refused = (run, message, name = "DataCloneError") => {
  try {
    run();
    failures.push(`not refused: ${message}`);
  } catch (error) {
    check([error.name, error.message], [name, message]);
  }
};
"##;

#[test]
fn the_bytes_are_those_of_the_encoding() {
    let failures = run(r##"
        check([...write(5)], [1, 255, 15, 0x49, 10]);
        check([...write({ a: "\xe9" })], [1, 255, 15, 0x6f, 0x22, 1, 0x61, 0x22, 1, 0xe9, 0x7b, 1]);
        check([...write(-(2n ** 63n))], [1, 255, 15, 0x5a, 0x11, 0, 0, 0, 0, 0, 0, 0, 0x80]);
        check([...write([, 1])], [1, 255, 15, 0x61, 2, 0x49, 2, 0x49, 2, 0x40, 1, 2]);
        check(read(Uint8Array.of(1, 255, 13, 0x53, 2, 0xc3, 0xa9)), "\xe9");
        check(read(write(new Uint8Array([1, 2, 3]).subarray(1))).join(), "2,3");
    "##);
    assert_eq!(failures, "");
}

#[test]
fn what_cannot_be_stored_is_refused() {
    let failures = run(r##"
        const { Headers } = load("ext:deno_fetch/20_headers.js");
        const { URL } = load("ext:deno_web/00_url.js");
        const unsupported = (name) =>
            `Could not serialize object of type "${name}". This type does not support serialization.`;
        refused(() => write(() => 1), "() => 1 could not be cloned.");
        refused(() => write({ f() {} }), "f() {} could not be cloned.");
        refused(() => write([Symbol("s")]), "Symbol(s) could not be cloned.");
        refused(() => write(Promise.resolve()), "#<Promise> could not be cloned.");
        refused(() => write(new SharedArrayBuffer(1)), "#<SharedArrayBuffer> could not be cloned.");
        refused(() => write(new Uint8Array(new SharedArrayBuffer(1))), "#<SharedArrayBuffer> could not be cloned.");
        refused(() => write(new Proxy({}, {})), "#<Object> could not be cloned.");
        refused(() => write(new Headers()), unsupported("Headers"));
        refused(() => write(new URL("http://a/")), unsupported("URL"));
        class Mine { field = 1; #hidden = 2; get getter() { return 3; } }
        check(read(write(new Mine())), { field: 1 });
        const exception = read(write(new DOMException("m", "AbortError")));
        check([exception instanceof DOMException, exception.name, exception.message], [true, "AbortError", "m"]);
    "##);
    assert_eq!(failures, "");
}

#[test]
fn bytes_that_are_no_value_are_refused_with_their_place() {
    let failures = run(r##"
        const no = (bytes, message) => refused(() => read(Uint8Array.from(bytes)), `Unable to deserialize cloned data: not a stored value: ${message}.`, "Error");
        no([], "the bytes end too early at byte 0");
        no([2, 255, 15, 0x30], "version 2 of the encoding is not known (this is version 1) at byte 0");
        no([1, 255, 15, 0x5e, 0], "object 0 is referred to before it begins at byte 4");
        no([1, 255, 15, 0x41, 255, 255, 255, 255, 15], "the bytes end too early at byte 9");
        refused(() => read(Uint8Array.of(1, 255, 15, 0x5c, 0, 0)), "host object 0 has no meaning here");
        refused(() => read(Uint8Array.of(1, 255, 15, 0x52, 0x22, 1, 0x28, 0)), "expecting ')'", "SyntaxError");
        check(read(write("goes on")), "goes on");
    "##);
    assert_eq!(failures, "");
}

/// The engine's numbers of its classes are not in its public header.
#[test]
fn classes_of_the_engine_have_the_numbers_that_are_known() {
    let failures = run(r##"
        const same = [
            [new Date(5), (one) => one.getTime()], [/x/g, String], [new Map([[1, 2]]), (one) => [...one]], [new Set([1]), (one) => [...one]],
            [Object(1), (one) => one + 1], [Object("s"), (one) => one + ""], [Object(true), (one) => `${one}`], [Object(2n), (one) => `${one}`],
            [new ArrayBuffer(3), (one) => one.byteLength], [new DataView(new ArrayBuffer(3), 1), (one) => one.byteOffset],
            [new RangeError("m"), (one) => [one.name, one.message]], [(function () { return arguments; })(1, 2), (one) => Object.values(one)],
        ];
        for (const [value, see] of same) check(see(read(write(value))), see(value));
        const classes = [Uint8ClampedArray, Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array, Float16Array, Float32Array, Float64Array];
        for (const one of classes) check(read(write(new one(2))).constructor.name, one.name);
        const none = {
            WeakMap: new WeakMap(), WeakSet: new WeakSet(), WeakRef: new WeakRef({}), FinalizationRegistry: new FinalizationRegistry(() => {}),
            Promise: new Promise(() => {}), Generator: (function* () {})(), AsyncGenerator: (async function* () {})(),
            "Map Iterator": new Map().keys(), "Set Iterator": new Set().keys(), Symbol: Object(Symbol()), Object: [].values(),
        };
        for (const [name, value] of Object.entries(none)) refused(() => write(value), `#<${name}> could not be cloned.`);
    "##);
    assert_eq!(failures, "");
}
