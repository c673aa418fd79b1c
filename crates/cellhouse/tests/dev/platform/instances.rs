//! Cloudflare's Workflows in real processes: beside miniflare from npm, over kill -9, of another app, and with a
//! config that names what is not there.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{App, Project, eventually};

const CASES: &str = include_str!("instances/cases.js");
const KILL: &str = include_str!("instances/kill.js");

/// miniflare's engine does not keep the messages of a NonRetryableError.
const CONFIG: &str = r#"
name = "app"
main = "worker.js"
compatibility_date = "2026-07-01"
compatibility_flags = ["workflows_replace_non_retryable_error_message"]
[[workflows]]
name = "flow"
binding = "FLOW"
class_name = "Flow"
"#;
const NO_RUN: &str = "[[workflows]]\nname = 'no-run'\nbinding = 'NORUN'\nclass_name = 'NoRun'\n";
const KV: &str = "[[kv_namespaces]]\nbinding = 'KV'\nid = 'kv'\n";

fn of_miniflare(project: &Project) -> Value {
    let options = json!({
        "scriptPath": "worker.js",
        "compatibilityDate": "2026-07-01",
        "workflows": {
            "FLOW": { "name": "flow", "className": "Flow" },
            "NORUN": { "name": "no-run", "className": "NoRun" },
        },
    });
    project.write("miniflare.json", &options.to_string());
    let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let output = Command::new("node")
        .arg(node.join("miniflare_answers.mjs"))
        .arg(project.path().join("miniflare.json"))
        .arg("/")
        .current_dir(project.path())
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let bodies: Vec<String> = serde_json::from_slice(&output.stdout).expect("an array");
    serde_json::from_str(&bodies[0]).unwrap_or_else(|error| panic!("{error}: {}", bodies[0]))
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_do_what_those_of_miniflare_do() {
    let project = Project::empty()
        .with("wrangler.toml", &[CONFIG, NO_RUN].concat())
        .with("worker.js", CASES);
    // What a run leaves in a variable of the module is there for the next.
    let app = project.dev().arguments(&["--isolates", "1"]).start().await;
    let ours = app.get("/").await.expect(200).json();
    let theirs = of_miniflare(&project);
    let (ours, theirs) = (ours.as_array().unwrap(), theirs.as_array().unwrap());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours, theirs, "Cellhouse left, miniflare right");
    }
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.len() > 40, "{}", ours.len());
}

/// `[step, time, token]` of every call of a step's function.
async fn effects(app: &App) -> Vec<[String; 3]> {
    serde_json::from_value(app.get("/effects").await.expect(200).json()).expect("a list")
}

#[tokio::test]
async fn a_step_that_is_done_is_not_run_again_however_often_the_process_is_killed() {
    let project = Project::empty()
        .with("wrangler.toml", &[CONFIG, KV].concat())
        .with("worker.js", KILL);
    let mut app = project.dev().start().await;
    app.get("/start").await.expect(200);
    let mut kills = 0;
    // In a step; beside others; between attempts; asleep, with an event that comes before it is waited for.
    for count in [1, 3, 5, 7, 8] {
        eventually("so many calls", async || effects(&app).await.len() >= count).await;
        if count == 7 {
            app.get("/end").await.expect(200);
        }
        app.kill().await;
        kills += 1;
        app = project.dev().start().await;
    }
    let mut ended = Value::Null;
    eventually("it ends", async || {
        ended = app.get("/status").await.json();
        ended["status"] != "running" && ended["status"] != "waiting"
    })
    .await;
    assert_eq!(ended["status"], "complete", "{ended}");
    assert_eq!(ended["output"]["payload"], 7);
    let given = ended["output"]["given"].as_object().expect("tokens");
    assert_eq!(given.len(), 7);
    let effects = effects(&app).await;
    for (step, token) in given {
        let calls: Vec<_> = effects.iter().filter(|[name, ..]| name == step).collect();
        let last = calls.iter().max_by_key(|[_, time, _]| time.clone());
        assert_eq!(
            last.map(|[.., last]| last.as_str()),
            token.as_str(),
            "{step}: nothing runs after what was written down"
        );
        let failures = if step == "shaky" { 2 } else { 0 };
        assert!(calls.len() <= 1 + failures + kills, "{step}: {calls:?}");
    }
}

const WAITS: &str = r#"
import { WorkflowEntrypoint } from "cloudflare:workers";
export class Flow extends WorkflowEntrypoint {
    async run({ payload }, step) {
        if (payload.forever) return await step.do("never", { retries: { limit: 1e9, delay: 1, backoff: "constant" } }, async () => { throw new Error("never"); });
        if (payload.stream) {
            const bytes = await step.do("stream", async () => new Response("x".repeat(700_000)).body);
            await step.sleep("so that it is read again", 6000);
            return (await new Response(bytes).text()).length;
        }
        if (payload.late) {
            let first;
            try {
                await step.do("late", { retries: { limit: 0, delay: 0 }, timeout: 100 }, async () => {
                    await scheduler.wait(500);
                    return "late";
                });
            } catch (error) {
                first = error.message;
            }
            await step.sleep("so that it is come to again", 6000);
            return first;
        }
        await step.sleepUntil("tomorrow", Date.now() + 86_400_000);
    }
}
export default { async fetch(request, env) {
    const [, what, id] = new URL(request.url).pathname.split("/");
    try {
        if (what === "start") return Response.json((await env.FLOW.create({ params: { [id]: true } })).id);
        if (what === "duplicate") return Response.json((await env.FLOW.create({ id })).id);
        const instance = await env.FLOW.get(id);
        if (what === "send") await instance.sendEvent({ type: "go", payload: 1 });
        else if (what !== "status") await instance[what]();
        return Response.json(await instance.status());
    } catch (error) {
        return new Response(String(error), { status: 400 });
    }
} };
"#;

async fn started(app: &App, what: &str) -> String {
    let id = app.get(&format!("/start/{what}")).await.expect(200).json();
    id.as_str().expect("an id").to_owned()
}

async fn becomes(app: &App, id: &str, status: &str) -> Value {
    let mut found = Value::Null;
    eventually(status, async || {
        found = app.get(&format!("/status/{id}")).await.expect(200).json();
        found["status"] == status
    })
    .await;
    found
}

#[tokio::test]
async fn what_waits_says_so_and_what_never_succeeds_can_be_ended() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", WAITS);
    let app = project.dev().start().await;
    let asleep = started(&app, "sleep").await;
    let forever = started(&app, "forever").await;
    let stream = started(&app, "stream").await;
    let late = started(&app, "late").await;
    becomes(&app, &asleep, "waiting").await;
    app.get(&format!("/terminate/{forever}")).await.expect(200);
    becomes(&app, &forever, "terminated").await;
    let taken = app.get(&format!("/duplicate/{asleep}")).await.expect(400);
    assert_eq!(
        taken.text(),
        "Error: (instance.already_exists) Instance already exists"
    );
    let none = app.get("/status/none").await.expect(400);
    assert_eq!(
        none.text(),
        "Error: (instance.not_found) Instance not found"
    );
    let over = app.get(&format!("/send/{forever}")).await.expect(400);
    let text = "Error: (instance.cannot_send_event) Cannot send an event to an instance that is terminated";
    assert_eq!(over.text(), text);
    app.get(&format!("/pause/{asleep}")).await.expect(200);
    becomes(&app, &asleep, "paused").await;
    let read = becomes(&app, &stream, "complete").await;
    assert_eq!(read["output"], 700_000);
    let late = becomes(&app, &late, "complete").await;
    assert_eq!(late["output"], "Execution timed out after 100ms");
}

#[tokio::test]
async fn a_class_that_is_not_there_is_an_error_with_its_place() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("worker.js", "export class Flow {} export default {};");
    let exit = project.command(&["dev", "--port", "0"]).run().await;
    assert_ne!(exit.code, Some(0));
    let said = format!("{exit:?}");
    for part in [
        "the app exports no class `Flow` that extends WorkflowEntrypoint",
        "the Workflow `flow`",
        "wrangler.toml",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn an_app_creates_instances_of_a_class_of_another() {
    let bound = CONFIG.replace("\"app\"", "\"caller\"") + "script_name = \"app\"\n";
    let caller = "export default { async fetch(request, env) {
        try {
            const instance = await env.FLOW.create({ params: 20 });
            for (;;) {
                const found = await instance.status();
                if (found.status === 'complete') return Response.json(found.output);
                await scheduler.wait(20);
            }
        } catch (error) { return new Response(String(error), { status: 400 }); }
    } };";
    let class = "import { WorkflowEntrypoint } from 'cloudflare:workers';
        export class Flow extends WorkflowEntrypoint {
            async run({ payload }, step) { return await step.do('double', async () => 2 * payload); }
        }
        export default {};";
    let project = Project::empty()
        .with("caller/wrangler.toml", &bound)
        .with("caller/worker.js", caller)
        .with("app/wrangler.toml", CONFIG)
        .with("app/worker.js", class);
    let together = ["-c", "caller/wrangler.toml", "-c", "app/wrangler.toml"];
    let app = project.dev().arguments(&together).start().await;
    assert_eq!(app.get("/").await.expect(200).json(), 40);
    app.kill().await;
    let alone = project.dev().arguments(&together[..2]).start().await;
    let refused = alone.get("/").await.expect(400);
    assert!(
        refused.text().contains("\"app\", which does not run here"),
        "{}",
        refused.text()
    );
}
