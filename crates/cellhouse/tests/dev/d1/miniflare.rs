//! The same Worker on Cellhouse and on miniflare gives the same answers, errors and counts.

use serde_json::Value;
use tokio::process::Command;

use super::worker;
use crate::support::repository;

#[tokio::test]
async fn cellhouse_and_miniflare_agree() {
    let node = repository().join("crates/cellhouse/tests/node");
    let cases = std::fs::read_to_string(node.join("d1_cases.mjs")).expect("the cases");
    let project = worker("").with("src/index.ts", &cases);
    let app = project.dev().start().await;
    let ours = app.get("/").await.expect(200).json();
    let theirs = Command::new("node")
        .arg("d1_miniflare.mjs")
        .current_dir(&node)
        .output()
        .await
        .expect("node runs");
    let said = String::from_utf8_lossy(&theirs.stderr);
    let theirs: Value = serde_json::from_slice(&theirs.stdout)
        .unwrap_or_else(|error| panic!("miniflare: {error}\n{said}"));
    let (ours, theirs) = (ours.as_object().unwrap(), theirs.as_object().unwrap());
    assert!(theirs.len() > 40, "{theirs:?}");
    for (name, expected) in theirs {
        assert_eq!(ours.get(name), Some(expected), "{name}");
    }
}
