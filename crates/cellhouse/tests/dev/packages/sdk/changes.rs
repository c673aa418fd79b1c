//! `$.State.*` events of what is written by commands, or through another binding of the same store; also while
//! the app does not run.

use serde_json::json;

use crate::support::{App, Project, happens};

const CONFIG: &str = r#"
name = "app"
main = "src/index.ts"
compatibility_date = "2026-07-01"
kv_namespaces = [{ binding = "KV", id = "main" }, { binding = "SAME", id = "main" }, { binding = "OTHER", id = "other" }]
"#;

const APP: &str = "
    import { on, state } from 'sdk.do';
    export class Heard { lines = []; async add(line) { this.lines.push(line); await state.save(this); } all() { return this.lines; } }
    on('State.*', async (event) => (await state.get(Heard, 'all')).add([event.metadata.action, event.what.store, event.what.id].join(' ')));
    export default { async fetch(request, env) {
        const { pathname, searchParams } = new URL(request.url);
        if (request.method === 'PUT') await env[searchParams.get('in')].put(pathname.slice(1), 'x');
        return Response.json(await (await state.get(Heard, 'all')).all());
    } };";

/// The same app without handlers.
const DEAF: &str = "
    import { state } from 'sdk.do';
    export class Heard { lines = []; all() { return this.lines; } }
    export default { async fetch() { return Response.json(await (await state.get(Heard, 'all')).all()); } };";

fn project() -> Project {
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("src/index.ts", APP)
}

async fn kv(project: &Project, arguments: &[&str]) {
    let of = ["--binding", "KV"];
    let command = project.command(&["kv"]).arguments(arguments).arguments(&of);
    let exit = command.run().await;
    assert_eq!(exit.code, Some(0), "{arguments:?}: {exit:#?}");
}

async fn heard(app: &App) -> Vec<String> {
    let heard = app.get("/").await.expect(200).json();
    let mut heard: Vec<String> = serde_json::from_value(heard).expect("texts");
    heard.sort();
    heard
}

async fn until_heard(app: &App, expected: &[&str]) {
    let mut last = Vec::new();
    let heard_all = async || {
        last = heard(app).await;
        last == expected
    };
    let all = happens(heard_all).await;
    assert!(all, "heard {last:?}, and not {expected:?}");
}

#[tokio::test]
async fn what_commands_change_is_told_of_while_the_app_runs() {
    let project = project();
    let app = project.dev().start().await;
    kv(&project, &["key", "put", "a", "1"]).await;
    kv(&project, &["key", "delete", "a"]).await;
    let entries = json!([{ "key": "b", "value": "1" }, { "key": "c", "value": "2" }]);
    project.write("many.json", &entries.to_string());
    kv(&project, &["bulk", "put", "many.json"]).await;
    project.write("keys.json", &json!(["b"]).to_string());
    kv(&project, &["bulk", "delete", "keys.json", "--force"]).await;
    let all = [
        "created KV a",
        "created KV b",
        "created KV c",
        "deleted KV a",
        "deleted KV b",
        "updated KV a",
        "updated KV b",
        "updated KV c",
    ];
    until_heard(&app, &all).await;
}

#[tokio::test]
async fn what_commands_change_is_told_of_when_the_app_runs_again() {
    let project = project();
    project.dev().start().await.kill().await;
    kv(&project, &["key", "put", "a", "1"]).await;
    kv(&project, &["key", "delete", "a"]).await;
    let app = project.dev().start().await;
    let all = ["created KV a", "deleted KV a", "updated KV a"];
    until_heard(&app, &all).await;
}

/// One store is one source of events, whatever it is called.
#[tokio::test]
async fn a_store_with_two_bindings_tells_once() {
    let project = project();
    let app = project.dev().start().await;
    for path in ["/a?in=KV", "/b?in=SAME", "/c?in=OTHER"] {
        app.put(path, "").await.expect(200);
    }
    let all = [
        "created KV a",
        "created KV b",
        "created OTHER c",
        "updated KV a",
        "updated KV b",
        "updated OTHER c",
    ];
    until_heard(&app, &all).await;
}

#[tokio::test]
async fn an_app_without_handlers_is_told_nothing_later() {
    let project = project();
    let app = project.dev().start().await;
    kv(&project, &["key", "put", "a", "1"]).await;
    until_heard(&app, &["created KV a", "updated KV a"]).await;
    let mark = app.events().mark();
    project.write("src/index.ts", DEAF);
    app.events()
        .next(mark, "reloaded")
        .await
        .expect("it goes on");
    kv(&project, &["key", "put", "b", "1"]).await;
    app.kill().await;
    project.write("src/index.ts", APP);
    let app = project.dev().start().await;
    kv(&project, &["key", "put", "c", "1"]).await;
    let all = [
        "created KV a",
        "created KV c",
        "updated KV a",
        "updated KV c",
    ];
    until_heard(&app, &all).await;
}

/// An isolate of the old code may still be on its way when the new code runs.
#[tokio::test]
async fn an_isolate_of_code_with_handlers_that_comes_late_is_none() {
    let slow = format!(
        "let turns = 0; for (const until = Date.now() + 1500; Date.now() < until; ) turns++; console.log(turns);
        {}",
        APP.replace("const { pathname", "if (request.method === 'POST') for (const end = Date.now() + 300; Date.now() < end;); const { pathname")
    );
    let project = project().with("src/index.ts", &slow);
    let app = project.dev().start().await;
    kv(&project, &["key", "put", "a", "1"]).await;
    until_heard(&app, &["created KV a", "updated KV a"]).await;
    let mark = app.events().mark();
    // So that there is work for another isolate, which takes a while to come.
    let requests = (0..8).map(|_| app.post("/"));
    let reload = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        project.write("src/index.ts", DEAF);
    };
    tokio::join!(futures_util::future::join_all(requests), reload);
    let reloaded = app.events().next(mark, "reloaded").await;
    reloaded.expect("it goes on");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    kv(&project, &["key", "put", "b", "1"]).await;
    app.kill().await;
    project.write("src/index.ts", APP);
    let app = project.dev().start().await;
    kv(&project, &["key", "put", "c", "1"]).await;
    let all = [
        "created KV a",
        "created KV c",
        "updated KV a",
        "updated KV c",
    ];
    until_heard(&app, &all).await;
}
