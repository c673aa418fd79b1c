//! The same Worker on Cellhouse and on miniflare: what it sees of R2 must be the same.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use super::start;
use crate::support::PATIENCE;
use crate::types::node_modules;

const CASES: &str = include_str!("cases.js");

/// What the Worker says on miniflare.
async fn theirs() -> BTreeMap<String, Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/r2_miniflare.mjs");
    assert!(
        node_modules().join("miniflare").is_dir(),
        "miniflare is missing: run ./test"
    );
    let mut command = tokio::process::Command::new("node");
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dev/r2/cases.js");
    command
        .arg(script)
        .arg(cases)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .expect("miniflare never ended");
    let output = output.expect("node starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test]
async fn the_same_worker_sees_the_same() {
    let (_project, app) = start(CASES).await;
    let ours = async { app.get("/").await.expect(200).json() };
    let (ours, theirs) = tokio::join!(ours, theirs());
    let ours: BTreeMap<String, Value> = serde_json::from_value(ours).expect("an object");
    assert!(ours.len() > 40);
    let mut differences = Vec::new();
    for (name, theirs) in &theirs {
        if ours.get(name) != Some(theirs) {
            let ours = ours.get(name).unwrap_or(&Value::Null);
            differences.push(format!("{name}\n  ours   {ours}\n  theirs {theirs}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
