//! What a Worker sees of a request, and what a client sees of its answer.

use serde_json::json;

use crate::support::{App, Project, full};

const SHOW: &str = r#"
export default {
    async fetch(request: Request): Promise<Response> {
        const url = new URL(request.url);
        if (url.pathname === "/headers") {
            return Response.json([...request.headers].filter(([name]) => ["x-one", "x-two"].includes(name)));
        }
        if (url.pathname === "/unicode") {
            const init = { headers: { "x-umlaut": "ü", "x-city": "日本", "X-Got": request.headers.get("x-one") ?? "" } };
            return url.search === "?stream" ? new Response(new Blob(["b"]).stream(), init) : new Response("b", init);
        }
        if (url.pathname === "/cookies") {
            const headers = new Headers();
            headers.append("set-cookie", "a=1");
            headers.append("set-cookie", "b=2; HttpOnly");
            return new Response("two", { status: 418, statusText: "I'm a teapot", headers });
        }
        return Response.json({
            method: request.method,
            path: url.pathname,
            query: url.searchParams.getAll("q"),
            body: await request.text(),
            ip: request.headers.get("CF-Connecting-IP"),
            cf: typeof (request as unknown as { cf: unknown }).cf,
        });
    },
};
"#;

async fn start() -> (Project, App) {
    let project = Project::ploy("", SHOW);
    let app = project.dev().start().await;
    (project, app)
}

#[tokio::test]
async fn method_path_query_body_and_address() {
    let (_project, app) = start().await;
    let expected = |method: &str| {
        json!({
            "method": method,
            "path": "/a%20b/%C3%A9",
            "query": ["1", "zwei drei"],
            "body": "the body ✓",
            "ip": "127.0.0.1",
            "cf": "object",
        })
    };
    for client in [app.client().clone(), app.client().http2()] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let path = "/a%20b/%C3%A9?q=1&q=zwei%20drei";
            let reply = client.send(method, path, "the body ✓").await.expect(200);
            assert_eq!(reply.json(), expected(method));
        }
    }
}

#[tokio::test]
async fn a_client_cannot_choose_its_address() {
    let (_project, app) = start().await;
    let request = app
        .client()
        .request("GET", "/")
        .header("CF-Connecting-IP", "203.0.113.9")
        .body(full(""))
        .expect("a request");
    assert_eq!(app.client().call(request).await.json()["ip"], "127.0.0.1");
}

#[tokio::test]
async fn headers_arrive_combined_and_in_lower_case() {
    let (_project, app) = start().await;
    let request = app
        .client()
        .request("GET", "/headers")
        .header("X-One", "1")
        .header("X-Two", "a")
        .header("x-two", "b")
        .body(full(""))
        .expect("a request");
    let seen = app.client().call(request).await.json();
    assert_eq!(seen, json!([["x-one", "1"], ["x-two", "a, b"]]));
}

#[tokio::test]
async fn headers_are_utf_8_both_ways() {
    let (_project, app) = start().await;
    for path in ["/unicode", "/unicode?stream"] {
        for (sent, got) in [("ö 日".as_bytes(), "ö 日"), (b"\xf6", "\u{fffd}")] {
            let sent = http::HeaderValue::from_bytes(sent).expect("a value");
            let request = app.client().request("GET", path).header("x-one", sent);
            let request = request.body(full("")).expect("a request");
            let reply = app.client().call(request).await.expect(200);
            for (name, value) in [("x-umlaut", "ü"), ("x-city", "日本"), ("x-got", got)] {
                assert_eq!(reply.headers[name].as_bytes(), value.as_bytes(), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn cookies_stay_apart_and_the_status_is_kept() {
    let (_project, app) = start().await;
    let reply = app.get("/cookies").await.expect(418);
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2; HttpOnly"]);
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let (_project, app) = start().await;
    let reply = app.client().send("HEAD", "/", "").await.expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(reply.body.is_empty());
}

#[tokio::test]
async fn a_redirect_to_a_place_in_utf_8() {
    const REDIRECT: &str = r#"
export default {
    async fetch(request: Request): Promise<Response> {
        const { pathname, search } = new URL(request.url);
        if (pathname === "/go") return await fetch(new URL("/from", request.url));
        // The bytes of an é, each as a character of Latin-1.
        if (pathname === "/from") return new Response(null, { status: 302, headers: { location: "/to?\u00c3\u00a9" } });
        return new Response(search);
    },
};
"#;
    let project = Project::ploy("", REDIRECT);
    let app = project.dev().start().await;
    assert_eq!(app.get("/go").await.expect(200).text(), "?%C3%A9");
}
