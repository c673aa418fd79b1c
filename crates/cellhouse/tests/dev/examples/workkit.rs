//! `examples/workkit-*`: the typed KV client, with nothing installed.

use serde_json::json;

use super::run;
use crate::support::{App, Reply, full};

#[tokio::test]
async fn users_are_put_read_listed_and_deleted() {
    let (_project, app) = run("workkit-kv").await;
    app.get("/users/dora").await.expect(404);
    app.put("/users/dora", r#"{"name":"Dora","role":"user"}"#)
        .await
        .expect(201);
    assert_eq!(
        app.get("/users/dora").await.expect(200).json(),
        json!({ "id": "dora", "name": "Dora", "role": "user", "seen": true })
    );
    assert_eq!(
        app.get("/raw/dora").await.expect(200).json(),
        json!({ "full": "user:dora", "bare": "dora", "text": r#"{"name":"Dora","role":"user","id":"dora"}"# })
    );
    app.client()
        .send("HEAD", "/users/dora", "")
        .await
        .expect(200);
    app.client()
        .send("DELETE", "/users/dora", "")
        .await
        .expect(204);
    app.client()
        .send("HEAD", "/users/dora", "")
        .await
        .expect(404);
}

#[tokio::test]
async fn many_users_at_once() {
    let (_project, app) = run("workkit-kv").await;
    app.post("/staff").await.expect(201);
    assert_eq!(
        app.get("/staff?names=bob,nobody,alice").await.json(),
        json!({ "bob": "Bob", "alice": "Alice" })
    );
    assert_eq!(
        app.get("/keys?prefix=active:").await.json(),
        json!({ "names": [{ "name": "active:carol", "expires": true }], "all": 3 })
    );
    app.client().send("DELETE", "/staff", "").await.expect(204);
    assert_eq!(
        app.get("/keys").await.json(),
        json!({ "names": [], "all": 0 })
    );
}

#[tokio::test]
async fn what_kv_does_not_take_is_refused_before_anything_is_written() {
    let (_project, app) = run("workkit-kv").await;
    let refused = app.put("/raw/k?ttl=30", "v").await.expect(500);
    assert!(
        refused.text().contains("at least 60; this is 30"),
        "{refused:?}"
    );
    let empty = app.get("/users/").await.expect(500);
    assert!(
        empty.text().contains("a key must not be empty"),
        "{empty:?}"
    );
    app.put("/raw/user:k?ttl=60", "[1]").await.expect(201);
    assert_eq!(app.get("/raw/k").await.json()["text"], "[1]");
}

#[tokio::test]
async fn a_slow_source_is_asked_once() {
    let (_project, app) = run("workkit-caching").await;
    let first = app.get("/lima").await.expect(200).json();
    assert_eq!(first, json!({ "city": "lima", "degrees": 4, "asked": 1 }));
    assert_eq!(app.get("/lima").await.json(), first);
    assert_eq!(app.get("/quito").await.json()["asked"], 2);
}

#[tokio::test]
async fn a_session_lasts_from_login_to_logout() {
    let (_project, app) = run("workkit-sessions").await;
    app.get("/").await.expect(401);
    let login = app.post("/login").await.expect(201);
    assert_eq!(
        with_session(&app, "GET", "/", &login)
            .await
            .expect(200)
            .json(),
        json!({ "userId": "user-123", "role": "admin" })
    );
    with_session(&app, "POST", "/logout", &login)
        .await
        .expect(204);
    with_session(&app, "GET", "/", &login).await.expect(401);

    let ended = app.post("/login?days=-1").await.expect(201);
    with_session(&app, "GET", "/", &ended).await.expect(401);
}

/// Sends the cookie that a login answered with.
async fn with_session(app: &App, method: &str, path: &str, login: &Reply) -> Reply {
    let cookie = login
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap_or_default();
    let client = app.client();
    let request = client
        .request(method, path)
        .header("cookie", cookie)
        .body(full(""))
        .expect("a request");
    client.call(request).await
}

#[tokio::test]
async fn a_share_of_the_users_has_the_feature() {
    let (_project, app) = run("workkit-feature-flags").await;
    let enabled = async |path: &str| app.get(path).await.expect(200).json()["enabled"] == true;
    assert!(!enabled("/new-ui/ada").await);
    app.put(
        "/new-ui",
        r#"{"enabled":true,"rolloutPercent":50,"allowlist":["ada"]}"#,
    )
    .await
    .expect(201);
    assert!(enabled("/new-ui/ada").await);
    let mut with = 0;
    for user in 0..100 {
        with += usize::from(enabled(&format!("/new-ui/user-{user}")).await);
    }
    // Fixed by the hash: the share is of these users and of no others.
    assert!((35..=65).contains(&with), "{with}");
    app.put(
        "/new-ui",
        r#"{"enabled":false,"rolloutPercent":100,"allowlist":["ada"]}"#,
    )
    .await
    .expect(201);
    assert!(!enabled("/new-ui/ada").await);
}

#[tokio::test]
async fn numbers_are_kept_as_text() {
    let (_project, app) = run("workkit-rate-counter").await;
    for count in 1..=12 {
        assert_eq!(
            app.get("/logins").await.expect(200).json(),
            json!({ "key": "logins", "count": count })
        );
    }
}
