//! `cellhouse d1`: on an app that runs and on one that does not, under kill -9, and with wrong requests.

use std::time::Duration;

use serde_json::{Value, json};

use super::worker;
use crate::support::{Exit, Project, full};

const WORKER: &str = r#"
    return Response.json((await env.DB.prepare(url.searchParams.get("sql")).all()).results);"#;

async fn d1(project: &Project, arguments: &[&str]) -> Exit {
    project.command(&["d1"]).arguments(arguments).run().await
}

async fn good(project: &Project, arguments: &[&str]) -> String {
    let exit = d1(project, arguments).await;
    assert_eq!(exit.code, Some(0), "{arguments:?}: {}", exit.stderr);
    exit.stdout
}

async fn json_of(project: &Project, arguments: &[&str]) -> Value {
    let text = good(project, arguments).await;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn rows(project: &Project, sql: &str) -> Value {
    json_of(project, &["execute", "DB", "--json", "--command", sql]).await[0]["results"].clone()
}

#[tokio::test]
async fn sql_on_an_app_that_runs_and_on_one_that_does_not() {
    let project = worker(WORKER);
    let many = "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x;'); SELECT * FROM t";
    let told = json_of(&project, &["execute", "main", "--json", "--command", many]).await;
    assert_eq!(told.as_array().unwrap().len(), 3);
    assert_eq!(told[1]["meta"]["changes"], 1);
    assert_eq!(told[2]["results"], json!([{ "a": 1, "b": "x;" }]));
    let app = project.dev().start().await;
    let text = good(
        &project,
        &["execute", "main-id", "--command", "SELECT a, b FROM t"],
    )
    .await;
    assert_eq!(text, "a  b\n-  --\n1  x;\n1 row\n");
    assert_eq!(
        app.get("/?sql=SELECT%20a%20FROM%20t").await.json(),
        json!([{ "a": 1 }])
    );
    let info = json_of(&project, &["info", "DB", "--json"]).await;
    assert_eq!(
        (&info["name"], &info["num_tables"]),
        (&json!("main"), &json!(1))
    );
    let list = json_of(&project, &["list", "--json"]).await;
    assert_eq!(
        list[1],
        json!({ "binding": "OTHER", "name": "other", "uuid": "other-id" })
    );
}

#[tokio::test]
async fn wrong_requests_say_what_is_wrong() {
    let project = worker(WORKER);
    let cases = [
        (
            &["execute", "NOPE", "--command", "SELECT 1"][..],
            3,
            "the app databases has no database \"NOPE\"; there are DB, OTHER",
        ),
        (
            &["execute", "DB", "--command", "SELEC 1"],
            2,
            "near \"SELEC\": syntax error",
        ),
        (
            &["execute", "DB", "--command", " -- a"],
            2,
            "there is no statement in the SQL",
        ),
        (&["execute", "DB"], 2, "--command"),
        (&["execute", "DB", "--file", "nope.sql"], 2, "nope.sql"),
        (&["migrations", "apply", "DB"], 2, "there is no folder"),
        (
            &["migrations", "create", "DB", "!"],
            2,
            "no letter and no digit",
        ),
        (
            &["time-travel", "restore", "DB", "--bookmark", "x", "--yes"],
            2,
            "x",
        ),
        (
            &["time-travel", "restore", "DB", "--timestamp", "yesterday"],
            2,
            "is no moment",
        ),
    ];
    for (arguments, code, expected) in cases {
        let exit = d1(&project, arguments).await;
        assert_eq!(exit.code, Some(code), "{arguments:?}: {}", exit.stderr);
        assert!(
            exit.stderr.contains(expected),
            "{arguments:?}: {}",
            exit.stderr
        );
    }
}

#[tokio::test]
async fn files_and_exports() {
    let project = worker(WORKER).with(
        "seed.sql",
        "BEGIN TRANSACTION;\nCREATE TABLE t (a);\nINSERT INTO t VALUES ('it''s;\n');\nCOMMIT;\n",
    );
    let told = good(&project, &["execute", "DB", "--file", "seed.sql"]).await;
    assert!(
        told.ends_with("statements: 2, rows read: 0, rows written: 1\n"),
        "{told}"
    );
    let project = project.with("bad.sql", "INSERT INTO t VALUES (2);\n\nSELEC;\n");
    let exit = d1(&project, &["execute", "DB", "--file", "bad.sql"]).await;
    assert_eq!(exit.code, Some(2));
    assert!(
        exit.stderr.contains("bad.sql, line 3: near \"SELEC\""),
        "{}",
        exit.stderr
    );
    assert_eq!(
        rows(&project, "SELECT count(*) AS n FROM t").await,
        json!([{ "n": 1 }])
    );
    let lines = good(&project, &["export", "DB"]).await;
    assert_eq!(
        lines,
        "PRAGMA defer_foreign_keys=TRUE;\nCREATE TABLE t (a);\nINSERT INTO \"t\" (\"a\") VALUES('it''s;\n');\n"
    );
    good(&project, &["export", "DB", "--output", "out.sql"]).await;
    assert_eq!(project.read("out.sql"), lines);
    good(&project, &["execute", "OTHER", "--file", "out.sql"]).await;
    let again = good(&project, &["export", "OTHER", "--no-schema"]).await;
    assert_eq!(again.lines().nth(1), lines.lines().nth(2));
}

#[tokio::test]
async fn migrations_are_made_listed_and_applied_once() {
    let project = worker(WORKER);
    let file = good(&project, &["migrations", "create", "DB", "add users"]).await;
    assert!(file.trim().ends_with("0001_add_users.sql"), "{file}");
    project.write("migrations/0001_add_users.sql", "CREATE TABLE users (id);");
    project.write(
        "migrations/0002_bad.sql",
        "CREATE TABLE two (id);\nINSERT INTO nope VALUES (1);",
    );
    project.write("migrations/0010_last.sql", "CREATE TABLE three (id);");
    let waiting = json_of(&project, &["migrations", "list", "DB", "--json"]).await;
    assert_eq!(
        waiting,
        json!(["0001_add_users.sql", "0002_bad.sql", "0010_last.sql"])
    );
    let exit = d1(&project, &["migrations", "apply", "DB"]).await;
    assert_eq!(
        (exit.code, exit.stdout.as_str()),
        (Some(2), "applied 0001_add_users.sql\n")
    );
    assert!(
        exit.stderr
            .contains("0002_bad.sql, line 2: no such table: nope"),
        "{}",
        exit.stderr
    );
    project.write("migrations/0002_bad.sql", "CREATE TABLE two (id);");
    good(&project, &["migrations", "apply", "DB"]).await;
    assert_eq!(
        good(&project, &["migrations", "apply", "DB"]).await,
        "there are no migrations to apply\n"
    );
    let names = rows(&project, "SELECT id, name FROM d1_migrations ORDER BY id").await;
    assert_eq!(names[2], json!({ "id": 3, "name": "0010_last.sql" }));
}

#[tokio::test]
async fn going_back_and_forth_in_time() {
    let project = worker(WORKER);
    let app = project.dev().start().await;
    rows(&project, "CREATE TABLE t (a)").await;
    let bookmark = json_of(&project, &["time-travel", "info", "DB", "--json"]).await;
    let bookmark = bookmark["bookmark"].as_str().unwrap().to_owned();
    rows(&project, "DROP TABLE t").await;
    let restore = ["time-travel", "restore", "DB", "--json", "--bookmark"];
    let refused = d1(&project, &[&restore[..], &[&bookmark]].concat()).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("Add --yes"), "{}", refused.stderr);
    let told = json_of(&project, &[&restore[..], &[&bookmark, "--yes"]].concat()).await;
    let tables = "/?sql=SELECT%20name%20FROM%20sqlite_master";
    assert_eq!(app.get(tables).await.json(), json!([{ "name": "t" }]));
    let undo = told["previous_bookmark"].as_str().unwrap();
    json_of(&project, &[&restore[..], &[undo, "--yes"]].concat()).await;
    assert_eq!(app.get(tables).await.json(), json!([]));
}

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let project = worker(
        r#"
        if (url.pathname === "/all") return Response.json((await env.DB.prepare("SELECT n FROM t ORDER BY n").raw()).flat());
        await env.DB.exec("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY)");
        await env.DB.prepare("INSERT INTO t VALUES (?)").bind(Number(url.searchParams.get("n"))).run();
        return new Response("ok");"#,
    );
    let mut answered = Vec::new();
    for round in 0..4 {
        let app = project.dev().start().await;
        let client = app.client().clone();
        let writes = tokio::spawn(async move {
            let mut good = Vec::new();
            for n in round * 100_000.. {
                let request = client.request("GET", &format!("/?n={n}"));
                let request = request.body(full("")).expect("a request");
                match client.try_call(request).await {
                    Ok(reply) if reply.status == 200 => good.push(n),
                    _ => return good,
                }
            }
            good
        });
        tokio::time::sleep(Duration::from_millis(150)).await;
        app.kill().await;
        answered.extend(writes.await.expect("it ends with the server"));
    }
    assert!(!answered.is_empty());
    let app = project.dev().start().await;
    let there: Vec<i64> = serde_json::from_value(app.get("/all").await.expect(200).json()).unwrap();
    for n in &answered {
        assert!(
            there.binary_search(n).is_ok(),
            "{n} was answered and is gone"
        );
    }
}

#[tokio::test]
async fn a_migration_that_kill_9_cuts_off_is_done_wholly_or_not_at_all() {
    const ROWS: i64 = 100_000;
    let project = worker(WORKER);
    project.write(
        "migrations/0001_many.sql",
        &format!(
            "CREATE TABLE many (n INTEGER PRIMARY KEY, text TEXT);\n\
             INSERT INTO many WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < {ROWS})\n\
             SELECT n, 'row ' || n FROM x;\n\
             CREATE INDEX many_text ON many (text);"
        ),
    );
    for delay in [5, 40, 120, 300] {
        let app = project.dev().start().await;
        let apply = tokio::spawn(project.command(&["d1", "migrations", "apply", "DB"]).run());
        tokio::time::sleep(Duration::from_millis(delay)).await;
        app.kill().await;
        apply.await.expect("the command ends");
        let there = rows(
            &project,
            "SELECT count(*) AS n FROM sqlite_master WHERE name LIKE 'many%'",
        )
        .await;
        let there = there[0]["n"].as_i64().unwrap();
        let waiting = json_of(&project, &["migrations", "list", "DB", "--json"]).await;
        match there {
            0 => assert_eq!(waiting, json!(["0001_many.sql"])),
            _ => {
                assert_eq!((there, waiting), (2, json!([])));
                let count = rows(&project, "SELECT count(*) AS n FROM many").await;
                assert_eq!(count, json!([{ "n": ROWS }]));
                return;
            }
        }
    }
    good(&project, &["migrations", "apply", "DB"]).await;
}
