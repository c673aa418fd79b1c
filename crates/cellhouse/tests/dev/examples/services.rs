//! `examples/services`: two apps, one port.

use serde_json::json;

use crate::support::Project;

#[tokio::test]
async fn an_app_calls_another() {
    let project = Project::example("services");
    let configs = ["-c", "wrangler.jsonc", "-c", "accounts/wrangler.jsonc"];
    let app = project.dev().arguments(&configs).start().await;
    assert_eq!(app.put("/accounts/ada", "5").await.expect(200).text(), "5");
    let balance = app.get("/balance/ada").await.expect(200).json();
    assert_eq!(balance, json!({ "name": "ada", "balance": 5 }));
    let unknown = app.get("/balance/bob").await.expect(404);
    assert_eq!(unknown.text(), "RangeError: bob has no account\n");
    assert_eq!(app.get("/pay/ada").await.json(), json!([15, 12]));
    assert_eq!(app.get("/credit/ada").await.json(), json!(5));
    assert_eq!(app.get("/credit/ada").await.json(), json!(10));
    let audit = app.get("/audit").await.json();
    let entries = ["balance of ada", "balance of bob", "opened ada"];
    assert_eq!(audit, json!({ "asked": "front", "entries": entries }));
    let greeting = app.get("/greet/ada?language=de").await;
    assert_eq!(greeting.text(), "Guten Tag, ada!\n");
}
