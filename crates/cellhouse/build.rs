//! Links the WebAssembly interpreter as the runtime wants it.

include!("../../build-support/wasm_interpreter.rs");

fn main() {
    println!("cargo::rerun-if-changed=../../build-support/wasm_interpreter.rs");
    link_wasm_interpreter();
}
