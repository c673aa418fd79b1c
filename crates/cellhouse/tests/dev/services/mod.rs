//! Apps that call each other: service bindings, entrypoints, objects of other apps, workspaces.

mod events;
mod miniflare;
mod startup;
mod tail;
mod workspace;

use serde_json::json;

use crate::support::{App, Project, Start, eventually};

/// Two apps in `first` and `second`; `bindings` are lines of the first one's config.
fn two(bindings: &str, first: &str, second: &str) -> Project {
    let config = |name: &str| {
        format!("name = \"{name}\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\n")
    };
    Project::empty()
        .with(
            "first/wrangler.toml",
            &format!("{}{bindings}", config("first")),
        )
        .with("first/index.js", first)
        .with("second/wrangler.toml", &config("second"))
        .with("second/index.js", second)
}

fn together(project: &Project) -> Start {
    let configs = ["-c", "first/wrangler.toml", "-c", "second/wrangler.toml"];
    project.dev().arguments(&configs)
}

async fn run(bindings: &str, first: &str, second: &str) -> (Project, App) {
    let project = two(bindings, first, second);
    let app = together(&project).start().await;
    (project, app)
}

const SECOND: &str = "[[services]]\nbinding = \"SECOND\"\nservice = \"second\"\n";

#[tokio::test]
async fn an_app_that_never_ends_does_not_hurt_its_caller() {
    let first = "export default { async fetch(request, env) {
        try { return new Response(await env.SECOND.spin()); }
        catch (error) { return new Response(`${error.message} ${error.remote}`); }
    } };";
    let second = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint { spin() { for (;;); } };";
    let project = two(SECOND, first, second);
    let app = together(&project)
        .arguments(&["--cpu-limit-ms", "200"])
        .start()
        .await;
    for _ in 0..2 {
        let answer = app.get("/").await.expect(200);
        assert_eq!(answer.text(), "Worker exceeded CPU time limit. true");
    }
}

#[tokio::test]
async fn calls_in_a_circle_work_and_an_endless_one_ends() {
    let first = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export class Back extends WorkerEntrypoint {
            count(left) { return left === 0 ? 'bottom' : this.env.SECOND.count(left - 1); }
            async fetch(request) { return this.env.SECOND.fetch(request); }
        }
        export default { async fetch(request, env) {
            const { pathname } = new URL(request.url);
            try {
                if (pathname === '/fetch') return await env.SECOND.fetch(request.url);
                return new Response(await env.SECOND.count(pathname === '/some' ? 21 : Infinity));
            } catch (error) { return new Response(error.message); }
        } };";
    let second = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint {
            count(left) { return this.env.BACK.count(left - 1); }
            async fetch(request) { return this.env.BACK.fetch(request); }
        }";
    let project = two(SECOND, first, second);
    let back = "name = \"second\"\nmain = \"index.js\"\ncompatibility_date = \"2026-07-01\"\n\
        [[services]]\nbinding = \"BACK\"\nservice = \"first\"\nentrypoint = \"Back\"\n";
    project.write("second/wrangler.toml", back);
    let app = together(&project).start().await;
    assert_eq!(app.get("/some").await.text(), "bottom");
    for path in ["/endless", "/fetch"] {
        let answer = app.get(path).await;
        let text = answer.text();
        assert!(
            text.starts_with("Subrequest depth limit exceeded."),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn an_edit_of_the_app_that_is_called_shows_in_the_next_call() {
    let first = "export default { async fetch(request, env) {
        return new Response(await env.SECOND.version());
    } };";
    let second = |version: u32| {
        format!(
            "import {{ WorkerEntrypoint }} from 'cloudflare:workers';
            export default class extends WorkerEntrypoint {{ version() {{ return 'version {version}'; }} }}"
        )
    };
    let (project, app) = run(SECOND, first, &second(1)).await;
    assert_eq!(app.get("/").await.text(), "version 1");
    let mark = app.events().mark();
    project.write("second/index.js", &second(2));
    let reloaded = app.events().next(mark, "reloaded").await;
    assert_eq!(reloaded.expect("it goes on")["app"], "second");
    assert_eq!(app.get("/").await.text(), "version 2");
}

#[tokio::test]
async fn objects_of_another_app_are_the_same_for_both() {
    let first = "export default { async fetch(request, env) {
        const counter = env.COUNTERS.getByName('one');
        const { pathname } = new URL(request.url);
        if (pathname === '/theirs') return Response.json(await env.SECOND.count());
        if (pathname === '/passed') return Response.json(await env.SECOND.use(counter));
        if (pathname === '/given') return Response.json(await (await env.SECOND.give('one')).count());
        if (pathname === '/fetch') return counter.fetch('http://counter/');
        return Response.json(await counter.count());
    } };";
    let second = "import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
        export class Counter extends DurableObject {
            async count() {
                const count = ((await this.ctx.storage.get('count')) ?? 0) + 1;
                await this.ctx.storage.put('count', count);
                return count;
            }
            async fetch() { return Response.json(await this.count()); }
        }
        export default class extends WorkerEntrypoint {
            count() { return this.ctx.exports.Counter.getByName('one').count(); }
            use(counter) { return counter.count(); }
            give(name) { return this.ctx.exports.Counter.getByName(name); }
        }";
    let counters = "[[durable_objects.bindings]]\nname = \"COUNTERS\"\nclass_name = \"Counter\"\nscript_name = \"second\"\n";
    let (_project, app) = run(&format!("{SECOND}{counters}"), first, second).await;
    let paths = ["/", "/theirs", "/passed", "/given", "/fetch", "/"];
    for (path, count) in paths.into_iter().zip(1..) {
        assert_eq!(
            app.get(path).await.expect(200).json(),
            json!(count),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_app_that_is_called_hears_that_the_client_has_left() {
    let first = "export default { fetch(request, env) { return env.SECOND.fetch(request); } };";
    let second = "let heard = 'nothing';
        export default { async fetch(request) {
            if (new URL(request.url).pathname === '/heard') return new Response(heard);
            request.signal.addEventListener('abort', () => { heard = String(request.signal.reason); });
            heard = 'begun';
            await scheduler.wait(60_000);
        } };";
    let project = two(SECOND, first, second);
    // What the module keeps is the isolate's.
    let one = together(&project).arguments(&["--isolates", "1"]);
    let app = one.start().await;
    let client = app.client().clone();
    let asking = tokio::spawn(async move { client.send("GET", "/wait", "").await });
    eventually("it has begun", async || {
        app.get("/heard").await.text() == "begun"
    })
    .await;
    asking.abort();
    eventually("it hears of the client", async || {
        app.get("/heard").await.text() == "AbortError: The client has disconnected"
    })
    .await;
}

#[tokio::test]
async fn what_is_written_there_is_seen_here() {
    let bindings = "[[kv_namespaces]]\nbinding = \"KV\"\nid = \"shared\"\n";
    let first = "export default { async fetch(request, env) {
        await env.SECOND.put('key', 'value');
        return new Response(await env.KV.get('key'));
    } };";
    let second = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint { put(...entry) { return this.env.KV.put(...entry); } }";
    let project = two(&format!("{SECOND}{bindings}"), first, second);
    let config = project.read("second/wrangler.toml");
    project.write("second/wrangler.toml", &format!("{config}{bindings}"));
    let app = together(&project).start().await;
    assert_eq!(app.get("/").await.text(), "value");
}
