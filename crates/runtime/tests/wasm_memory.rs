//! What instances of WebAssembly hold, over many requests. A process of its own, because the system counts memory by
//! process.

mod support;

use std::time::Duration;

use cellhouse_runtime::Limits;
use support::{Settings, resident_bytes, start, wasm};

/// Each request makes an instance of WebAssembly of more than a megabyte, which the engine never frees by itself.
#[tokio::test]
async fn instances_of_webassembly_go_with_their_isolates() {
    let code = r#"
        import module from "cellhouse-asset:0";
        export default { async fetch() {
            const memory = new WebAssembly.Memory({ initial: 2, maximum: 4 });
            const instance = await WebAssembly.instantiate(module, { m: { memory, note: () => 1n } });
            instance.exports.write(7, 42);
            return new Response(`${instance.exports.read(7)}`);
        } };"#;
    let settings = Settings {
        limits: Limits {
            cpu: Duration::from_secs(30),
            heap_bytes: 32 << 20,
        },
        assets: wasm(include_bytes!("js/memory.wasm")),
        ..Settings::default()
    };
    let app = start(code, settings).await.expect("the app starts");
    let ask = async |count: usize| {
        for _ in 0..count {
            assert_eq!(app.text("/").await, "42");
        }
    };
    ask(100).await;
    let before = resident_bytes();
    ask(500).await;
    let after = resident_bytes();
    assert!(
        after < before + (200 << 20),
        "{} to {} MiB",
        before >> 20,
        after >> 20
    );
}
