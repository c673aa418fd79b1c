//! `cellhouse workflows`, on an app that runs and on one that does not.

use serde_json::{Value, json};

use crate::support::{Project, eventually};

const CONFIG: &str = r#"
name = "app"
main = "worker.js"
compatibility_date = "2026-07-01"
[[workflows]]
name = "orders"
binding = "ORDERS"
class_name = "Orders"
"#;
const WORKER: &str = r#"
import { WorkflowEntrypoint } from "cloudflare:workers";
export class Orders extends WorkflowEntrypoint {
    async run(event, step) {
        const first = await step.do("first", async () => ({ got: event.payload, id: event.instanceId }));
        if (event.payload.fail) await step.do("fails", { retries: { limit: 0, delay: 1 } }, () => { throw new RangeError("no"); });
        const paid = await step.waitForEvent("wait for it", { type: "paid", timeout: "1 hour" });
        return { first, paid: paid.payload, isDate: paid.timestamp instanceof Date };
    }
}
export default { fetch: () => new Response("here") };
"#;

struct Commands<'a>(&'a Project);

impl Commands<'_> {
    /// The exit code, and what it printed.
    async fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let command = self.0.command(&["workflows"]).arguments(arguments);
        let exit = command.run().await;
        (exit.code, format!("{}{}", exit.stdout, exit.stderr))
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let (code, said) = self.run(&[arguments, &["--json"]].concat()).await;
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    async fn done(&self, arguments: &[&str], expected: &str) {
        let (code, said) = self.run(arguments).await;
        assert_eq!((code, said.trim()), (Some(0), expected), "{arguments:?}");
    }

    async fn refused(&self, arguments: &[&str], code: i32, why: &str) {
        let (found, said) = self.run(arguments).await;
        assert_eq!(found, Some(code), "{arguments:?}: {said}");
        assert!(said.contains(why), "{arguments:?}: {said}");
    }

    async fn becomes(&self, id: &str, status: &str) {
        eventually(status, async || {
            self.json(&["instances", "describe", "orders", id]).await["status"] == status
        })
        .await;
    }
}

#[tokio::test]
async fn instances_are_made_looked_at_and_changed() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", WORKER);
    let commands = Commands(&project);
    let app = project.dev().start().await;
    let listed = json!({ "name": "orders", "instances": 0, "app": "app", "class": "Orders" });
    assert_eq!(commands.json(&["list"]).await, listed);
    commands
        .done(
            &[
                "trigger",
                "orders",
                "{\"item\": [7, \"é\", null]}",
                "--id",
                "one",
            ],
            "one was made",
        )
        .await;
    commands.becomes("one", "waiting").await;
    let found = commands
        .json(&["instances", "describe", "orders", "latest"])
        .await;
    let payload = json!({ "item": [7, "é", null] });
    let first = json!({ "got": payload, "id": "one" });
    assert_eq!(
        (&found["id"], &found["status"]),
        (&json!("one"), &json!("waiting"))
    );
    let steps = found["steps"].as_array().expect("a list");
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0]["output"], first);
    assert_eq!(
        (&steps[1]["kind"], &steps[1]["state"]),
        (&json!("waitForEvent"), &json!("open"))
    );

    commands
        .done(&["instances", "pause", "orders", "one"], "one is to pause")
        .await;
    commands.becomes("one", "paused").await;
    app.kill().await;
    // On one that does not run.
    let listed = json!({ "name": "orders", "instances": 1, "app": null, "class": null });
    assert_eq!(commands.json(&["list"]).await, listed);
    commands
        .done(&["instances", "resume", "orders", "one"], "one goes on")
        .await;
    let event = [
        "instances",
        "send-event",
        "orders",
        "latest",
        "--type",
        "paid",
        "--payload",
        "{\"by\": 1.5}",
    ];
    commands.done(&event, "one has the event").await;
    let made = commands
        .json(&["trigger", "orders", "{\"fail\": true}"])
        .await;
    let made = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(made.len(), 36);
    let _app = project.dev().start().await;
    commands.becomes("one", "complete").await;
    commands.becomes(&made, "errored").await;
    let found = commands
        .json(&["instances", "describe", "orders", "one"])
        .await;
    let output = json!({ "first": first, "paid": { "by": 1.5 }, "isDate": true });
    assert_eq!(found["output"], output);
    let (_, said) = commands
        .run(&["instances", "describe", "orders", &made])
        .await;
    assert!(
        said.contains("failed  do \"fails\"") && said.contains("RangeError: no"),
        "{said}"
    );

    let ids = async |arguments: &[&str]| -> Vec<String> {
        let (_, said) = commands
            .run(&[&["instances", "list", "orders"], arguments].concat())
            .await;
        let first = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        said.lines().map(first).collect()
    };
    assert_eq!(ids(&[]).await, [&made, "one"]);
    assert_eq!(ids(&["--reverse", "--limit", "1"]).await, ["one"]);
    assert_eq!(ids(&["--status", "errored"]).await, [&made[..]]);
    commands
        .done(
            &["instances", "restart", "orders", "one"],
            "one begins anew",
        )
        .await;
    commands.becomes("one", "waiting").await;
    commands
        .done(
            &["instances", "terminate", "orders", "one"],
            "one was terminated",
        )
        .await;
    commands
        .refused(
            &["instances", "terminate", "orders", "one"],
            2,
            "instance.cannot_terminate",
        )
        .await;
    // The newest one has failed.
    commands
        .refused(&event, 2, "instance.cannot_send_event")
        .await;
}

#[tokio::test]
async fn what_is_refused() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", WORKER);
    let commands = Commands(&project);
    let _app = project.dev().start().await;
    commands
        .refused(
            &["trigger", "order"],
            3,
            "there is no Workflow \"order\"; there are orders",
        )
        .await;
    commands
        .refused(&["trigger", "orders", "{item: 7}"], 2, "must be JSON")
        .await;
    commands
        .refused(
            &["trigger", "orders", "--id", "no good"],
            2,
            "Workflow instance has invalid id",
        )
        .await;
    commands
        .done(&["trigger", "orders", "--id", "one"], "one was made")
        .await;
    commands
        .refused(
            &["trigger", "orders", "--id", "one"],
            2,
            "instance.already_exists",
        )
        .await;
    commands
        .refused(
            &["instances", "describe", "orders", "two"],
            3,
            "instance.not_found",
        )
        .await;
    let event = ["instances", "send-event", "orders", "one", "--type", "-no"];
    commands.refused(&event, 2, "").await;
    let event = ["instances", "send-event", "orders", "one", "--type", "a b"];
    commands.refused(&event, 2, "is no type of events").await;
    commands
        .refused(
            &["instances", "list", "orders", "--status", "done"],
            2,
            "possible values",
        )
        .await;
}
