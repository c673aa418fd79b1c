//! Apps of three frameworks, built by Vite for browsers and for Workers: the page that the Worker renders, and what
//! becomes of it in Chromium.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::Project;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Runs a script of `tests/node`, and gives what it prints.
async fn node(script: &str, arguments: &[&str]) -> String {
    let output = Command::new("node")
        .arg(script)
        .args(arguments)
        .current_dir(tests().join("node"))
        .output()
        .await
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn built(framework: &str) -> Project {
    let project = Project::empty();
    let sources = tests().join("dev/builds");
    let copy = |from: &Path| {
        let name = from.file_name().expect("a name");
        fs::copy(from, project.path().join(name)).expect("a copy");
    };
    copy(&sources.join("shared.js"));
    for entry in fs::read_dir(sources.join(framework)).expect("the app") {
        copy(&entry.expect("a file").path());
    }
    let modules = crate::types::node_modules();
    symlink(modules, project.path().join("node_modules")).expect("a link");
    let folder = project.path().to_str().expect("a plain path");
    node("vite_build.mjs", &[folder, framework]).await;
    project
}

async fn runs(framework: &str) {
    let project = built(framework).await;
    let app = project.dev().start().await;
    let page = app.get("/").await.expect(200);
    assert!(page.text().contains("waited"), "{}", page.text());
    let url = format!("http://{}/", app.client().address());
    let found = node("builds_browser.mjs", &[&url]).await;
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let visit = found["before"][0].as_str().unwrap_or_default();
    assert!(visit.starts_with("visit "), "{found:#}");
    let expected = json!({
        "before": [visit, "waited", "clicked 0"],
        "after": [visit, "waited", "clicked 1"],
        "problems": [],
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn vue() {
    runs("vue").await;
}

#[tokio::test]
async fn svelte() {
    runs("svelte").await;
}

#[tokio::test]
async fn react() {
    runs("react").await;
}
