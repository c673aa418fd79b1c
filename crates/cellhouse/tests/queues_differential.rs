//! Queues beside miniflare from npm: the same Worker makes the same calls in both, and its consumers do the same with
//! the same messages. Answers, errors, bodies, attempts and dead letters must be the same.

#[path = "dev/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::Project;

const WORKER: &str = include_str!("queues_differential/worker.js");
const CONFIG: &str = r#"
name = "differential"
main = "worker.js"
compatibility_date = "2026-07-01"
kv_namespaces = [{ binding = "KV", id = "differential" }]
[[queues.producers]]
binding = "Q"
queue = "jobs"
[[queues.producers]]
binding = "BODIES"
queue = "bodies"
[[queues.producers]]
binding = "UNHEARD"
queue = "unheard"
[[queues.consumers]]
queue = "jobs"
max_batch_size = 1
max_batch_timeout = 0
max_retries = 2
dead_letter_queue = "dead"
[[queues.consumers]]
queue = "dead"
max_batch_size = 1
max_batch_timeout = 0
[[queues.consumers]]
queue = "bodies"
max_batch_timeout = 0
[[queues.consumers]]
queue = "unheard"
max_batch_size = 100
max_batch_timeout = 60
"#;
const PATHS: [&str; 6] = [
    "/calls",
    "/bodies",
    "/verdicts?seed=1",
    "/verdicts?seed=2",
    "/verdicts?seed=3",
    "/verdicts?seed=4",
];

/// What workerd makes of a refusal of miniflare's, which gives no reason in the form that it looks for.
const NO_REASON: &str = "Error: Unknown Internal Error (15000)";

fn of_miniflare(project: &Project) -> Vec<Value> {
    let consumer =
        |size: u32, timeout: u32| json!({ "maxBatchSize": size, "maxBatchTimeout": timeout });
    let mut jobs = consumer(1, 0);
    jobs["maxRetries"] = 2.into();
    jobs["deadLetterQueue"] = "dead".into();
    let options = json!({
        "scriptPath": "worker.js",
        "compatibilityDate": "2026-07-01",
        "kvNamespaces": { "KV": "differential" },
        "queueProducers": { "Q": "jobs", "BODIES": "bodies", "UNHEARD": "unheard" },
        "queueConsumers": {
            "jobs": jobs, "dead": consumer(1, 0), "bodies": consumer(10, 0), "unheard": consumer(100, 60),
        },
    });
    project.write("miniflare.json", &options.to_string());
    let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let output = Command::new("node")
        .arg(node.join("miniflare_answers.mjs"))
        .arg(project.path().join("miniflare.json"))
        .args(PATHS)
        // Modules are named from here.
        .current_dir(project.path())
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let bodies: Vec<String> = serde_json::from_slice(&output.stdout).expect("an array");
    let parsed = |body: &String| {
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    };
    bodies.iter().map(parsed).collect()
}

#[tokio::test]
async fn queues_do_as_miniflare_does() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", WORKER);
    let app = project.dev().start().await;
    let theirs = of_miniflare(&project);
    for (path, theirs) in PATHS.iter().zip(theirs) {
        let ours = app.get(path).await.expect(200).json();
        let list = |answers: &Value| answers.as_array().expect("a list").clone();
        let (ours, theirs) = (list(&ours), list(&theirs));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            if theirs[1] == NO_REASON {
                let said = ours[1].as_str().unwrap_or_default();
                assert!(said.starts_with("Error: Queue send"), "{path}: {ours}");
                continue;
            }
            assert_eq!(ours, theirs, "{path}: Cellhouse left, miniflare right");
        }
        assert_eq!(ours.len(), theirs.len(), "{path}");
        assert!(ours.len() > 5, "{path}: {ours:?}");
    }
}
