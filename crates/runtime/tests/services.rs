//! Apps that call each other: what leaves one of them waits for what the other wrote, also far from its isolates.

mod support;

use std::time::Duration;

use cellhouse_runtime::{Binding, BindingValue, FailureKind, ServiceBinding, Services};
use support::{App, Settings, Valve, start};

/// How long something is watched that must not happen.
const WATCHED: Duration = Duration::from_millis(60);

const WRITER: &str = "
    import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
    class Pen extends RpcTarget {
        constructor(env) { super(); this.env = env; }
        write(text) { return this.env.STATE.put('a', text); }
    }
    export default class extends WorkerEntrypoint {
        async fetch(request) {
            await this.env.STATE.put('a', request.url);
            return new Response('written');
        }
        async put(text) { await this.env.STATE.put('a', text); return 'written'; }
        pen() { return new Pen(this.env); }
        callBack(f) { return f('from the writer'); }
        wrong() { this.env.STATE.put('a', 'b'); throw new RangeError('wrong'); }
    };";

const CALLER: &str = "
    export default { async fetch(request, env) {
        const { pathname } = new URL(request.url);
        let result;
        switch (pathname) {
            case '/fetch': result = await (await env.WRITER.fetch('http://writer/')).text(); break;
            case '/rpc': result = await env.WRITER.put('text'); break;
            case '/stub': result = await env.WRITER.pen().write('text') ?? 'written'; break;
            case '/throw': result = await env.WRITER.wrong().catch(() => 'written'); break;
            case '/back': result = await env.WRITER.callBack((text) => text); break;
        }
        console.log('back');
        return new Response(result);
    } };";

/// An app without any state, and one with State on a disk that the test opens and closes.
async fn apps() -> (App, App, Valve) {
    let valve = Valve::default();
    let services = Services::default();
    let settings = |name| Settings {
        name,
        services: services.clone(),
        ..Settings::default()
    };
    let writer = valve.app_with(WRITER, settings("writer")).await;
    let binding = Binding {
        name: "WRITER".to_owned(),
        value: BindingValue::Service(ServiceBinding {
            service: "writer".to_owned(),
            entrypoint: None,
            props: None,
        }),
    };
    let settings = Settings {
        bindings: vec![binding],
        ..settings("caller")
    };
    let caller = start(CALLER, settings).await.expect("the app starts");
    services.set(&writer.worker);
    services.set(&caller.worker);
    (caller, writer, valve)
}

#[tokio::test]
async fn an_answer_waits_for_what_another_app_wrote() {
    for path in ["/fetch", "/rpc", "/stub", "/throw"] {
        let (caller, _writer, valve) = apps().await;
        valve.close();
        let mut waiting = Box::pin(caller.text(path));
        let waited = tokio::time::timeout(WATCHED, &mut waiting).await;
        assert!(
            waited.is_err(),
            "{path} left before it was durable: {waited:?}"
        );
        // The caller's code need not wait for it.
        caller.log.wait_for("back").await;
        valve.open();
        assert_eq!(waiting.await, "written", "{path}");
    }
}

#[tokio::test]
async fn an_answer_never_leaves_if_what_another_app_wrote_is_lost() {
    for path in ["/fetch", "/rpc"] {
        let (caller, _writer, valve) = apps().await;
        valve.close();
        let mut waiting = Box::pin(caller.failure_kind(path));
        let waited = tokio::time::timeout(WATCHED, &mut waiting).await;
        assert!(
            waited.is_err(),
            "{path} left before it was durable: {waited:?}"
        );
        valve.fail();
        assert_eq!(waiting.await, FailureKind::Storage, "{path}");
    }
}

#[tokio::test]
async fn an_app_that_only_waits_for_its_caller_is_not_taken_for_hung() {
    let (caller, _writer, _valve) = apps().await;
    for _ in 0..10 {
        assert_eq!(caller.text("/back").await, "from the writer");
    }
}
