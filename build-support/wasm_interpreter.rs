// Part of the build scripts of the crates that link the engine: instances of WebAssembly are made by
// `crates/runtime/src/wasm/interpreter.rs`.

fn link_wasm_interpreter() {
    let linker_can = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|it| it == "linux");
    if linker_can {
        println!("cargo::rustc-link-arg=-Wl,--wrap=wasm_instance_new");
    }
}
