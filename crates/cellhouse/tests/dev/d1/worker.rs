//! What a Worker sees: rows in each form, statements that do not change, sessions, two databases, what
//! outlives the process.

use serde_json::json;

use super::worker;

#[tokio::test]
async fn rows_in_each_form() {
    let project = worker(
        r#"
        const s = env.DB.prepare("SELECT 1 AS a, 2 AS a, 'x' AS b, x'0102' AS c, 9e999 AS d, 9007199254740993 AS e");
        return Response.json({
            all: (await s.all()).results,
            raw: await s.raw({ columnNames: true }),
            first: await s.first(),
            column: await s.first("b"),
            proto: Object.keys(await env.DB.prepare("SELECT 1 AS __proto__, 2 AS constructor").first()),
            insert: await env.DB.prepare("CREATE TABLE t (a)").raw({ columnNames: true }),
        });"#,
    );
    let app = project.dev().start().await;
    let row = json!({ "a": 2, "b": "x", "c": [1, 2], "d": null, "e": 9007199254740992_u64 });
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!({
            "all": [row],
            "raw": [["a", "a", "b", "c", "d", "e"], [1, 2, "x", [1, 2], null, 9007199254740992_u64]],
            "first": row,
            "column": "x",
            "proto": ["__proto__", "constructor"],
            "insert": [[]],
        })
    );
}

#[tokio::test]
async fn bind_makes_another_statement() {
    let project = worker(
        r#"
        const s = env.DB.prepare("SELECT ? AS v");
        const one = s.bind(1);
        const bytes = new Uint8Array([1, 2]);
        const two = s.bind(bytes);
        bytes[0] = 9;
        const values = await env.DB.batch([one, two, s.bind("x"), one]);
        return Response.json([s === one, values.map((r) => r.results[0].v), await one.first("v"), await caught(() => s.all())]);"#,
    );
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!([
            false,
            [1, [1, 2], "x", 1],
            1,
            "Error: D1_ERROR: Wrong number of parameter bindings for SQL query."
        ])
    );
}

#[tokio::test]
async fn sessions_have_bookmarks_that_sort() {
    let project = worker(
        r#"
        const s = env.DB.withSession("first-primary");
        const before = s.getBookmark();
        await s.prepare("CREATE TABLE t (a)").run();
        const first = s.getBookmark();
        await s.batch([s.prepare("INSERT INTO t VALUES (1)")]);
        const second = s.getBookmark();
        const later = env.DB.withSession(second);
        return Response.json([
            before, first < second, later.getBookmark() === second,
            await later.prepare("SELECT a FROM t").first("a"),
            await caught(() => env.DB.withSession("nonsense")),
            typeof env.DB.withSession().exec,
        ]);"#,
    );
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!([
            null,
            true,
            true,
            1,
            "Error: D1_SESSION_ERROR: invalid bookmark or constraint",
            "undefined"
        ])
    );
}

#[tokio::test]
async fn databases_are_apart_and_outlive_the_process() {
    let project = worker(
        r#"
        const db = env[url.pathname.slice(1)];
        await db.exec("CREATE TABLE IF NOT EXISTS t (n)");
        await db.prepare("INSERT INTO t VALUES (1)").run();
        return Response.json(await db.prepare("SELECT count(*) AS n FROM t").first("n"));"#,
    );
    let app = project.dev().start().await;
    assert_eq!(app.get("/DB").await.json(), 1);
    assert_eq!(app.get("/DB").await.json(), 2);
    assert_eq!(app.get("/OTHER").await.json(), 1);
    app.kill().await;
    let app = project.dev().start().await;
    assert_eq!(app.get("/DB").await.json(), 3);
}

#[tokio::test]
async fn a_long_query_leaves_other_requests_alone() {
    let project = worker(
        r#"
        if (url.pathname === "/long") {
            const endless = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x";
            globalThis.running = true;
            return Response.json(await caught(() => env.DB.prepare(endless).all()));
        }
        return Response.json([globalThis.running === true, await env.DB.prepare("SELECT 1 AS v").first("v")]);"#,
    );
    let app = project.dev().arguments(&["--isolates", "1"]).start().await;
    let long = async {
        let client = app.client();
        // Nobody waits for its end, which is 30 s away.
        let _ = tokio::time::timeout(
            std::time::Duration::from_millis(300),
            client.send("GET", "/long", ""),
        )
        .await;
    };
    long.await;
    assert_eq!(app.get("/").await.expect(200).json(), json!([true, 1]));
}
