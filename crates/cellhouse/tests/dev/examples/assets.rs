//! `examples/wrangler-assets`: files, redirects, headers, and a page that is completed on its way.

use serde_json::json;

use super::run;

#[tokio::test]
async fn files_and_a_script_answer_side_by_side() {
    let (_project, app) = run("wrangler-assets").await;
    let page = app.get("/?guest=Ada%3Cb%3E").await.expect(200);
    assert!(
        page.text()
            .contains(r#"<span id="guest">Ada&lt;b&gt;</span>"#),
        "{page:?}"
    );
    assert!(
        page.text()
            .contains(r#"<script src="/visits.js" defer="">"#),
        "{page:?}"
    );
    let about = app.get("/docs/about").await.expect(200);
    assert!(about.text().contains("About this guest book"));
    assert_eq!(about.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(about.header("x-content-type-options"), "nosniff");
    let moved = app.get("/docs/about.html").await.expect(307);
    assert_eq!(moved.header("location"), "/docs/about");
    let moved = app.get("/about").await.expect(301);
    assert_eq!(moved.header("location"), "/docs/about");
    let moved = app.get("/help/about").await.expect(302);
    assert_eq!(moved.header("location"), "/docs/about");
    let style = app.get("/style.css").await.expect(200);
    assert_eq!(style.header("cache-control"), "public, max-age=3600");
    assert_eq!(app.post("/api/visits").await.json(), json!({ "visits": 1 }));
    assert_eq!(app.post("/api/visits").await.json(), json!({ "visits": 2 }));
    app.get("/api/nope").await.expect(404);
}
