//! Workers in the service-worker format: listeners of the global scope, bindings as its names.

use crate::support::{App, Project};

const CONFIG: &str = r#"
name = "old"
main = "index.js"
compatibility_date = "2026-07-01"
[vars]
TEXT = "a variable"
[[kv_namespaces]]
binding = "STORE"
id = "old"
"#;

const WORKER: &str = r#"
const atFirst = typeof STORE.get + " " + TEXT;
addEventListener("fetch", (event) => {
    const { pathname } = new URL(event.request.url);
    if (pathname === "/throws") throw new Error("in the listener");
    if (pathname === "/second" || pathname === "/nobody") return;
    if (pathname === "/late") {
        return void setTimeout(() => {
            try {
                event.respondWith(new Response("too late"));
            } catch (error) {
                console.log(`late: ${error.message}`);
            }
        }, 1);
    }
    if (pathname === "/twice") {
        event.respondWith(new Response("once"));
        return event.respondWith(new Response("twice"));
    }
    if (pathname === "/text") return event.respondWith("text");
    event.respondWith(answer(event));
});
self.addEventListener("fetch", {
    handleEvent(event) {
        if (new URL(event.request.url).pathname === "/second") event.respondWith(new Response("second"));
    },
});
addEventListener("scheduled", (event) => event.waitUntil(STORE.put("cron", `${event.type} ${event.cron}`)));

async function answer(event) {
    event.waitUntil(STORE.put("waited", "yes"));
    const kinds = [event instanceof FetchEvent, event instanceof ExtendableEvent, event instanceof Event];
    let illegal = "";
    try {
        new FetchEvent("fetch", {});
    } catch (error) {
        illegal = error.message;
    }
    return Response.json({
        atFirst, kinds, illegal, type: event.type, global: globalThis.TEXT,
        cron: await STORE.get("cron"), waited: await STORE.get("waited"),
    });
}
"#;

async fn start() -> (Project, App) {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("index.js", WORKER);
    let app = project.dev().start().await;
    (project, app)
}

#[tokio::test]
async fn listeners_answer_and_bindings_are_globals() {
    let (_project, app) = start().await;
    let fire = app.get("/cdn-cgi/handler/scheduled?cron=*+*+*+*+*").await;
    fire.expect(200);
    app.get("/").await.expect(200);
    let seen = app.get("/").await.expect(200).json();
    let expected = serde_json::json!({
        "atFirst": "function a variable", "kinds": [true, true, true], "illegal": "Illegal constructor",
        "type": "fetch", "global": "a variable", "cron": "scheduled * * * * *", "waited": "yes",
    });
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_first_listener_that_answers_counts() {
    let (_project, app) = start().await;
    assert_eq!(app.get("/second").await.expect(200).text(), "second");
}

#[tokio::test]
async fn a_listener_that_does_not_answer_is_an_error_that_says_so() {
    let (_project, app) = start().await;
    for (path, expected) in [
        ("/throws", "in the listener"),
        (
            "/nobody",
            "No listener for `fetch` called event.respondWith()",
        ),
        (
            "/late",
            "No listener for `fetch` called event.respondWith()",
        ),
        ("/twice", "it can only be called once"),
        ("/text", "parameter 1 is not of type 'Promise'"),
    ] {
        let reply = app.get(path).await.expect(500);
        assert!(reply.text().contains(expected), "{path}: {}", reply.text());
    }
}
