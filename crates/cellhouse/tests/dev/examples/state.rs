//! `examples/state`: every method of State, each by its route.

use serde_json::json;

use super::run;

#[tokio::test]
async fn put_get_details_and_delete() {
    let (_project, app) = run("state").await;
    assert_eq!(app.get("/greeting").await.json(), json!({ "value": null }));

    app.put("/greeting", "").await.expect(201);
    assert_eq!(
        app.get("/greeting").await.json(),
        json!({ "value": { "message": "hello" } })
    );
    let details = app.get("/greeting/details").await.json();
    assert_eq!(details["value"], json!({ "message": "hello" }));
    assert_eq!(details["metadata"], json!({ "source": "example" }));

    app.delete("/greeting").await.expect(200);
    assert_eq!(app.get("/greeting").await.json(), json!({ "value": null }));
}

#[tokio::test]
async fn a_key_that_nobody_wrote_is_null() {
    let (_project, app) = run("state").await;
    assert_eq!(app.get("/my-key").await.json(), json!({ "value": null }));
}

#[tokio::test]
async fn json_with_cache_ttl_and_metadata_on_the_console() {
    let (_project, app) = run("state").await;
    app.put("/settings", r#"{"theme":"dark"}"#)
        .await
        .expect(201);
    assert_eq!(
        app.get("/settings").await.json(),
        json!({ "settings": { "theme": "dark" } })
    );

    let mark = app.events().mark();
    let details = app.get("/settings/details").await.json();
    assert_eq!(details["metadata"], json!({ "updatedBy": "admin" }));
    let said = |text: &'static str| {
        app.events().find(mark, move |event| {
            event["event"] == "console" && event["message"].as_str().unwrap_or("").contains(text)
        })
    };
    assert!(said("theme").await.is_some());
    assert!(said("updatedBy").await.is_some());
}

#[tokio::test]
async fn bytes_go_in_as_a_stream_and_come_out_unchanged() {
    let (_project, app) = run("state").await;
    app.get("/avatar").await.expect(404);
    let picture: Vec<u8> = (0..100_000_u32).map(|i| (i * 31 % 256) as u8).collect();
    app.put("/avatar", picture.clone()).await.expect(201);
    assert_eq!(app.get("/avatar").await.expect(200).body, picture);
}

#[tokio::test]
async fn set_is_put_without_options() {
    let (_project, app) = run("state").await;
    app.put("/username", "").await.expect(201);
    let first = app.get("/username").await.json();
    assert_eq!(first["value"], "alice");
    assert_eq!(first["metadata"], json!({ "updatedBy": "admin" }));

    app.post("/username").await.expect(201);
    let second = app.get("/username").await.json();
    assert_eq!(second["value"], "alice");
    assert_eq!(second["metadata"], json!(null));

    app.delete("/username").await.expect(200);
    assert_eq!(app.get("/username").await.json()["value"], json!(null));
}

#[tokio::test]
async fn bulk_get_and_list() {
    let (_project, app) = run("state").await;
    app.put("/users", "").await.expect(201);
    assert_eq!(
        app.get("/users/both").await.json(),
        json!({ "user1": { "name": "Ada" }, "found": ["user:1", "user:2"] })
    );
    assert_eq!(
        app.get("/users").await.json(),
        json!({ "names": ["user:1", "user:2"], "complete": true })
    );
}

#[tokio::test]
async fn update_creates_what_is_missing() {
    let (_project, app) = run("state").await;
    let user = app.post("/promotion").await.expect(200).json();
    assert_eq!(user["role"], "admin");
    assert!(user["updatedAt"].is_u64(), "{user}");
}

#[tokio::test]
async fn all_five_operators_and_dotted_paths() {
    let (_project, app) = run("state").await;
    assert_eq!(
        app.post("/operators").await.expect(200).json(),
        json!({
            "queue": ["b"],
            "array": [9, 2],
            "name": "Alice",
            "visits": 1,
            "tags": ["new-tag"],
            "nested": { "field": true },
        })
    );
}

#[tokio::test]
async fn the_root_lists_the_routes() {
    let (_project, app) = run("state").await;
    let routes = app.get("/").await.expect(200).json();
    assert_eq!(routes["routes"][0], "PUT /greeting");
    app.get("/elsewhere").await.expect(404);
}
