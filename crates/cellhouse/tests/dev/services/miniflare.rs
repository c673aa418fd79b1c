//! The same two Workers on Cellhouse and on miniflare give the same answers and errors.

use serde_json::Value;
use tokio::process::Command;

use crate::support::{Project, repository};

const MAIN: &str = r#"{ "name": "main", "main": "index.mjs", "compatibility_date": "2026-07-01",
  "durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
  "services": [
    { "binding": "OTHER", "service": "other" },
    { "binding": "SELF", "service": "main" },
    { "binding": "NAMED", "service": "main", "entrypoint": "Named", "props": { "from": "config" } },
    { "binding": "NO_FETCH", "service": "main", "entrypoint": "NoFetch" },
    { "binding": "HANDLERS", "service": "main", "entrypoint": "handlers" },
    { "binding": "OTHER_NAMED", "service": "other", "entrypoint": "Person" }
  ] }"#;
const OTHER: &str =
    r#"{ "name": "other", "main": "index.mjs", "compatibility_date": "2026-07-01" }"#;

#[tokio::test]
async fn cellhouse_and_miniflare_agree() {
    let node = repository().join("crates/cellhouse/tests/node");
    let read = |file: &str| std::fs::read_to_string(node.join(file)).expect("the cases");
    let project = Project::empty()
        .with("main/wrangler.json", MAIN)
        .with("main/index.mjs", &read("services_cases.mjs"))
        .with("other/wrangler.json", OTHER)
        .with("other/index.mjs", &read("services_other.mjs"));
    let configs = ["-c", "main/wrangler.json", "-c", "other/wrangler.json"];
    let app = project.dev().arguments(&configs).start().await;
    let ours = app.get("/").await.expect(200).json();
    let theirs = Command::new("node")
        .arg("services_miniflare.mjs")
        .current_dir(&node)
        .output()
        .await
        .expect("node runs");
    let said = String::from_utf8_lossy(&theirs.stderr);
    let theirs: Value = serde_json::from_slice(&theirs.stdout)
        .unwrap_or_else(|error| panic!("miniflare: {error}\n{said}"));
    let (ours, theirs) = (ours.as_object().unwrap(), theirs.as_object().unwrap());
    assert!(theirs.len() > 100, "{theirs:?}");
    let differ = theirs
        .iter()
        .filter(|(name, expected)| ours.get(*name) != Some(expected));
    let differ: Vec<_> = differ
        .map(|(name, one)| (name, ours.get(name), one))
        .collect();
    assert!(differ.is_empty(), "{differ:#?}");
}
