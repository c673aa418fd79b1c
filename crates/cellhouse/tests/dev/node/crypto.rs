//! node:crypto beside Node.js: the same questions with random inputs, and what one makes used by the other.

use tokio::process::Command;

use crate::support::{Project, repository};

const SEED: &str = "20260701";
/// Rounds of some 150 questions: about ten seconds.
const ROUNDS: &str = "5";

fn project() -> Project {
    let folder = repository().join("crates/cellhouse/tests/node");
    let mut project = Project::empty().with(
        "wrangler.toml",
        "name = \"app\"\nmain = \"crypto_worker.mjs\"\ncompatibility_date = \"2026-07-01\"\n\
         compatibility_flags = [\"nodejs_compat\"]\n",
    );
    for name in [
        "crypto_worker.mjs",
        "crypto_tasks.mjs",
        "crypto_certificates.mjs",
    ] {
        let text = std::fs::read_to_string(folder.join(name)).expect("a file of the tests");
        project = project.with(name, &text);
    }
    project
}

#[tokio::test]
async fn crypto_answers_as_in_node() {
    let app = project().dev().start().await;
    let url = format!("http://{}/", app.client().address());
    let said = Command::new("node")
        .args(["crypto_random.mjs", &url, SEED, ROUNDS])
        .current_dir(repository().join("crates/cellhouse/tests/node"))
        .output()
        .await
        .expect("node runs");
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{errors}");
}
