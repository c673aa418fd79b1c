//! KV, the Cache API, HTMLRewriter, Headers, Requests and Responses beside miniflare from npm: the same Worker does the same random calls in both, and every
//! answer and error must be the same. A seed that failed once can be asked for by itself:
//! `EDGE_SEEDS=17 cargo test --test edge_differential`.

#[path = "dev/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::Project;

const WORKER: &str = include_str!("edge_differential/worker.js");
const REWRITER: &str = include_str!("edge_differential/rewriter.js");
const MESSAGES: &str = include_str!("edge_differential/messages.js");
const CONFIG: &str = r#"
name = "differential"
main = "worker.js"
compatibility_date = "2026-07-01"
kv_namespaces = [{ binding = "KV", id = "differential" }]
"#;
/// Runs of random calls; each has its own names.
const SEEDS: u64 = 24;

fn paths(what: &str) -> Vec<String> {
    let seeds = std::env::var("EDGE_SEEDS").ok();
    let seeds: Vec<u64> = match &seeds {
        Some(list) => list
            .split(',')
            .map(|seed| seed.parse().expect("a number"))
            .collect(),
        None => (1..=SEEDS).collect(),
    };
    let seeds = seeds.iter();
    seeds.map(|seed| format!("/{what}?seed={seed}")).collect()
}

fn of_miniflare(project: &Project, paths: &[String]) -> Vec<Value> {
    let options = json!({
        "scriptPath": "worker.js",
        "compatibilityDate": "2026-07-01",
        "kvNamespaces": { "KV": "differential" },
    });
    project.write("miniflare.json", &options.to_string());
    let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let output = Command::new("node")
        .arg(node.join("miniflare_answers.mjs"))
        .arg(project.path().join("miniflare.json"))
        .args(paths)
        // Modules are named from here.
        .current_dir(project.path())
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let bodies: Vec<String> = serde_json::from_slice(&output.stdout).expect("an array");
    bodies.iter().map(|body| parsed(body)).collect()
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

async fn compare(what: &str, worker: &str) {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", worker);
    let app = project.dev().start().await;
    let paths = paths(what);
    let theirs = of_miniflare(&project, &paths);
    for (path, theirs) in paths.iter().zip(theirs) {
        let ours = app.get(path).await.expect(200).json();
        let (ours, theirs) = (calls(&ours), calls(&theirs));
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!(ours, theirs, "{path}: Cellhouse left, miniflare right");
        }
        assert_eq!(ours.len(), theirs.len(), "{path}");
        assert!(ours.len() > 50, "{path}: {ours:?}");
    }
}

fn calls(answers: &Value) -> &Vec<Value> {
    answers.as_array().expect("an array of calls")
}

#[tokio::test]
async fn kv_answers_as_miniflare_does() {
    compare("kv", WORKER).await;
}

#[tokio::test]
async fn the_cache_api_answers_as_miniflare_does() {
    compare("cache", WORKER).await;
}

#[tokio::test]
async fn html_is_rewritten_as_miniflare_does() {
    compare("rewriter", REWRITER).await;
}

#[tokio::test]
async fn headers_requests_and_responses_are_as_those_of_miniflare() {
    compare("messages", MESSAGES).await;
}
