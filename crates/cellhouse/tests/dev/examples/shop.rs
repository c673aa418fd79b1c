//! `examples/shop`: its page clicked through in Chromium, and its README's requests.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{App, Project, eventually, full, repository};
use crate::types::link_packages;

async fn shop() -> (Project, App) {
    let project = Project::example("shop").with(
        ".dev.vars",
        "SESSION_SECRET=a-secret-of-thirty-two-characters\n",
    );
    link_packages(&project);
    let migrated = project
        .command(&["d1", "migrations", "apply", "DB"])
        .run()
        .await;
    assert_eq!(migrated.code, Some(0), "{}", migrated.stderr);
    let app = project.dev().start().await;
    (project, app)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_buys_tea() {
    let (_project, app) = shop().await;
    let node = repository().join("crates/cellhouse/tests/node");
    let url = format!("http://{}", app.client().address());
    let browsed = tokio::task::spawn_blocking(move || {
        let mut command = Command::new("node");
        command.arg("shop_browser.mjs").arg(url).current_dir(node);
        command.output().expect("node is installed")
    });
    let output = browsed.await.expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let seen: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let expected = json!({
        "landed": "/",
        "products": ["Teapot", "Cup", "Tea of the house"],
        "images": [true, true, true],
        "order": "30.50: confirmed",
        "receipt": "1 x product 1\n1 x product 3\ntotal 30.50",
        "cart": "Your cart is empty.",
        "notFound": [404, "There is no such page in this shop."],
        "problems": [],
    });
    assert_eq!(seen, expected);
}

/// A request of a visitor who has this cookie.
async fn visit(
    app: &App,
    method: &str,
    path: &str,
    cookie: &str,
    body: &str,
) -> crate::support::Reply {
    let client = app.client();
    let request = client.request(method, path).header("cookie", cookie);
    let request = request.body(full(body.to_owned()));
    client.call(request.expect("a request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_the_last_one_twice() {
    let (_project, app) = shop().await;
    let first = visit(&app, "GET", "/api/cart", "", "").await.expect(200);
    let cookie = first.header("set-cookie");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let wrong = visit(
        &app,
        "POST",
        "/api/cart",
        &cookie,
        r#"{"product":"x","count":1}"#,
    )
    .await;
    assert!(wrong.expect(400).text().contains("product"));
    visit(&app, "POST", "/api/orders", &cookie, "")
        .await
        .expect(409);
    for _ in 0..3 {
        visit(
            &app,
            "POST",
            "/api/cart",
            &cookie,
            r#"{"product":2,"count":7}"#,
        )
        .await
        .expect(200);
    }
    // 21 of 20.
    visit(&app, "POST", "/api/orders", &cookie, "")
        .await
        .expect(409);
    visit(
        &app,
        "POST",
        "/api/cart",
        &cookie,
        r#"{"product":2,"count":-1}"#,
    )
    .await
    .expect(200);
    visit(&app, "POST", "/api/orders", &cookie, "")
        .await
        .expect(201);
    let left = app.get("/api/products/2/stock").await.expect(200).json();
    assert_eq!(left, json!({ "left": 0 }));
    eventually("the order is confirmed", async || {
        let orders = visit(&app, "GET", "/api/orders", &cookie, "")
            .await
            .expect(200)
            .json();
        orders[0]["state"] == "confirmed"
    })
    .await;
    app.get("/cdn-cgi/handler/scheduled?cron=0+3+*+*+*")
        .await
        .expect(200);
}
