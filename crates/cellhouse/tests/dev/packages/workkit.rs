//! `@workkit/kv` as an app imports it, case by case; and that what is installed goes first.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{PATIENCE, Project};
use crate::types::node_modules;

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

/// The same code, bundled by `cellhouse build`, on Cloudflare's own runtime with a KV namespace of its own.
#[tokio::test]
async fn every_case_of_the_client_holds_on_cloudflares_kv() {
    let project = project(WORKER);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    let options = json!({
        "scriptPath": project.path().join("dist/index.js"),
        "compatibilityDate": "2026-07-01",
        "kvNamespaces": ["KV"],
        "cf": false,
    });
    project.write("miniflare.json", &options.to_string());
    assert!(
        node_modules().join("miniflare").is_dir(),
        "miniflare is missing: run ./test"
    );
    let mut node = tokio::process::Command::new("node");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/miniflare_answers.mjs");
    node.arg(script)
        .args(["miniflare.json", "/"])
        .current_dir(project.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, node.output()).await;
    let output = output.expect("it ends").expect("node starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answers: Vec<String> = serde_json::from_slice(&output.stdout).expect("answers");
    let answer: Value = serde_json::from_str(&answers[0]).expect("JSON");
    assert_eq!(answer, json!({ "ran": 13, "wrong": {} }), "{answer:#}");
}
