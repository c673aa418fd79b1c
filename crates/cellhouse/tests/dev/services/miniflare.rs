//! The same Workers on Cellhouse and on miniflare give the same answers and errors.

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

const FURTHER: &str = r#"{ "name": "main", "main": "index.mjs", "compatibility_date": "2026-07-01",
  "compatibility_flags": ["service_binding_extra_handlers"],
  "vars": { "VAR": "variable" },
  "durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
  "services": [
    { "binding": "OTHER", "service": "other" },
    { "binding": "SELF", "service": "main" },
    { "binding": "NAMED", "service": "main", "entrypoint": "Named" },
    { "binding": "HANDLERS", "service": "main", "entrypoint": "handlers" },
    { "binding": "THROWING", "service": "main", "entrypoint": "Throwing" },
    { "binding": "EMPTY", "service": "main", "entrypoint": "Empty" },
    { "binding": "FILES", "service": "files" },
    { "binding": "FILES_NAMED", "service": "files", "entrypoint": "Named" },
    { "binding": "FIRST", "service": "first" }
  ] }"#;

/// Static files in front of a script, which some apps run first.
fn files(name: &str, script_first: bool) -> String {
    format!(
        r#"{{ "name": "{name}", "main": "../files.mjs", "compatibility_date": "2026-07-01",
          "assets": {{ "directory": "../site", "not_found_handling": "404-page", "run_worker_first": {script_first} }} }}"#
    )
}

const SITE: &[(&str, &str)] = &[
    ("hello.txt", "a file"),
    ("page.html", "<p>page"),
    ("ruled.txt", "ruled"),
    ("404.html", "<p>404"),
    ("_headers", "/ruled.txt\n  x-rule: yes\n"),
    ("_redirects", "/moved /hello.txt 301\n"),
];

fn case(file: &str) -> String {
    let node = repository().join("crates/cellhouse/tests/node");
    std::fs::read_to_string(node.join(file)).expect("the cases")
}

/// What miniflare answers; see `services_miniflare.mjs` for the arguments.
async fn miniflare(arguments: &[&str]) -> Value {
    let theirs = Command::new("node")
        .arg("services_miniflare.mjs")
        .args(arguments)
        .current_dir(repository().join("crates/cellhouse/tests/node"))
        .output()
        .await
        .expect("node runs");
    let said = String::from_utf8_lossy(&theirs.stderr);
    serde_json::from_slice(&theirs.stdout)
        .unwrap_or_else(|error| panic!("miniflare: {error}\n{said}"))
}

fn compare(ours: &Value, theirs: &Value) {
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

#[tokio::test]
async fn cellhouse_and_miniflare_agree() {
    let project = Project::empty()
        .with("main/wrangler.json", MAIN)
        .with("main/index.mjs", &case("services_cases.mjs"))
        .with("other/wrangler.json", OTHER)
        .with("other/index.mjs", &case("services_other.mjs"));
    let configs = ["-c", "main/wrangler.json", "-c", "other/wrangler.json"];
    let app = project.dev().arguments(&configs).start().await;
    let ours = app.get("/").await.expect(200).json();
    compare(&ours, &miniflare(&[]).await);
}

#[tokio::test]
async fn they_agree_on_events_files_classes_and_env() {
    let mut project = Project::empty()
        .with("main/wrangler.json", FURTHER)
        .with("main/index.mjs", &case("services_further_cases.mjs"))
        .with("other/wrangler.json", OTHER)
        .with("other/index.mjs", &case("services_other.mjs"))
        .with("files/wrangler.json", &files("files", false))
        .with("first/wrangler.json", &files("first", true))
        .with("files.mjs", &case("services_files.mjs"));
    for (name, text) in SITE {
        project = project.with(&format!("site/{name}"), text);
    }
    let configs = ["main", "other", "files", "first"].map(|name| format!("{name}/wrangler.json"));
    let arguments: Vec<&str> = configs.iter().flat_map(|path| ["-c", path]).collect();
    let app = project.dev().arguments(&arguments).start().await;
    let ours = app.get("/").await.expect(200).json();
    let site = project.path().join("site");
    compare(&ours, &miniflare(&[site.to_str().expect("a text")]).await);
}
