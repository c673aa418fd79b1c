//! `examples/wrangler-queues` and `examples/ploy-workflow`: what runs beside requests.

use serde_json::{Value, json};

use super::run;
use crate::support::{App, eventually};

async fn order(app: &App, body: Value) -> String {
    let reply = app.client().send("POST", "/orders", body.to_string()).await;
    reply.expect(202).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[tokio::test]
async fn orders_are_handled_or_fail_and_the_report_counts_them() {
    let (_project, app) = run("wrangler-queues").await;
    let good = order(&app, json!({ "cents": 1200 })).await;
    let bad = order(&app, json!({ "cents": "many" })).await;
    eventually("the good one is handled", async || {
        app.get(&format!("/orders/{good}")).await.json()["cents"] == 1200
    })
    .await;
    eventually("the bad one is in the other queue", async || {
        app.get(&format!("/orders/{bad}")).await.json()["failed"] == true
    })
    .await;
    app.get("/cdn-cgi/handler/scheduled?time=1700000000000")
        .await
        .expect(200);
    let report = json!({ "at": 1_700_000_000_000_u64, "done": 1, "failed": 1 });
    assert_eq!(app.get("/report").await.json(), report);
}

async fn letters(app: &App, name: &str) -> usize {
    let listed = app.get(&format!("/letters/{name}")).await.json();
    listed["keys"].as_array().expect("a list").len()
}

#[tokio::test]
async fn a_welcome_goes_on_after_kill_9() {
    let (project, app) = run("ploy-workflow").await;
    let reply = app.post("/users/ada?pause=6000").await.expect(200).json();
    let run = format!("/runs/{}", reply["executionId"].as_str().expect("an id"));
    eventually("the first mail", async || letters(&app, "ada").await == 1).await;
    app.kill().await;
    let app = project.dev().start().await;
    eventually("it is complete", async || {
        app.get(&run).await.json()["status"] == "completed"
    })
    .await;
    assert_eq!(
        app.get(&run).await.json()["output"],
        "ada has heard of us twice"
    );
    eventually("the second mail", async || letters(&app, "ada").await == 2).await;
    app.put("/reminders/bob?in=0", "").await.expect(200);
    eventually("the reminder", async || letters(&app, "bob").await == 1).await;
    eventually("the cron line", async || {
        app.get("/ticks").await.json()["count"].as_u64() > Some(0)
    })
    .await;
}
