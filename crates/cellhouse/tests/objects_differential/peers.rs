//! The two that are compared: `cellhouse dev`, and workerd in a process of Node, with the Worker of `worker/`.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::support::{App, Client, Events, PATIENCE, Project, full, repository};

/// How long an answer may take before it counts as none.
const ANSWER: Duration = Duration::from_secs(20);

/// In the folder of our project, and none of its files.
const LOG: &str = "workerd.log";

const CONFIG: &str = r#"
name = "worker"
main = "index.js"
compatibility_date = "2026-07-01"

[durable_objects]
bindings = [{ name = "THINGS", class_name = "Thing" }, { name = "OTHERS", class_name = "Other" }]

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Thing", "Other"]
"#;

pub struct Peers {
    pub ours: Client,
    pub theirs: Client,
    app: App,
    reference: Child,
    project: Project,
}

impl Peers {
    pub async fn start() -> Peers {
        let worker = repository().join("crates/cellhouse/tests/objects_differential/worker");
        let project = Project::empty().with("wrangler.toml", CONFIG);
        copy(&project, &worker, "");
        let (app, (reference, theirs)) =
            tokio::join!(project.dev().start(), reference(&worker, &project));
        Peers {
            ours: app.client().clone(),
            theirs,
            app,
            reference,
            project,
        }
    }

    /// The answer of both to the same request: ours, and that of workerd.
    pub async fn ask_both(&self, path: &str, body: &Value) -> [Value; 2] {
        let (ours, theirs) = tokio::join!(
            self.ask(&self.ours, path, body),
            self.ask(&self.theirs, path, body)
        );
        [ours, theirs]
    }

    /// The JSON that a request is answered with, or what came instead.
    pub async fn ask(&self, client: &Client, path: &str, body: &Value) -> Value {
        // workerd leaves connections that rest, perhaps just when they are used again.
        let request = client.request("POST", path).header("connection", "close");
        let request = request.body(full(body.to_string()));
        let asked = client.try_call(request.expect("a request"));
        let reply = match tokio::time::timeout(ANSWER, asked).await {
            Err(_) => return json!({ "no answer": path }),
            Ok(Err(error)) => return json!({ "no answer": error, "workerd said": self.said() }),
            Ok(Ok(reply)) => reply,
        };
        serde_json::from_slice(&reply.body).unwrap_or_else(
            |_| json!({ "status": reply.status.as_u16(), "text": String::from_utf8_lossy(&reply.body) }),
        )
    }

    /// The end of what workerd wrote to its standard error.
    fn said(&self) -> String {
        let said = fs::read(self.project.path().join(LOG)).unwrap_or_default();
        String::from_utf8_lossy(&said[said.len().saturating_sub(2000)..]).into_owned()
    }

    pub async fn stop(mut self) {
        // Without its standard input it ends, and workerd with it.
        drop(self.reference.stdin.take());
        let ended = tokio::time::timeout(PATIENCE, self.reference.wait()).await;
        ended.expect("workerd ends").expect("it is a child");
        self.app.kill().await;
    }
}

/// Starts workerd; also when this process is killed, it ends with its standard input.
async fn reference(worker: &Path, project: &Project) -> (Child, Client) {
    let log = fs::File::create(project.path().join(LOG)).expect("a file");
    let node = repository().join("crates/cellhouse/tests/node");
    let mut child = Command::new("node")
        .arg("miniflare_server.mjs")
        .arg(worker)
        .args(["THINGS=Thing", "OTHERS=Other"])
        .current_dir(node)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .expect("node starts");
    let events = Events::of(child.stdout.take().expect("stdout is a pipe"));
    let ready = events.next(0, "ready").await;
    let ready = ready.expect("miniflare is installed: npm ci in crates/cellhouse/tests/node");
    let client = Client::new(ready["url"].as_str().expect("the URL"));
    (child, client)
}

fn copy(project: &Project, from: &Path, to: &str) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a plain name");
        if entry.path().is_dir() {
            copy(project, &entry.path(), &format!("{to}{name}/"));
        } else {
            let text = fs::read_to_string(entry.path()).expect("a text");
            project.write(&format!("{to}{name}"), &text);
        }
    }
}
