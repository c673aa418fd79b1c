//! `examples/wrangler-d1` and `examples/ploy-db`: databases, with the commands that their READMEs name.

use serde_json::json;

use super::run;

#[tokio::test]
async fn a_d1_database_from_wrangler_toml() {
    let (project, app) = run("wrangler-d1").await;
    let applied = project
        .command(&["d1", "migrations", "apply", "MY_DB"])
        .run()
        .await;
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    assert_eq!(applied.stdout, "applied 0001_users.sql\n");
    let user = json!({ "id": 1, "email": "user@example.com", "credits": 10 });
    assert_eq!(app.get("/").await.expect(200).json(), user);
    let added = app.post("/users?email=b@example.com").await.expect(201);
    assert_eq!(added.json(), json!({ "id": 2 }));
    let again = app.post("/users?email=b@example.com").await.expect(409);
    assert!(
        again
            .text()
            .starts_with("D1_ERROR: UNIQUE constraint failed: Users.email"),
        "{}",
        again.text()
    );
    let moves = "/credits?email=user@example.com&to=b@example.com&amount=";
    let moved = app.post(&format!("{moves}3")).await.expect(200);
    assert_eq!(moved.json(), json!({ "left": 7 }));
    app.post(&format!("{moves}8")).await.expect(409);
    let shown = project
        .command(&["d1", "execute", "users", "--json", "--command"])
        .arguments(&["SELECT credits FROM Users ORDER BY id"])
        .run()
        .await;
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(
        shown[0]["results"],
        json!([{ "credits": 7 }, { "credits": 13 }])
    );
}

#[tokio::test]
async fn a_database_from_ploy_yaml() {
    let (project, app) = run("ploy-db").await;
    let applied = project
        .command(&["d1", "migrations", "apply", "DB", "--json"])
        .run()
        .await;
    assert_eq!(applied.stdout, "{\"applied\":[\"0001_notes.sql\"]}\n");
    let added = app.client().send("POST", "/", "milk\nbread").await;
    assert_eq!(added.expect(201).json(), json!([1, 2]));
    app.put("/1", "").await.expect(204);
    app.put("/3", "").await.expect(404);
    assert_eq!(
        app.get("/").await.json(),
        json!([{ "id": 1, "text": "milk", "done": 1 }, { "id": 2, "text": "bread", "done": 0 }])
    );
}
