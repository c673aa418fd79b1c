//! npm packages in a Worker: `hono`, as installed by npm, bundled and run.

use std::os::unix::fs::symlink;

use serde_json::json;

use crate::support::Project;

const HONO: &str = r#"
import { Hono } from "hono";
import { cors } from "hono/cors";

const app = new Hono<{ Bindings: PloyEnv }>();

app.use("/api/*", cors());
app.get("/", (c) => c.text("hello from hono"));
app.get("/api/users/:id", (c) => c.json({ id: c.req.param("id"), fields: c.req.queries("field") }));
app.post("/api/count", async (c) => {
    const { by } = await c.req.json<{ by: number }>();
    await c.env.STATE.update("counters", { $inc: { total: by } });
    return c.json(await c.env.STATE.get("counters", "json"), 201);
});
app.get("/wrong", () => {
    throw new Error("a handler of hono threw");
});

export default app;
"#;

#[tokio::test]
async fn hono_runs_as_a_worker() {
    let project = Project::ploy("state:\n  STATE: default\n", HONO);
    symlink(
        super::types::node_modules(),
        project.path().join("node_modules"),
    )
    .expect("a link");
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).text(), "hello from hono");
    let user = app
        .get("/api/users/42?field=name&field=role")
        .await
        .expect(200);
    assert_eq!(
        user.json(),
        json!({ "id": "42", "fields": ["name", "role"] })
    );
    assert_eq!(user.header("access-control-allow-origin"), "*");

    let client = app.client();
    client
        .send("POST", "/api/count", r#"{"by":2}"#)
        .await
        .expect(201);
    let second = client
        .send("POST", "/api/count", r#"{"by":3}"#)
        .await
        .expect(201);
    assert_eq!(second.json(), json!({ "total": 5 }));
    app.get("/wrong").await.expect(500);
    app.get("/nowhere").await.expect(404);
}

#[tokio::test]
async fn a_package_that_is_not_installed_is_named() {
    let project = Project::ploy("", HONO);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    assert!(exit.stderr.contains("hono"), "{exit:#?}");
    assert!(exit.stderr.contains("src/index.ts:2"), "{exit:#?}");
}
