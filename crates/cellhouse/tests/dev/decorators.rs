//! Standard decorators, which the bundler lowers: the same cases give what they give when esbuild lowers
//! them for Node.js, and what the standard says where esbuild does otherwise.

use serde_json::Value;
use tokio::process::Command;

use crate::support::{Project, repository};

const WORKER: &str = r#"
import { asynchronous, cases, standard } from "./cases.js";

export default { async fetch() {
    const answers = {};
    for (const [name, run] of Object.entries(cases)) {
        try {
            answers[name] = run();
        } catch (error) {
            answers[name] = error.stack;
        }
    }
    answers.asynchronous = await asynchronous();
    const rules = Object.entries(standard).map(([name, run]) => [name, ...run()]);
    return Response.json({ answers, rules });
} };
"#;

fn project() -> Project {
    let cases = repository().join("crates/cellhouse/tests/node/decorators_cases.mjs");
    let cases = std::fs::read_to_string(cases).expect("the cases");
    let config = "name = \"app\"\nmain = \"src/index.js\"\ncompatibility_date = \"2026-07-01\"\n";
    Project::empty()
        .with("wrangler.toml", config)
        .with("src/index.js", WORKER)
        .with("src/cases.js", &cases)
}

async fn answers_of_esbuild() -> Value {
    let node = repository().join("crates/cellhouse/tests/node");
    let theirs = Command::new("node")
        .arg("decorators_esbuild.mjs")
        .current_dir(&node)
        .output()
        .await
        .expect("node runs");
    let said = String::from_utf8_lossy(&theirs.stderr);
    serde_json::from_slice(&theirs.stdout)
        .unwrap_or_else(|error| panic!("esbuild: {error}\n{said}"))
}

#[tokio::test]
async fn decorators_do_what_they_do_with_esbuild() {
    let app = project().dev().start().await;
    let ours = app.get("/").await.expect(200).json();
    let theirs = answers_of_esbuild().await;
    let theirs = theirs.as_object().expect("an object");
    assert!(theirs.len() > 13, "{theirs:?}");
    for (name, right) in theirs {
        assert_eq!(&ours["answers"][name], right, "{name}");
    }
    let rules = ours["rules"].as_array().expect("a list");
    assert!(rules.len() > 2, "{rules:?}");
    for rule in rules {
        assert_eq!(rule[1], rule[2], "{}", rule[0]);
    }
}
