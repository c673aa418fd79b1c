// Part of the build scripts of the crates that link the engine: what it asks of the interpreter of WebAssembly it asks
// `crates/runtime/src/wasm/interpreter.rs`.

const OF_THE_INTERPRETER: &[&str] = &[
    "wasm_store_new",
    "wasm_module_new",
    "wasm_module_imports",
    "wasm_module_exports",
    "wasm_func_new_with_env",
    "wasm_instance_exports",
    "wasm_runtime_instantiate_ex",
    "wasm_enlarge_memory",
];

fn link_wasm_interpreter() {
    for name in OF_THE_INTERPRETER {
        println!("cargo::rustc-link-arg=-Wl,--wrap={name}");
    }
}
