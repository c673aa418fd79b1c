//! `examples/objects`: a class of Durable Objects for each section of the document that stores something.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::run;
use crate::support::App;

async fn send(app: &App, path: &str, body: Value) -> (u16, Value) {
    let reply = app.client().send("POST", path, body.to_string()).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn a_counter_loses_no_increment() {
    let (_project, app) = run("objects").await;
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let client = app.client().clone();
        clients.spawn(async move {
            for _ in 0..25 {
                let path = "/counters/visits/increment";
                client.send("POST", path, "").await.expect(200);
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.expect("the client ends");
    }
    let count = app.get("/counters/visits/get").await.expect(200);
    assert_eq!(count.text(), r#"{"count":200}"#);
    let other = app.get("/counters/other/get").await.json();
    assert_eq!(other, json!({ "count": 0 }), "another object");
    app.get("/counters/visits/elsewhere").await.expect(404);
}

#[tokio::test]
async fn a_counter_without_a_name_is_found_by_its_id() {
    let (_project, app) = run("objects").await;
    let made = app.post("/ids/new").await.expect(201).json();
    let id = made["id"].as_str().expect("an id");
    assert_eq!(id.len(), 64);
    for expected in 1..=3 {
        let counted = app.post(&format!("/ids/{id}/increment")).await.expect(200);
        assert_eq!(counted.json(), json!({ "count": expected }));
    }
    let error = app.get("/ids/zz/get").await.expect(409).json();
    let expected = json!({ "error": "Invalid Durable Object ID: must be 64 hex digits" });
    assert_eq!(error, expected);
}

#[tokio::test]
async fn money_moves_and_is_never_made() {
    let (_project, app) = run("objects").await;
    app.post("/accounts/ada/deposit?amount=100")
        .await
        .expect(200);
    let mut transfers = JoinSet::new();
    for _ in 0..10 {
        let client = app.client().clone();
        transfers.spawn(async move {
            let path = "/accounts/ada/transfer?amount=7&to=bob";
            client.send("POST", path, "").await.expect(200);
        });
    }
    while let Some(transfer) = transfers.join_next().await {
        transfer.expect("the transfer is done");
    }
    let balance = async |name: &str| {
        let reply = app.get(&format!("/accounts/{name}/balance")).await;
        reply.expect(200).json()["balance"].clone()
    };
    assert_eq!(
        (balance("ada").await, balance("bob").await),
        (json!(30), json!(70))
    );

    let refused = app.post("/accounts/ada/transfer?amount=31&to=bob").await;
    assert_eq!(
        refused.expect(409).json(),
        json!({ "error": "Insufficient funds" })
    );
    assert_eq!(balance("ada").await, json!(30));
}

#[tokio::test]
async fn a_session_remembers() {
    let (_project, app) = run("objects").await;
    let path = "/sessions/ada";
    assert_eq!(app.get(path).await.json(), json!({ "visits": 0 }));
    app.put(path, r#"{"name":"Ada"}"#).await.expect(204);
    assert_eq!(
        app.get(path).await.json(),
        json!({ "visits": 1, "user": { "name": "Ada" } })
    );
}

#[tokio::test]
async fn a_purchase_takes_all_or_nothing() {
    let (_project, app) = run("objects").await;
    let restock = json!({ "items": ["tea", "tea", "milk"] });
    assert_eq!(
        send(&app, "/inventories/shop/restock", restock).await.0,
        200
    );
    let order = json!({ "items": ["tea", "milk"] });
    let purchase = "/inventories/shop/purchase";
    assert_eq!(send(&app, purchase, order.clone()).await.0, 200);
    let (status, error) = send(&app, purchase, order).await;
    assert_eq!(
        (status, error),
        (409, json!({ "error": "Out of stock: milk" }))
    );
    let stock = app.get("/inventories/shop/stock").await.json();
    assert_eq!(
        stock,
        json!({ "milk": 0, "tea": 1 }),
        "the tea went back on the shelf"
    );
}

#[tokio::test]
async fn the_limiter_counts_each_user_alone() {
    let (_project, app) = run("objects").await;
    for expected in [200, 200, 429, 429] {
        app.get("/limits/ada?max=2").await.expect(expected);
    }
    app.get("/limits/bob?max=2").await.expect(200);
}

#[tokio::test]
async fn the_leaderboard_keeps_the_best() {
    let (_project, app) = run("objects").await;
    for (user, score) in [("ada", 12), ("bob", 30), ("ada", 7), ("cleo", 20)] {
        let path = format!("/leaderboards/chess/{user}?score={score}");
        app.post(&path).await.expect(200);
    }
    let top = app.get("/leaderboards/chess?limit=2").await.json();
    let expected = json!([{ "userId": "bob", "score": 30 }, { "userId": "cleo", "score": 20 }]);
    assert_eq!(top, expected);
    let all = app.get("/leaderboards/chess").await.json();
    assert_eq!(all[2], json!({ "userId": "ada", "score": 12 }));
    assert_eq!(app.get("/leaderboards/go").await.json(), json!([]));
}

#[tokio::test]
async fn all_of_it_is_there_after_a_restart() {
    let (project, app) = run("objects").await;
    app.post("/counters/visits/increment").await.expect(200);
    app.post("/accounts/ada/deposit?amount=5").await.expect(200);
    app.kill().await;
    let app = project.dev().start().await;
    let count = app.get("/counters/visits/get").await.json();
    assert_eq!(count, json!({ "count": 1 }));
    let balance = app.get("/accounts/ada/balance").await.json();
    assert_eq!(balance, json!({ "balance": 5 }));
}
