//! The Workers global scope: the case files of `js/`, each inside an app of its own.

mod support;

use std::sync::Arc;
use std::time::Duration;

use cellhouse_runtime::{AppSpec, Asset, AssetKind, Limits, Pool, Worker};
use support::{Log, Settings, get, handler, read, start};

/// Room for what the cases do, RSA keys among it.
const LIMITS: Limits = Limits {
    cpu: Duration::from_secs(60),
    heap_bytes: 128 << 20,
};

/// Runs a case file; every case must pass.
async fn run(cases: &str) {
    let code = [include_str!("js/harness.js"), cases].concat();
    let settings = Settings {
        limits: LIMITS,
        ..Settings::default()
    };
    let app = start(&code, settings).await.expect("the cases load");
    let report = app.text("/").await;
    let (passed, all) = report.rsplit('\n').next().and_then(totals).expect("totals");
    assert!(
        all > 0 && passed == all,
        "{report}\n{:?}",
        app.log.failures()
    );
}

/// Of `3 of 4 pass`.
fn totals(line: &str) -> Option<(usize, usize)> {
    let (passed, rest) = line.split_once(" of ")?;
    let all = rest.strip_suffix(" pass")?;
    Some((passed.parse().ok()?, all.parse().ok()?))
}

macro_rules! case_files {
    ($($name:ident)*) => {$(
        #[tokio::test]
        async fn $name() {
            run(include_str!(concat!("js/", stringify!($name), ".js"))).await;
        }
    )*};
}

case_files!(body caches clone code crypto dates events globals headers html_rewriter intl regexps request response rpc streams
    values);

#[tokio::test]
async fn what_nobody_catches_is_reported_once_and_stops_nothing() {
    let app = handler(
        "setTimeout(() => { throw new Error('timer'); }, 0);
         queueMicrotask(() => { throw new Error('microtask'); });
         Promise.reject(new Error('rejection'));
         await scheduler.wait(5);
         return new Response('goes on');",
    )
    .await;
    assert_eq!(app.text("/").await, "goes on");
    let mut messages: Vec<String> = app
        .log
        .failures()
        .into_iter()
        .map(|failure| failure.message)
        .collect();
    messages.sort();
    assert_eq!(
        messages,
        ["Error: microtask", "Error: rejection", "Error: timer"]
    );
    assert_eq!(app.text("/").await, "goes on");
}

#[tokio::test]
async fn console_formats_like_an_inspector() {
    let app = handler(
        "console.log('%s is %d', 'x', 5, { a: [1, { b: 2 }] });
         console.log(new Map([[1, 'a']]), new Headers({ a: '1' }), null, undefined, 5n, Symbol('s'));
         console.table([{ a: 1 }, { a: 'x' }]);
         console.group('outer'); console.warn('inner\\nlines'); console.groupEnd();
         console.count(); console.count(); console.assert(true, 'not this'); console.assert(false, 'this');
         console.dir({ a: 1 });
         return new Response();",
    )
    .await;
    app.text("/").await;
    let table = "┌───────┬─────┐\n│ (idx) │ a   │\n├───────┼─────┤\n│     0 │ 1   │\n│     1 │ \"x\" │\n└───────┴─────┘";
    assert_eq!(
        app.log.lines(),
        [
            "x is 5 { a: [ 1, { b: 2 } ] }",
            "Map(1) { 1 => \"a\" } Headers { a: \"1\" } null undefined 5n Symbol(s)",
            table,
            "outer",
            "  inner\n  lines",
            "default: 1",
            "default: 2",
            "Assertion failed: this",
            "{ a: 1 }",
        ]
    );
}

/// `(module (import "m" "twice" (func (param i32) (result i32))) (func (export "f") (param i32) (result
/// i32) local.get 0 call 0) (memory (export "mem") 1) (table (export "t") 2 funcref) (global (export
/// "g") (mut i32) i32.const 4))`
const MODULE: &[u8] = &[
    0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 2, 11, 1, 1, 109, 5, 116, 119, 105,
    99, 101, 0, 0, 3, 2, 1, 0, 4, 4, 1, 112, 0, 2, 5, 3, 1, 0, 1, 6, 6, 1, 127, 1, 65, 4, 11, 7,
    19, 4, 1, 102, 0, 1, 3, 109, 101, 109, 2, 0, 1, 116, 1, 0, 1, 103, 3, 0, 10, 8, 1, 6, 0, 32, 0,
    16, 0, 11,
];

#[tokio::test]
async fn an_imported_module_runs() {
    let code = "import module from 'cellhouse-asset:0';
        export default { async fetch() {
            const imports = { m: { twice: (x) => 2 * x } };
            const { f, mem, t, g } = (await WebAssembly.instantiate(module, imports)).exports;
            g.value += 1;
            const kinds = [module instanceof WebAssembly.Module, mem instanceof WebAssembly.Memory,
                t instanceof WebAssembly.Table, g instanceof WebAssembly.Global];
            const names = WebAssembly.Module.exports(module).map(({ name }) => name);
            const again = new WebAssembly.Instance(module, imports).exports.f(4);
            return Response.json([f(21), mem.buffer.byteLength >= 65536, t.length, g.value, kinds, names, again]);
        } };";
    assert_eq!(
        with_module(code, MODULE).await,
        r#"[42,true,2,5,[true,true,true,true],["f","mem","t","g"],8]"#
    );
}

/// The answer of a Worker that can import a WebAssembly module.
async fn with_module(code: &str, module: &[u8]) -> String {
    with_modules(code, &[module]).await
}

async fn with_modules(code: &str, modules: &[&[u8]]) -> String {
    let assets = modules.iter().enumerate().map(|(number, module)| Asset {
        specifier: format!("cellhouse-asset:{number}"),
        name: format!("module{number}.wasm"),
        kind: AssetKind::Wasm,
        bytes: (*module).into(),
    });
    let spec = AppSpec {
        name: "wasm".to_owned(),
        code: code.into(),
        file_name: "worker.js".to_owned(),
        assets: assets.collect::<Vec<_>>().into(),
        bindings: Arc::new([]),
        caches: support::caches(),
        services: Default::default(),
        front: None,
        flags: Arc::new([]),
        objects: None,
        node: Default::default(),
        limits: LIMITS,
        max_isolates: 1,
        observer: Arc::new(Log::default()),
    };
    let worker = Worker::start(spec, &Pool::new())
        .await
        .expect("the app starts");
    let response = worker.fetch(get("/")).await.expect("an answer");
    let body = read(response.body).await.expect("a whole body");
    String::from_utf8_lossy(&body).into_owned()
}

#[tokio::test]
async fn references_are_what_they_are_in_workerd() {
    let code = [
        "import module from 'cellhouse-asset:0';\n",
        include_str!("js/tables.js"),
        "export default { fetch() { return Response.json(tables(module)); } };",
    ]
    .concat();
    let answer = with_module(&code, include_bytes!("js/tables.wasm")).await;
    assert_answers(&answer, include_str!("js/tables.json"));
}

/// The answers of each case are those that workerd gave.
fn assert_answers(answer: &str, expected: &str) {
    let answer: serde_json::Value = serde_json::from_str(answer).expect("JSON");
    let expected: serde_json::Value = serde_json::from_str(expected).expect("JSON");
    let cases = expected.as_object().expect("an object");
    for (name, expected) in cases {
        assert_eq!(&answer[name], expected, "{name}");
    }
    assert_eq!(answer.as_object().map(|it| it.len()), Some(cases.len()));
}

#[tokio::test]
async fn tables_of_functions_and_imported_memories_are_what_they_are_in_workerd() {
    let code = [
        "import functionsModule from 'cellhouse-asset:0';
         import valuesModule from 'cellhouse-asset:1';
         import memoryModule from 'cellhouse-asset:2';\n",
        include_str!("js/functions.js"),
        "export default { fetch() { return Response.json({ ...functions(functionsModule),
             ...functionValues(valuesModule), ...memories(memoryModule) }); } };",
    ]
    .concat();
    let modules = [
        &include_bytes!("js/functions.wasm")[..],
        include_bytes!("js/function_values.wasm"),
        include_bytes!("js/memory.wasm"),
    ];
    let answer = with_modules(&code, &modules).await;
    assert_answers(&answer, include_str!("js/functions.json"));
}

#[tokio::test]
async fn globals_of_references_are_what_they_are_in_workerd() {
    let code = [
        "import module from 'cellhouse-asset:0';\n",
        include_str!("js/globals_of_references.js"),
        "export default { fetch() { return Response.json(globalsOfReferences(module)); } };",
    ]
    .concat();
    let answer = with_module(&code, include_bytes!("js/globals.wasm")).await;
    assert_answers(&answer, include_str!("js/globals_of_references.json"));
}

/// The engine would take any number for the address of a global, and any for the number of a module.
#[tokio::test]
async fn only_what_the_engine_made_is_taken_for_it() {
    let code = r#"
        import module from 'cellhouse-asset:0';
        const told = [];
        const attempt = (n) => {
            try { told.push(new WebAssembly.Instance(module, { m: { n, set() {} } }).exports.n.value); }
            catch (error) { told.push(error.name); }
        };
        const genuine = new WebAssembly.Global({ value: 'i32' }, 42);
        for (const key of Reflect.ownKeys(genuine)) {
            try { genuine[key] = 0x4141_4141n; } catch { told.push(key); }
        }
        attempt(genuine);
        attempt(7);
        for (const key of Reflect.ownKeys(genuine)) {
            attempt(Object.create(WebAssembly.Global.prototype, { [key]: { value: 0x4141_4141n } }));
            attempt(Object.create(genuine, { [key]: { value: 0x4141_4141n } }));
        }
        attempt(Object.create(WebAssembly.Global.prototype));
        attempt(new Proxy(genuine, {}));
        // What is read again may be another.
        let reads = 0;
        const [address] = Reflect.ownKeys(genuine);
        const forged = Object.create(genuine, { [address]: { value: 0x4141_4141n } });
        const tricky = { get n() { return reads++ === 0 ? genuine : forged; }, set() {} };
        const once = [new WebAssembly.Instance(module, { m: tricky }).exports.n.value, reads];
        // So may a module.
        const [number] = Reflect.ownKeys(module);
        const modules = [];
        const refuse = (run) => { try { run(); modules.push('none'); } catch (error) { modules.push(error.name); } };
        const other = Object.create(WebAssembly.Module.prototype, { [number]: { value: module[number] } });
        refuse(() => new WebAssembly.Instance(other, { m: { n: 1, set() {} } }));
        refuse(() => WebAssembly.Module.exports(Object.create(module)));
        refuse(() => Object.defineProperty(module, number, { get: () => 0 }));
        export default { fetch: () => Response.json({ told, once, modules, keys: Object.keys(module) }) };
    "#;
    let answer = with_module(code, include_bytes!("js/importing.wasm")).await;
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["once"], serde_json::json!([42, 1]));
    let refused = ["TypeError", "TypeError", "TypeError"];
    assert_eq!(answer["modules"], serde_json::json!(refused));
    assert_eq!(answer["keys"], serde_json::json!([]));
    let told = answer["told"].as_array().expect("a list");
    let (own, refused) = told.split_at(told.iter().position(|it| it == 7).expect("the number") + 1);
    assert_eq!(own[own.len() - 2..], [42, 7]);
    assert!(
        refused.len() >= 4 && refused.iter().all(|it| it == "LinkError"),
        "{answer}"
    );
}

/// The functions that an error went through have the numbers and names that the module gives them.
#[tokio::test]
async fn errors_tell_where_in_a_module_they_come_from() {
    let code = r#"
        import module from 'cellhouse-asset:0';
        const place = /at (.*) \(wasm:\/\/wasm\/[0-9a-f]+:wasm-function\[(\d+)\]:0x[0-9a-f]+\)/;
        export default { fetch() {
            const told = [];
            for (const f of [() => {}, () => { throw new Error('mine'); }]) {
                const { boom } = new WebAssembly.Instance(module, { m: { f } }).exports;
                told.push([boom.name, boom.length, String(boom)]);
                try { boom(); } catch (error) {
                    const places = error.stack.split('\n').map((line) => place.exec(line)?.slice(1).join());
                    told.push(String(error), places.filter((it) => it), Object.keys(error));
                    told.push(error.stack.includes('at Object.fetch'));
                }
            }
            const sections = (name) => WebAssembly.Module.customSections(module, name).map((it) => it.byteLength);
            return Response.json([...told, sections('name'), sections('other')]);
        } };
    "#;
    let answer = with_module(code, include_bytes!("js/traps.wasm")).await;
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    let boom = serde_json::json!(["2", 0, "function 2() { [native code] }"]);
    let expected = serde_json::json!([
        boom,
        "RuntimeError: unreachable",
        ["inner,1", "boom,2"],
        [],
        true,
        boom,
        "Error: mine",
        ["boom,2"],
        [],
        true,
        [26],
        [],
    ]);
    assert_eq!(answer, expected);
}

/// A memory of the engine's own interpreter, which JavaScript once could take away and have freed.
#[tokio::test]
async fn the_memory_of_a_module_stays_where_it_is() {
    let code = r#"
        import module from 'cellhouse-asset:0';
        const passed = { pass: (value) => value, shared: new WebAssembly.Table({ element: 'externref', initial: 2 }) };
        export default { fetch() {
            const told = [];
            for (let i = 1; i <= 20; i++) {
                const { memory } = new WebAssembly.Instance(module, { m: passed }).exports;
                const { buffer } = memory;
                for (const take of [() => buffer.transfer(i * 100_000), () => buffer.transferToFixedLength(),
                    () => structuredClone(buffer, { transfer: [buffer] })]) {
                    try { take(); told.push('taken'); } catch (error) { told.push(error.name); }
                }
                new Uint8Array(memory.buffer).fill(i);
                told.push(buffer.detached);
            }
            return Response.json([...new Set(told)]);
        } };
    "#;
    let answer = with_module(code, include_bytes!("js/tables.wasm")).await;
    assert_eq!(answer, r#"["TypeError","DataCloneError",false]"#);
}

#[tokio::test]
async fn stacks_of_long_code_have_their_lines() {
    let padding = "//\n".repeat(400_000);
    let body = "const inner = () => {\n throw new Error('deep');\n};\ntry {\n inner();\n} catch (error) {\n return new Response(error.stack);\n}";
    let code = format!("{padding}export default {{ fetch() {{\n{body}\n}} }};");
    let app = start(&code, Settings::default()).await.expect("it loads");
    let stack = app.text("/").await;
    let lines: Vec<&str> = stack.lines().collect();
    assert_eq!(lines[0], "Error: deep");
    for (line, place) in [(1, ":400003:"), (2, ":400006:")] {
        assert!(lines[line].contains(place), "{stack}");
    }
}
