//! The cron expressions of `every()`, against a cron library of npm: the next times of random expressions, and what
//! is none.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{PATIENCE, Project, repository};
use crate::types::node_modules;

#[tokio::test]
async fn expressions_come_when_another_library_says() {
    let source = "export { Cron } from './cron'; export default { fetch: () => new Response() };";
    let project = Project::ploy("", source);
    for name in ["cron.ts", "errors.ts"] {
        let code = std::fs::read_to_string(repository().join("packages/sdk-do").join(name));
        project.write(&format!("src/{name}"), &code.expect("a file of it"));
    }
    let exit = project
        .command(&["build", ".", "--outdir", "made"])
        .run()
        .await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    let bundle = project.read("made/index.js");
    project.write("made/index.mjs", &bundle);

    assert!(
        node_modules().join("croner").is_dir(),
        "croner is missing: run ./test"
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/cron_differential.mjs");
    let mut node = tokio::process::Command::new("node");
    node.arg(script)
        .arg(project.path().join("made/index.mjs"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, node.output()).await;
    let output = output.expect("it ends").expect("node starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        told,
        json!({ "compared": 3_000, "different": [], "taken": [] }),
        "{told:#}"
    );
}
