//! Point-in-time recovery of the whole binary: values, tables and alarms go back together when the object
//! next starts, whatever ended it, and that can be undone.

use serde_json::{Value, json};

use super::project;
use crate::support::{App, Project, eventually};

const THING: &str = r#"
export class Thing {
    async fetch(request) {
        const { storage } = this.state;
        const { pathname, searchParams } = new URL(request.url);
        const bookmark = searchParams.get("bookmark");
        switch (pathname.split("/")[2]) {
            case "fill":
                storage.sql.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('a'), ('b')");
                await storage.put("list", new Map([["one", 1n]]));
                await storage.setAlarm(Date.now() + 300);
                return Response.json(await storage.getCurrentBookmark());
            case "spoil":
                storage.sql.exec("DELETE FROM notes; CREATE TABLE other (a)");
                await storage.put("list", "spoilt");
                await storage.deleteAlarm();
                return Response.json(await storage.getCurrentBookmark());
            case "wipe":
                await storage.deleteAll();
                return Response.json(null);
            case "restore":
                return Response.json(await storage.onNextSessionRestoreBookmark(bookmark));
            // As Cloudflare's documentation has it.
            case "restore-now":
                await storage.onNextSessionRestoreBookmark(bookmark);
                this.state.abort();
            case "state":
                return Response.json(await state(storage));
        }
    }

    async alarm() {
        const { storage } = this.state;
        await storage.put("rang", ((await storage.get("rang")) ?? 0) + 1);
    }
}

async function state(storage) {
    const rows = (sql) => storage.sql.exec(sql).raw().toArray().flat();
    const tables = rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '_cf_%' ORDER BY name",
    );
    const list = await storage.get("list");
    return {
        tables,
        notes: tables.includes("notes") ? rows("SELECT text FROM notes ORDER BY text") : null,
        list: list instanceof Map ? `${list.get("one")}` : list ?? null,
        rang: (await storage.get("rang")) ?? 0,
        alarm: (await storage.getAlarm()) !== null,
    };
}
"#;

async fn ask(app: &App, path: &str) -> Value {
    app.get(path).await.expect(200).json()
}

async fn ask_for(app: &App, what: &str, bookmark: &Value) -> Value {
    let bookmark = bookmark.as_str().expect("a bookmark");
    ask(app, &format!("/a/{what}?bookmark={bookmark}")).await
}

/// The instance ends itself.
async fn restore_now(app: &App, bookmark: &Value) {
    let bookmark = bookmark.as_str().expect("a bookmark");
    let path = format!("/a/restore-now?bookmark={bookmark}");
    let reply = app.get(&path).await.expect(500);
    let error = "Error: Application called abort() to reset Durable Object.";
    assert_eq!(reply.json(), json!({ "error": error }));
}

async fn killed(project: &Project, app: App) -> App {
    app.kill().await;
    project.dev().start().await
}

fn filled() -> Value {
    json!({"tables": ["notes"], "notes": ["a", "b"], "list": "1", "rang": 0, "alarm": true})
}

fn spoilt() -> Value {
    json!({"tables": ["notes", "other"], "notes": [], "list": "spoilt", "rang": 0, "alarm": false})
}

fn nothing() -> Value {
    json!({"tables": [], "notes": null, "list": null, "rang": 0, "alarm": false})
}

/// What there is but for the alarm, which may have rung meanwhile.
fn quiet(mut state: Value) -> Value {
    let state = state.as_object_mut().expect("a state");
    state.remove("rang");
    state.remove("alarm");
    json!(state)
}

async fn has_rung(app: &App) {
    let rung = async || ask(app, "/a/state").await["rang"] == 1;
    eventually("the alarm that came back rings", rung).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_goes_back_whatever_ends_it_and_undoes_that() {
    let project = project(THING);
    let app = project.dev().start().await;
    let full = ask(&app, "/a/fill").await;
    has_rung(&app).await;
    ask(&app, "/a/spoil").await;

    // The instance ends by abort(); the alarm that has rung since is overdue and rings again.
    restore_now(&app, &full).await;
    let state = ask(&app, "/a/state").await;
    assert_eq!(quiet(state), quiet(filled()));
    has_rung(&app).await;

    // kill -9 between asking and starting again, with everything deleted meanwhile.
    let undo = ask_for(&app, "restore", &full).await;
    ask(&app, "/a/wipe").await;
    assert_eq!(ask(&app, "/a/state").await, nothing());
    let app = killed(&project, app).await;
    let state = ask(&app, "/a/state").await;
    assert_eq!(quiet(state), quiet(filled()));
    has_rung(&app).await;

    // Back to the moment just before that, also over kill -9; once.
    ask_for(&app, "restore", &undo).await;
    let app = killed(&project, app).await;
    assert_eq!(ask(&app, "/a/state").await, nothing());
    let app = killed(&project, app).await;
    assert_eq!(ask(&app, "/a/state").await, nothing());
    restore_now(&app, &full).await;
    has_rung(&app).await;
    let spoilt_at = ask(&app, "/a/spoil").await;
    ask(&app, "/a/wipe").await;
    let undo = ask_for(&app, "restore", &spoilt_at).await;
    let app = killed(&project, app).await;
    let state = ask(&app, "/a/state").await;
    assert_eq!(quiet(state.clone()), quiet(spoilt()));
    assert_eq!(
        (&state["rang"], &state["alarm"]),
        (&json!(1), &json!(false))
    );
    restore_now(&app, &undo).await;
    assert_eq!(ask(&app, "/a/state").await, nothing());
}
