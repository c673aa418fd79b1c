//! `examples/wrangler-storage`: KV, D1, Durable Objects and R2 side by side.

use serde_json::json;

use super::run;
use crate::support::full;

#[tokio::test]
async fn each_kind_of_state_does_what_it_is_best_at() {
    let (_project, app) = run("wrangler-storage").await;
    app.put("/texts/de", "Willkommen").await.expect(204);
    assert_eq!(app.get("/texts/de").await.text(), "Willkommen");
    assert_eq!(app.get("/texts/fr").await.text(), "Welcome");

    for (lot, start) in [("vase", 50), ("ring", 500), ("book", 5)] {
        let lot = format!("/lots/{lot}");
        app.put(&lot, format!("{{\"start\": {start}}}"))
            .await
            .expect(204);
    }
    assert_eq!(
        app.get("/lots?most=100").await.json(),
        json!([{"name": "book", "start": 5}, {"name": "vase", "start": 50}])
    );
    app.put("/lots/vase", "{\"start\": 1}").await.expect(500);

    let bid = async |by: &str, amount: u32| {
        let body = json!({"by": by, "amount": amount}).to_string();
        app.client().send("POST", "/bids/vase", body).await
    };
    bid("ada", 60).await.expect(201);
    let refused = bid("bob", 55).await.expect(409).json();
    assert_eq!(refused["highest"], json!({"by": "ada", "amount": 60}));
    // Of many bids of one moment exactly one is the highest.
    let bidders: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    let replies = bidders.iter().map(|by| bid(by, 100));
    let replies = futures_util::future::join_all(replies).await;
    let accepted = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(accepted, 1);

    let picture: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let put = app
        .client()
        .request("PUT", "/pictures/vase")
        .header("content-type", "image/png")
        .body(full(picture.clone()));
    app.client().call(put.expect("a request")).await.expect(204);
    let got = app.get("/pictures/vase").await.expect(200);
    assert_eq!(got.header("content-type"), "image/png");
    assert_eq!(got.body, picture);
    app.get("/pictures/none").await.expect(404);
}
