//! What an app can use up, and how isolates live and end: CPU time, memory, promises that never settle,
//! code that cannot load, and draining.

mod support;

use std::time::Duration;

use cellhouse_runtime::{FailureKind, StartError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use support::{App, Settings, get, module, start, wasm};

/// An app with a route for each way to run away, and one that answers.
const RUNAWAY: &str = r#"
let visits = 0;
const hoard = [];
export default { async fetch(request, env, ctx) {
  switch (new URL(request.url).pathname) {
    case "/loop": for (;;) {}
    case "/loop-later": await scheduler.wait(1); for (;;) {}
    case "/microtasks": { const again = () => queueMicrotask(again); again(); await new Promise(() => {}); }
    case "/regexp": return new Response(String(/^(a+)+$/.test("a".repeat(40) + "!")));
    case "/objects": for (;;) hoard.push({ visits, more: [1, 2, 3] });
    case "/strings": for (;;) hoard.push("x".repeat(1 << 20) + hoard.length);
    case "/buffers": for (;;) hoard.push(new Uint8Array(1 << 20).fill(1));
    case "/promises": for (;;) hoard.push(new Promise(() => {}));
    case "/recursion": { const deeper = () => deeper() + 1; try { deeper(); } catch (error) { return new Response(error.name); } }
    case "/never": await new Promise(() => {});
    case "/slow": await scheduler.wait(300); return new Response("slow");
    default: return new Response(`visit ${++visits}`);
  }
} };
"#;

async fn runs_away(path: &str, kind: FailureKind) {
    let (app, other) = (module(RUNAWAY).await, module(RUNAWAY).await);
    assert_eq!(app.text("/").await, "visit 1");
    let waiting = app.failure_kind(path);
    let (found, answer) = tokio::join!(waiting, other.text("/"));
    assert_eq!(found, kind, "{path}");
    assert_eq!(answer, "visit 1");
    // The isolate was replaced, and with it what the module remembered.
    assert_eq!(app.text("/").await, "visit 1", "{path}");
    assert_eq!(other.text("/").await, "visit 2");
}

macro_rules! runaways {
    ($($name:ident: $path:literal is $kind:ident;)*) => {$(
        #[tokio::test]
        async fn $name() {
            runs_away($path, FailureKind::$kind).await;
        }
    )*};
}

runaways! {
    a_loop: "/loop" is CpuLimit;
    a_loop_after_a_wait: "/loop-later" is CpuLimit;
    endless_microtasks: "/microtasks" is CpuLimit;
    a_regular_expression: "/regexp" is CpuLimit;
    too_many_objects: "/objects" is MemoryLimit;
    too_long_strings: "/strings" is MemoryLimit;
    too_many_buffers: "/buffers" is MemoryLimit;
    too_many_promises: "/promises" is MemoryLimit;
}

#[tokio::test]
async fn deep_recursion_is_a_range_error() {
    let app = module(RUNAWAY).await;
    assert!(["RangeError", "InternalError"].contains(&&*app.text("/recursion").await));
    assert_eq!(app.text("/").await, "visit 1");
}

#[tokio::test]
async fn waiting_costs_no_cpu_time() {
    let app = module(RUNAWAY).await;
    assert_eq!(app.text("/slow").await, "slow");
}

#[tokio::test]
async fn what_can_never_answer_is_told_so() {
    let app = module(RUNAWAY).await;
    assert_eq!(app.failure_kind("/never").await, FailureKind::Hung);
    assert_eq!(app.text("/").await, "visit 1");
}

async fn cannot_start(code: &str) -> StartError {
    match start(code, Settings::default()).await {
        Err(error) => error,
        Ok(_) => panic!("{code} starts"),
    }
}

#[tokio::test]
async fn code_that_does_not_load_says_why() {
    let kind = |error: StartError| match error {
        StartError::Evaluation(failure) => failure.kind,
        other => panic!("{other:?}"),
    };
    let endless = cannot_start("for (;;) {} export default {};").await;
    assert_eq!(kind(endless), FailureKind::CpuLimit);
    let hoarding = "const a = []; for (;;) a.push({}); export default {};";
    assert_eq!(kind(cannot_start(hoarding).await), FailureKind::MemoryLimit);
    let thrown = cannot_start("throw new TypeError('not today');").await;
    assert!(thrown.to_string().contains("not today"), "{thrown}");
    let pending = cannot_start("await new Promise(() => {}); export default {};").await;
    assert!(!pending.to_string().is_empty());
    let broken = cannot_start("export default {").await;
    assert!(broken.to_string().contains("SyntaxError"), "{broken}");
}

/// A request of 300 ms that has begun.
async fn slow_request(app: &App) -> tokio::task::JoinHandle<u16> {
    let worker = app.worker.clone();
    let slow =
        tokio::spawn(async move { worker.fetch(get("/slow")).await.expect("an answer").status });
    tokio::time::sleep(Duration::from_millis(50)).await;
    slow
}

#[tokio::test]
async fn draining_lets_requests_finish() {
    let app = module(RUNAWAY).await;
    assert_eq!(app.text("/").await, "visit 1");
    let slow = slow_request(&app).await;
    assert_eq!(app.worker.drain(Duration::from_secs(20)).await, 0);
    assert_eq!(slow.await.expect("no panic"), 200);
    // Who came too late for the old isolates gets an answer all the same.
    assert_eq!(app.text("/").await, "visit 1");
}

#[tokio::test]
async fn draining_tells_what_it_did_not_wait_for() {
    let app = module(RUNAWAY).await;
    let slow = slow_request(&app).await;
    assert_eq!(app.worker.drain(Duration::from_millis(20)).await, 1);
    assert_eq!(slow.await.expect("no panic"), 200);
}

/// One that comes before anybody can know waits; later ones do not.
#[tokio::test]
async fn a_request_beside_an_endless_loop_is_answered_elsewhere() {
    let settings = Settings {
        isolates: 2,
        limits: cellhouse_runtime::Limits {
            cpu: Duration::from_secs(10),
            ..support::LIMITS
        },
        ..Settings::default()
    };
    let app = start(RUNAWAY, settings).await.expect("the app starts");
    assert_eq!(app.text("/").await, "visit 1");
    // On a busy machine it may take a while until the loop has run for long.
    let later = async {
        let mut every = tokio::time::interval(Duration::from_secs(1));
        let mut asked = FuturesUnordered::new();
        loop {
            tokio::select! {
                _ = every.tick() => asked.push(app.text("/")),
                Some(answer) = asked.next() => return answer,
            }
        }
    };
    tokio::select! {
        ended = app.failure_kind("/loop") => panic!("{ended:?} before any answer"),
        answer = later => assert_eq!(answer, "visit 1"),
    }
}

/// A request that makes instances of WebAssembly without end gets no more, and the next request finds another isolate.
#[tokio::test]
async fn instances_of_webassembly_have_a_limit() {
    let code = r#"
        import module from "cellhouse-asset:0";
        export default { async fetch(request) {
            if (!request.url.endsWith("/all")) return new Response("here");
            const made = [];
            for (;;) {
                const memory = new WebAssembly.Memory({ initial: 2, maximum: 4 });
                made.push(new WebAssembly.Instance(module, { m: { memory, note: () => 1n } }));
            }
        } };"#;
    let settings = with_module(include_bytes!("js/memory.wasm"));
    let app = start(code, settings).await.expect("the app starts");
    assert_eq!(app.text("/").await, "here");
    let failure = app.failure("/all").await;
    let expected =
        "RuntimeError: WebAssembly.Instance(): a segment is out of bounds, or there is no room";
    assert!(failure.message.starts_with(expected), "{failure:?}");
    assert_eq!(app.text("/").await, "here");
}

/// A memory grows up to the limit, and the memories of an isolate that cannot end up to eight times that; what does
/// not fit is what WebAssembly has it to be.
#[tokio::test]
async fn memories_of_webassembly_have_a_limit() {
    let code = r#"
        import module from "cellhouse-asset:0";
        export default { async fetch({ url }) {
            const told = [];
            const most = Number(url.split("/").at(-1));
            while (told.length < most) {
                let one;
                try { one = new WebAssembly.Instance(module).exports; } catch { break; }
                const { grow, memory } = one;
                const first = grow(210);
                if (first < 0) break;
                const above = [grow(100)];
                try { memory.grow(100); } catch (error) { above.push(String(error)); }
                told.push([first, ...above, memory.buffer.byteLength >> 16].join());
            }
            return Response.json([told.length, [...new Set(told)]]);
        } };"#;
    let settings = with_module(include_bytes!("js/growing.wasm"));
    let app = start(code, settings).await.expect("the app starts");
    let refused = "RangeError: WebAssembly.Memory.grow(): Unable to grow instance memory";
    let each = format!("1,-1,{refused},211");
    let ask = async |most: u32| {
        let told: serde_json::Value =
            serde_json::from_str(&app.text(&format!("/{most}")).await).expect("JSON");
        assert_eq!(told[1], serde_json::json!([each]));
        told[0].as_u64().expect("a number")
    };
    for _ in 0..10 {
        assert_eq!(ask(2).await, 2);
    }
    // Nine are as much as eight times the limit; an isolate has up to four from before, and is asked once more if
    // it has more.
    let all = ask(100).await;
    assert!((3..=9).contains(&all), "{all}");
    assert_eq!(app.text("/0").await, "[0,[]]");
}

fn with_module(module: &[u8]) -> Settings {
    Settings {
        limits: cellhouse_runtime::Limits {
            cpu: Duration::from_secs(30),
            heap_bytes: 16 << 20,
        },
        assets: wasm(module),
        ..Settings::default()
    }
}
