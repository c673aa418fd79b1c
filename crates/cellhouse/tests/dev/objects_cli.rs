//! `cellhouse objects`, on an app that runs and on one that does not.

mod app;

use std::time::Duration;

use app::{CONFIG, THINGS};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{App, Exit, Project, WebSocket, eventually};

fn project() -> Project {
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("index.js", THINGS)
}

async fn objects(project: &Project, arguments: &[&str]) -> Exit {
    let command = project.command(&["objects"]).arguments(arguments);
    command.run().await
}

/// What a command prints that succeeds.
async fn told(project: &Project, arguments: &[&str]) -> String {
    let exit = objects(project, arguments).await;
    assert_eq!(exit.code, Some(0), "{arguments:?}: {exit:#?}");
    exit.stdout
}

async fn told_json(project: &Project, arguments: &[&str]) -> Value {
    let told = told(project, &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&told).expect("one line of JSON")
}

async fn refused(project: &Project, arguments: &[&str], code: i32, why: &str) {
    let exit = objects(project, arguments).await;
    assert_eq!(exit.code, Some(code), "{arguments:?}: {exit:#?}");
    assert!(exit.stderr.contains(why), "{arguments:?}: {exit:#?}");
    assert_eq!(exit.stdout, "", "{arguments:?}");
}

async fn state(app: &App, name: &str) -> Value {
    app.get(&format!("/{name}/state")).await.expect(200).json()
}

async fn all(app: &App, paths: &[&str]) {
    for path in paths {
        app.get(path).await.expect(200);
    }
}

/// What can be seen of an object `a` that was filled, and changed without a trace.
async fn look_at_a(project: &Project) {
    let shown = told_json(project, &["show", "THINGS", "a"]).await;
    assert_eq!(
        (
            &shown["name"],
            &shown["class"],
            &shown["keys"],
            &shown["tables"]
        ),
        (&json!("a"), &json!("Thing"), &json!(3), &json!(["notes"])),
        "{shown}"
    );
    let id = shown["id"].as_str().expect("an id").to_owned();
    let by_id = told_json(project, &["show", "Thing", &id.to_uppercase()]).await;
    assert_eq!(by_id, shown);
    let listed = told_json(project, &["list", "Thing"]).await;
    assert_eq!(listed["id"], shown["id"]);

    let values = told(project, &["get", "Thing", "a"]).await;
    assert_eq!(
        values,
        "count: 3\n\
         deep: { list: [ 1, 'two', null, 0.5 ], when: 1970-01-01T00:00:00.000Z }\n\
         map: Map(1) { 'a' => 1n }\n"
    );
    let deep = told_json(project, &["get", "Thing", "a", "deep"]).await;
    let expected = json!({"list": [1, "two", null, 0.5], "when": "1970-01-01T00:00:00.000Z"});
    assert_eq!(deep, expected);
    let lines = told(project, &["get", "Thing", "a", "--json"]).await;
    let last: Value = serde_json::from_str(lines.lines().last().expect("lines")).expect("JSON");
    assert_eq!(last, json!({"key": "map", "text": "Map(1) { 'a' => 1n }"}));
    refused(
        project,
        &["get", "Thing", "a", "map", "--json"],
        1,
        "JSON has no such value",
    )
    .await;
    refused(
        project,
        &["get", "Thing", "a", "nothing"],
        3,
        "no key \"nothing\"",
    )
    .await;

    let notes = "SELECT * FROM notes";
    let table = told(project, &["sql", "Thing", "a", notes]).await;
    let mut lines = table.lines();
    assert_eq!(
        lines.next(),
        Some("id                text        data     size")
    );
    assert_eq!(
        lines.nth(1),
        Some("9007199254740993  a\\u{1b}[2J  x'00ff'   1.5")
    );
    assert_eq!(lines.nth(1), Some("2 rows"), "{table}");
    let rows = told_json(project, &["sql", "Thing", "a", notes]).await;
    assert_eq!(
        rows["rows"],
        json!([
            {"id": 9_007_199_254_740_993_i64, "text": "a\u{1b}[2J", "data": {"hex": "00ff"}, "size": 1.5},
            {"id": 9_007_199_254_740_994_i64, "text": null, "data": null, "size": {"real": "inf"}},
        ])
    );
    // The first statement goes with the second one.
    let half = "DELETE FROM notes; SELECT nope";
    refused(
        project,
        &["sql", "Thing", "a", half],
        2,
        "no such column: nope",
    )
    .await;
    refused(
        project,
        &["sql", "Thing", "a", "SELECT * FROM _cf_KV"],
        2,
        "prohibited",
    )
    .await;
    let count = told_json(
        project,
        &["sql", "Thing", "a", "SELECT count(*) AS n FROM notes"],
    )
    .await;
    assert_eq!(count, json!({"rows": [{"n": 2}], "rows_written": 0}));
}

#[tokio::test]
async fn what_is_there_while_the_app_runs_and_when_it_is_stopped() {
    let project = project();
    refused(&project, &["list", "Thing"], 2, "no data").await;
    let app = project.dev().start().await;
    all(&app, &["/a/fill"]).await;
    look_at_a(&project).await;
    app.kill().await;
    look_at_a(&project).await;

    let write = "INSERT INTO notes (text) VALUES ('x'), ('y'); DELETE FROM notes WHERE text = 'x'";
    assert_eq!(
        told(&project, &["sql", "Thing", "a", write]).await,
        "3 rows written\n"
    );
    let app = project.dev().start().await;
    assert_eq!(app.get("/a/notes").await.json(), json!(3));
    let returning = "UPDATE notes SET text = 'z' WHERE text = 'y' RETURNING text";
    let table = told(&project, &["sql", "Thing", "a", returning]).await;
    assert_eq!(table, "text\n----\nz\n1 row, 1 row written\n");
}

#[tokio::test]
async fn mistakes_are_explained() {
    let project = project();
    let app = project.dev().start().await;
    let classes = "there are Other (binding OTHERS), Thing (binding THINGS)";
    refused(&project, &["list", "Thingy"], 2, classes).await;
    refused(
        &project,
        &["show", "Thing", "a"],
        3,
        "no object called \"a\"",
    )
    .await;
    let other = app.get("/other-id").await.text().to_owned();
    refused(
        &project,
        &["show", "Thing", &other],
        2,
        "not valid for this namespace",
    )
    .await;
    refused(&project, &["show", "Other", &other], 3, &other).await;
    refused(
        &project,
        &["alarm", "Thing", "a", "--fire", "--delete"],
        2,
        "--delete",
    )
    .await;
    assert_eq!(told(&project, &["list", "Other"]).await, "no objects\n");
    assert_eq!(told(&project, &["list", "Other", "--json"]).await, "");
    let elsewhere = project.path().join("nowhere");
    let elsewhere = elsewhere.to_str().expect("a plain path");
    refused(
        &project,
        &["list", "Thing", "--dir", elsewhere],
        2,
        "nowhere",
    )
    .await;
}

#[tokio::test]
async fn long_lists_and_jurisdictions() {
    let project = project();
    let app = project.dev().start().await;
    all(&app, &["/many", "/eu:abroad/put"]).await;
    let count = |text: String| text.lines().count();
    assert_eq!(
        count(told(&project, &["list", "Thing", "--json"]).await),
        601
    );
    let few = &["list", "Thing", "--json", "--limit", "550"];
    assert_eq!(count(told(&project, few).await), 550);
    let named = told(
        &project,
        &["list", "Thing", "--json", "--prefix", "many-59"],
    )
    .await;
    let names = named.lines().map(|line| {
        let object: Value = serde_json::from_str(line).expect("a line of JSON");
        object["name"].as_str().expect("a name").to_owned()
    });
    let expected = (590..600).map(|i| format!("many-{i}"));
    let expected = std::iter::once("many-59".to_owned()).chain(expected);
    assert_eq!(names.collect::<Vec<_>>(), expected.collect::<Vec<_>>());

    assert_eq!(
        told(&project, &["get", "Thing", "abroad", "count"]).await,
        "1\n"
    );
    all(&app, &["/abroad/put"]).await;
    let ambiguous = "2 objects are called \"abroad\"";
    refused(&project, &["get", "Thing", "abroad", "count"], 2, ambiguous).await;
}

#[tokio::test]
async fn alarms_are_shown_fired_and_deleted() {
    let project = project();
    let app = project.dev().start().await;
    all(&app, &["/a/alarm", "/b/alarm", "/b/spoil", "/c/put"]).await;
    assert!(
        told(&project, &["alarm", "Thing", "a"])
            .await
            .contains("(in ")
    );
    assert!(
        told(&project, &["alarm", "Thing", "a", "--fire"])
            .await
            .contains("ran")
    );
    assert_eq!(state(&app, "a").await["alarms"], 1);
    assert_eq!(
        told(&project, &["alarm", "Thing", "a"]).await,
        "no alarm is set\n"
    );
    refused(&project, &["alarm", "Thing", "a", "--fire"], 3, "no alarm").await;
    refused(
        &project,
        &["alarm", "Thing", "c", "--delete"],
        3,
        "no alarm",
    )
    .await;

    let failed = objects(&project, &["alarm", "Thing", "b", "--fire"]).await;
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    assert!(failed.stderr.contains("threw"), "{failed:#?}");
    let set = told_json(&project, &["alarm", "Thing", "b"]).await;
    assert!(set["alarm"].is_number(), "{set}");
    app.kill().await;

    refused(
        &project,
        &["alarm", "Thing", "b", "--fire"],
        2,
        "cellhouse dev",
    )
    .await;
    let deleted = told_json(&project, &["alarm", "Thing", "b", "--delete"]).await;
    assert_eq!(
        (&deleted["alarm"], &deleted["deleted"]),
        (&set["alarm"], &json!(true))
    );
    let after = told_json(&project, &["alarm", "Thing", "b"]).await;
    assert_eq!(after["alarm"], Value::Null);
}

#[tokio::test]
async fn deleting_ends_what_runs_of_an_object() {
    let project = project();
    let app = project.dev().start().await;
    all(&app, &["/a/put", "/a/alarm", "/b/put"]).await;
    let mut socket = WebSocket::connect(app.client(), "/a/socket").await;
    socket.send(Message::text("hi")).await;
    assert_eq!(socket.receive().await, Message::text("1"));
    assert_eq!(
        state(&app, "a").await,
        json!({"uses": 2, "count": 1, "alarms": 0})
    );

    refused(&project, &["delete", "Thing", "a"], 2, "Add --yes").await;
    assert_eq!(state(&app, "a").await["count"], 1);
    let deleted = told_json(&project, &["delete", "Thing", "a", "--yes"]).await;
    assert_eq!(
        (&deleted["name"], &deleted["deleted"]),
        (&json!("a"), &json!(true))
    );
    let Message::Close(Some(close)) = socket.receive().await else {
        panic!("its sockets are closed");
    };
    assert_eq!(&*close.reason, "the object was deleted");
    refused(&project, &["show", "Thing", "a"], 3, "no object").await;
    refused(&project, &["delete", "Thing", "a", "--yes"], 3, "no object").await;
    assert_eq!(
        state(&app, "a").await,
        json!({"uses": 1, "count": null, "alarms": 0})
    );
    assert_eq!(state(&app, "b").await["count"], 1);
    app.kill().await;

    told(&project, &["delete", "Thing", "b", "--yes"]).await;
    let app = project.dev().start().await;
    assert_eq!(state(&app, "b").await["count"], Value::Null);
}

#[tokio::test]
async fn commands_take_their_turn_with_transactions() {
    let project = project();
    let app = project.dev().start().await;
    all(&app, &["/a/fill"]).await;
    let client = app.client().clone();
    let slow = tokio::spawn(async move { client.send("GET", "/a/slow", "").await });
    let half = |event: &Value| event["message"] == "half";
    app.events()
        .find(0, half)
        .await
        .expect("the transaction has begun");
    let values = told(&project, &["get", "Thing", "a"]).await;
    assert!(
        values.contains("left: 1\n") && values.contains("right: 1\n"),
        "{values}"
    );
    slow.await.expect("no panic").expect(200);
}

const ENDLESS: &str =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c";

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_takes_too_long_is_stopped_for_the_app() {
    let project = project();
    let app = project.dev().start().await;
    all(&app, &["/a/fill", "/a/notes"]).await;
    let text = format!("DELETE FROM notes; {ENDLESS}");
    refused(
        &project,
        &["sql", "Thing", "a", &text],
        2,
        "the SQL took longer than 1 s",
    )
    .await;
    let left = app.get("/a/notes").await.expect(200).json();
    assert_eq!(left, json!(2), "the object goes on with what it had");
    let rows = told_json(
        &project,
        &["sql", "Thing", "a", "SELECT count(*) FROM notes"],
    )
    .await;
    assert_eq!(rows["rows"], json!([{ "count(*)": 2 }]), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_without_end_stops_with_its_command() {
    let project = project();
    let app = project.dev().start().await;
    all(&app, &["/a/fill", "/a/notes"]).await;
    let command = project.command(&["objects", "sql", "Thing", "a", ENDLESS]);
    let command = tokio::spawn(command.run());
    let blocked = async || {
        let request = app.get("/a/notes");
        tokio::time::timeout(Duration::from_millis(200), request)
            .await
            .is_err()
    };
    eventually("the object waits for the query", blocked).await;
    command.abort();
    assert_eq!(app.get("/a/notes").await.expect(200).json(), json!(2));
}
