//! `@workkit/kv` as an app imports it, case by case; and that what is installed goes first.

use serde_json::json;

use crate::support::Project;

const WORKER: &str = include_str!("workkit/worker.ts");

const CONFIG: &str = r#"
name = "app"
main = "src/index.ts"
compatibility_date = "2026-07-01"
[[kv_namespaces]]
binding = "KV"
id = "cases"
"#;

fn project(source: &str) -> Project {
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("src/index.ts", source)
}

#[tokio::test]
async fn every_case_of_the_client_holds() {
    let project = project(WORKER);
    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    assert_eq!(answer, json!({ "ran": 13, "wrong": {} }));
}

#[tokio::test]
async fn an_installed_package_goes_first() {
    let project = project(
        "import { kv } from '@workkit/kv'; export default { fetch: () => new Response(kv()) };",
    )
    .with(
        "node_modules/@workkit/kv/package.json",
        r#"{ "name": "@workkit/kv", "main": "index.js" }"#,
    )
    .with(
        "node_modules/@workkit/kv/index.js",
        "exports.kv = () => 'installed';",
    );
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).text(), "installed");
}
