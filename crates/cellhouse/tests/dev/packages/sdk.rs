//! `sdk.do` as an app imports it, with nothing installed and nothing configured: what one request can see
//! case by case, events and schedules, and models behind a real HTTP server.

mod ai;
mod events;
mod storm;

use serde_json::json;

use crate::support::Project;

/// Binds one class, so that a binding and `state.get()` can be seen to be the same.
const CONFIG: &str = r#"
name = "app"
main = "src/index.ts"
compatibility_date = "2026-07-01"
[[durable_objects.bindings]]
name = "BOUND"
class_name = "Bound"
"#;

#[tokio::test]
async fn every_case_holds() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("src/index.ts", include_str!("sdk/worker.ts"));
    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    assert_eq!(answer, json!({ "ran": 22, "wrong": {} }), "{answer:#}");
}

#[tokio::test]
async fn an_installed_package_goes_first() {
    let project = Project::ploy(
        "",
        "import { $ } from 'sdk.do'; export default { fetch: () => new Response($) };",
    )
    .with(
        "node_modules/sdk.do/package.json",
        r#"{ "name": "sdk.do", "main": "index.js" }"#,
    )
    .with("node_modules/sdk.do/index.js", "exports.$ = 'installed';");
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).text(), "installed");
}

#[tokio::test]
async fn the_module_of_the_runtime_is_for_packages_only() {
    let source = "import { env } from 'cellhouse:platform'; export default { fetch: () => env.x };";
    let project = Project::ploy("", source);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    assert!(exit.stderr.contains("cellhouse:platform"), "{exit:#?}");
}

#[tokio::test]
async fn fields_survive_a_crash() {
    let source = "
        import { state } from 'sdk.do';
        export class Counter {
            value = 0;
            since = new Date(5);
            async increment() { this.value++; await state.save(this); return [this.value, this.since instanceof Date]; }
        }
        export default { async fetch() { return Response.json(await (await state.get($.Counter, 'c')).increment()); } };
    ";
    let project = Project::ploy("", source);
    for value in 1..=3 {
        let app = project.dev().start().await;
        assert_eq!(app.get("/").await.expect(200).json(), json!([value, true]));
        app.kill().await;
    }
}
