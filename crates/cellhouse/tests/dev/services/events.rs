//! queue() and scheduled() of services: what they are with and without the flag, and what who follows an app sees.

use serde_json::{Value, json};

use super::{SECOND, together, two};
use crate::support::eventually;

/// The flag for the app that calls; `bindings` are further lines of its config.
fn flagged(bindings: &str) -> String {
    format!("compatibility_flags = [\"service_binding_extra_handlers\"]\n{bindings}{SECOND}")
}

#[tokio::test]
async fn a_limit_of_the_one_who_is_called_is_an_outcome() {
    let first = "export default { async fetch(request, env) {
        return Response.json([await env.SECOND.scheduled(), await env.SECOND.queue('q', [])]);
    } };";
    let second = "export default {
        scheduled() { for (;;); },
        async queue() { await scheduler.wait(1); for (;;); },
    };";
    let project = two(&flagged(""), first, second);
    let app = together(&project)
        .arguments(&["--cpu-limit-ms", "200"])
        .start()
        .await;
    let nothing = json!({ "outcome": "exceededCpu", "ackAll": false, "retryBatch": { "retry": false },
        "explicitAcks": [], "retryMessages": [] });
    let expected = json!([{ "outcome": "exceededCpu", "noRetry": false }, nothing]);
    assert_eq!(app.get("/").await.expect(200).json(), expected);
}

#[tokio::test]
async fn without_the_flag_they_are_methods_like_others() {
    let first = "export default { async fetch(request, env) {
        return Response.json([await env.SECOND.scheduled(1), await env.SECOND.queue(1, 2)]);
    } };";
    let second = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint {
            scheduled(value) { return value + 1; }
            queue(a, b) { return [a, b]; }
        }";
    let project = two(SECOND, first, second);
    let app = together(&project).start().await;
    let answer = app.get("/").await.expect(200).json();
    assert_eq!(answer, json!([2, [1, 2]]));
}

#[tokio::test]
async fn who_follows_the_app_sees_what_they_are() {
    let first = "export default {
        async fetch(request, env) {
            if (new URL(request.url).pathname === '/seen') return Response.json(await env.KV.get('seen', 'json') ?? []);
            const message = { id: 'a', timestamp: new Date(), attempts: 1, body: 1 };
            await env.SECOND.scheduled({ cron: '* * * * *', scheduledTime: 5 });
            await env.SECOND.queue('letters', [message, message]);
            return new Response();
        },
        async trace(events, env) {
            const seen = await env.KV.get('seen', 'json') ?? [];
            for (const { event, outcome } of events) if (event.request === undefined) seen.push([event, outcome]);
            await env.KV.put('seen', JSON.stringify(seen));
        },
    };";
    let second = "export default { scheduled() {}, queue() { throw new Error('no'); } };";
    let kv = "[[kv_namespaces]]\nbinding = \"KV\"\nid = \"seen\"\n";
    let project = two(&flagged(kv), first, second);
    let config = "name = \"second\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\n\
        [[tail_consumers]]\nservice = \"first\"\n";
    project.write("second/wrangler.toml", config);
    let app = together(&project).start().await;
    app.get("/").await.expect(200);
    let seen = async || app.get("/seen").await.expect(200).json();
    eventually("both are told of", async || {
        seen().await.as_array().map_or(0, Vec::len) >= 2
    })
    .await;
    let mut told = seen().await.as_array().cloned().expect("a list");
    told.sort_by_key(Value::to_string);
    let scheduled = json!([{ "cron": "* * * * *", "scheduledTime": 5 }, "ok"]);
    let queue = json!([{ "queue": "letters", "batchSize": 2 }, "exception"]);
    let mut expected = vec![scheduled, queue];
    expected.sort_by_key(Value::to_string);
    assert_eq!(told, expected);
}
