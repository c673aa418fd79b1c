//! `examples/wrangler-workflows`: a refund that waits, is killed, and goes on.

use serde_json::{Value, json};

use super::run;
use crate::support::{App, eventually};

async fn refund(app: &App, order: Value) -> String {
    let client = app.client();
    let reply = client
        .send("POST", "/refunds?pause=100", order.to_string())
        .await;
    let id = reply.expect(202).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    format!("/refunds/{id}")
}

async fn becomes(app: &App, refund: &str, status: &str) -> Value {
    let mut found = Value::Null;
    eventually(status, async || {
        found = app.get(refund).await.expect(200).json();
        found["status"] == status
    })
    .await;
    found
}

#[tokio::test]
async fn a_refund_is_booked_once_it_is_approved_also_after_kill_9() {
    let (project, app) = run("wrangler-workflows").await;
    let good = refund(&app, json!({ "order": "a-1", "cents": 1200 })).await;
    let bad = refund(&app, json!({ "order": "a-2", "cents": 0 })).await;
    let given_up = refund(&app, json!({ "order": "a-3", "cents": 5 })).await;
    let failed = becomes(&app, &bad, "errored").await;
    assert_eq!(
        failed["error"],
        json!({ "name": "NonRetryableError", "message": "0 cents cannot be given back" })
    );
    becomes(&app, &good, "waiting").await;
    app.delete(&given_up).await.expect(200);
    becomes(&app, &given_up, "terminated").await;
    app.kill().await;
    let app = project.dev().start().await;
    becomes(&app, &good, "waiting").await;
    let approval = good.replace("/refunds/", "/approvals/");
    app.put(&approval, "Ada").await.expect(200);
    let ended = becomes(&app, &good, "complete").await;
    assert_eq!(ended["output"]["approvedBy"], "Ada");
    let letter = app.get("/letters/a-1").await.expect(200);
    assert_eq!(letter.text(), "1200 cents are on their way, says Ada.");
}
