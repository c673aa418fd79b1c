//! Ploy's workflows in real processes: steps run once, sleeps and retries survive kill -9, ends are what they are.

use serde_json::{Value, json};

use crate::support::{App, Project, eventually};

const CONFIG: &str = "workflow:
  ORDERS: orders
  QUICK: { name: quick, timeout: 1, step_timeout: 1, retries: 0 }
state:
  STATE: default
";

/// Each run of a step is counted in State, under the step's name.
const CODE: &str = r#"
const count = (env, what) => env.STATE.update("counts", { $inc: { [what]: 1 } });
export default {
    async fetch(request, env) {
        const [, binding, id] = new URL(request.url).pathname.split("/");
        if (binding === "counts") return Response.json((await env.STATE.get("counts", "json")) ?? {});
        const workflow = env[binding];
        try {
            if (request.method === "POST") {
                const text = await request.text();
                return Response.json(await (text === "" ? workflow.trigger() : workflow.trigger(JSON.parse(text))));
            }
            if (request.method === "DELETE") await workflow.cancel(id);
            return Response.json(await workflow.getExecution(id));
        } catch (error) {
            return new Response(String(error), { status: 400 });
        }
    },
    workflows: {
        orders: {
            async handler({ input, env, step }) {
                await count(env, "begins");
                const first = await step.run("first", async () => {
                    await count(env, "first");
                    return { doubled: (input?.n ?? 0) * 2 };
                });
                for (let turn = 0; turn < 2; turn++) await step.run("turn", () => count(env, "turn"));
                if (input?.sleep) await step.sleep(input.sleep);
                if (input?.retry) {
                    await step.run("shaky", async () => {
                        await count(env, "shaky");
                        if ((await env.STATE.get("counts", "json")).shaky < 2) throw new Error("shaky");
                    });
                }
                if (input?.caught) {
                    try {
                        await step.run("bad", () => { throw new RangeError("bad"); }, { retries: 0 });
                    } catch (error) {
                        await step.sleep(6000);
                        return `${error.name}: ${error.message}`;
                    }
                }
                if (input?.fail) throw new TypeError("no luck");
                return input && first.doubled;
            },
            async onError(error, { input, env, step }) {
                await step.run("tell", () => count(env, `error ${error.message} ${input.n}`));
            },
        },
        quick: {
            async handler({ input, step }) {
                if (input === "step") await step.run("slow", () => new Promise((done) => setTimeout(done, 1e9)));
                await new Promise((done) => setTimeout(done, 1e9));
            },
        },
    },
} satisfies Ploy;
"#;

async fn start() -> (Project, App) {
    let project = Project::ploy(CONFIG, CODE);
    let app = project.dev().start().await;
    (project, app)
}

async fn trigger(app: &App, binding: &str, input: Option<Value>) -> String {
    let body = input.map_or(String::new(), |input| input.to_string());
    let reply = app
        .client()
        .send("POST", &format!("/{binding}/"), body)
        .await;
    reply.expect(200).json()["executionId"]
        .as_str()
        .expect("an id")
        .to_owned()
}

async fn execution(app: &App, binding: &str, id: &str) -> Value {
    app.get(&format!("/{binding}/{id}"))
        .await
        .expect(200)
        .json()
}

async fn over(app: &App, binding: &str, id: &str) -> Value {
    let mut found = Value::Null;
    eventually("the execution ends", async || {
        found = execution(app, binding, id).await;
        found["status"] != "pending" && found["status"] != "running"
    })
    .await;
    found
}

async fn counts(app: &App) -> Value {
    app.get("/counts").await.json()
}

#[tokio::test]
async fn an_execution_runs_its_steps_and_gives_its_result() {
    let (_project, app) = start().await;
    let id = trigger(&app, "ORDERS", Some(json!({ "n": 21 }))).await;
    let found = over(&app, "ORDERS", &id).await;
    assert_eq!(
        (&found["status"], &found["output"], &found["input"]),
        (&json!("completed"), &json!(42), &json!({ "n": 21 }))
    );
    assert!(found["startedAt"].as_str().unwrap() <= found["completedAt"].as_str().unwrap());
    assert_eq!(
        counts(&app).await,
        json!({ "begins": 1, "first": 1, "turn": 2 })
    );
    // Without an input, and without a result.
    let id = trigger(&app, "ORDERS", None).await;
    let found = over(&app, "ORDERS", &id).await;
    assert_eq!(
        (&found["status"], &found["output"]),
        (&json!("completed"), &Value::Null)
    );
}

#[tokio::test]
async fn a_sleep_and_what_was_done_survive_kill_9() {
    let (project, app) = start().await;
    let id = trigger(
        &app,
        "ORDERS",
        Some(json!({ "n": 1, "sleep": 6000, "retry": true })),
    )
    .await;
    eventually("it sleeps", async || counts(&app).await["turn"] == 2).await;
    app.kill().await;
    let app = project.dev().start().await;
    let found = over(&app, "ORDERS", &id).await;
    assert_eq!(
        (&found["status"], &found["output"]),
        (&json!("completed"), &json!(2))
    );
    let counts = counts(&app).await;
    assert_eq!(
        (&counts["first"], &counts["turn"], &counts["shaky"]),
        (&json!(1), &json!(2), &json!(2))
    );
}

#[tokio::test]
async fn a_step_that_failed_for_good_fails_in_the_same_way_when_it_is_come_to_again() {
    let (_project, app) = start().await;
    let id = trigger(&app, "ORDERS", Some(json!({ "caught": true }))).await;
    let found = over(&app, "ORDERS", &id).await;
    assert_eq!(found["output"], "RangeError: bad");
    assert_eq!(counts(&app).await["begins"], 2, "it left while it slept");
}

#[tokio::test]
async fn a_handler_that_throws_has_failed_and_on_error_hears_of_it() {
    let (_project, app) = start().await;
    let id = trigger(&app, "ORDERS", Some(json!({ "n": 7, "fail": true }))).await;
    let found = over(&app, "ORDERS", &id).await;
    assert_eq!(
        (&found["status"], &found["errorMessage"]),
        (&json!("failed"), &json!("no luck"))
    );
    assert_eq!(counts(&app).await["error no luck 7"], 1);
}

#[tokio::test]
async fn what_takes_too_long_fails_and_says_so() {
    let (_project, app) = start().await;
    let step = trigger(&app, "QUICK", Some(json!("step"))).await;
    let whole = trigger(&app, "QUICK", Some(json!("whole"))).await;
    for id in [step, whole] {
        let found = over(&app, "QUICK", &id).await;
        assert_eq!(found["status"], "failed");
        let message = found["errorMessage"].as_str().unwrap();
        assert!(message.ends_with("took longer than 1 s"), "{message}");
    }
}

#[tokio::test]
async fn cancelling_and_asking_for_what_is_not_there() {
    let (_project, app) = start().await;
    let id = trigger(&app, "ORDERS", Some(json!({ "sleep": 3000 }))).await;
    eventually("it runs", async || counts(&app).await["turn"] == 2).await;
    app.delete(&format!("/ORDERS/{id}")).await.expect(200);
    assert_eq!(over(&app, "ORDERS", &id).await["status"], "cancelled");
    let reply = app.get("/ORDERS/nothing").await.expect(400);
    assert_eq!(
        reply.text(),
        "Error: there is no execution \"nothing\" of this workflow"
    );
}
