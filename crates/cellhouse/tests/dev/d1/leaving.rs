//! Queries whose client leaves, or whose isolate ends, before they do.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::CONFIG;
use crate::support::{App, Project, eventually, full};

/// `/NAME` runs something that takes longer than any test. `/log` has what has begun, and how it ended.
const WORKER: &str = r#"
const ENDLESS = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x";
const WHILE = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 2000000) SELECT count(*) FROM x";
const log = [];
export default {
	async fetch(request, env, ctx) {
		const path = new URL(request.url).pathname;
		const { DB } = env;
		const insert = (n) => DB.prepare("INSERT INTO t VALUES (?)").bind(n);
		const run = {
			"/setup": () => DB.exec("CREATE TABLE t (n)"),
			"/log": () => log,
			"/count": () => DB.prepare("SELECT count(*) AS n FROM t").first("n"),
			"/insert": () => insert(1).run(),
			"/pooled": () => DB.prepare(WHILE).first(),
			"/read": () => DB.prepare(ENDLESS).first(),
			"/write": () => DB.prepare(`INSERT INTO t ${ENDLESS}`).run(),
			"/batch": () => DB.batch([insert(7), DB.prepare(`INSERT INTO t ${ENDLESS}`), insert(8)]),
			"/transaction": () => DB.transaction(async (tx) => {
				await tx.prepare("INSERT INTO t VALUES (9)").run();
				await tx.prepare(`INSERT INTO t ${ENDLESS}`).run();
			}, { timeout: 30_000 }),
			"/again": async () => {
				await DB.prepare(ENDLESS).first().catch(() => {});
				return DB.prepare(ENDLESS).first();
			},
			"/later": () => {
				const later = DB.prepare(`INSERT INTO t ${WHILE}`).run();
				ctx.waitUntil(later.then(() => log.push("waited")));
				return Promise.all([later, DB.prepare(ENDLESS).first()]);
			},
			"/spin": () => { for (;;); },
		}[path];
		if (["/log", "/count", "/setup", "/insert", "/pooled"].includes(path)) return Response.json((await run()) ?? null);
		log.push(`begun ${path}`);
		try {
			return Response.json(await run());
		} catch (error) {
			log.push(`${path}: ${error.message}`);
			throw error;
		}
	},
};
"#;

const STOPPED: &str = "D1_ERROR: nobody waits for the query any more";
/// Less than the 30 s after which a query ends by itself.
const SOON: Duration = Duration::from_secs(20);

async fn start(arguments: &[&str]) -> (Project, App) {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("src/index.ts", &format!("// @ts-nocheck\n{WORKER}"));
    let app = project
        .dev()
        .arguments(&["--isolates", "1"])
        .arguments(arguments)
        .start()
        .await;
    app.get("/setup").await.expect(200);
    (project, app)
}

async fn log(app: &App) -> Vec<Value> {
    let log = app.get("/log").await.expect(200).json();
    log.as_array().expect("a list").clone()
}

async fn logged(app: &App, line: &str, times: usize) {
    eventually(line, async || {
        log(app).await.iter().filter(|one| *one == line).count() == times
    })
    .await;
}

/// Asks for something endless. Whoever aborts it leaves.
fn ask(app: &App, path: &str) -> JoinHandle<()> {
    let request = app.client().request("GET", path);
    let request = request.body(full("")).expect("a request");
    let client = app.client().clone();
    tokio::spawn(async move { drop(client.try_call(request).await) })
}

/// Asks, and leaves when it has begun.
async fn ask_and_leave(app: &App, path: &str) {
    let asking = ask(app, path);
    logged(app, &format!("begun {path}"), 1).await;
    asking.abort();
}

async fn count(app: &App) -> Value {
    app.get("/count").await.expect(200).json()
}

#[tokio::test]
async fn a_write_stops_when_its_client_leaves_and_nothing_of_it_stays() {
    let (_project, app) = start(&[]).await;
    for path in ["/write", "/batch", "/transaction"] {
        ask_and_leave(&app, path).await;
        logged(&app, &format!("{path}: {STOPPED}"), 1).await;
        // The next writer gets its turn.
        let insert = tokio::time::timeout(SOON, app.get("/insert"));
        insert.await.expect("the turn is free").expect(200);
    }
    assert_eq!(count(&app).await, json!(3));
}

#[tokio::test]
async fn threads_are_free_when_the_clients_of_their_queries_have_left() {
    let (_project, app) = start(&[]).await;
    // As many as there are threads.
    let asking: Vec<_> = (0..16).map(|_| ask(&app, "/read")).collect();
    logged(&app, "begun /read", 16).await;
    asking.iter().for_each(JoinHandle::abort);
    logged(&app, &format!("/read: {STOPPED}"), 16).await;
    let pooled = tokio::time::timeout(SOON, app.get("/pooled"));
    pooled.await.expect("a thread is free").expect(200);
}

#[tokio::test]
async fn what_begins_after_its_client_has_left_is_not_wanted_either() {
    let (_project, app) = start(&[]).await;
    ask_and_leave(&app, "/again").await;
    logged(&app, &format!("/again: {STOPPED}"), 1).await;
}

#[tokio::test]
async fn wait_until_goes_on() {
    let (_project, app) = start(&[]).await;
    ask_and_leave(&app, "/later").await;
    logged(&app, "waited", 1).await;
    // With it the last reason ends for the other query to run.
    logged(&app, &format!("/later: {STOPPED}"), 1).await;
    assert_eq!(count(&app).await, json!(1));
}

#[tokio::test]
async fn queries_end_with_their_isolate() {
    let (_project, app) = start(&["--cpu-limit-ms", "300"]).await;
    let asking = ask(&app, "/write");
    logged(&app, "begun /write", 1).await;
    // Keeps the isolate busy until it is ended.
    app.get("/spin").await.expect(500);
    asking.await.expect("it is answered");
    let insert = tokio::time::timeout(SOON, app.get("/insert"));
    insert.await.expect("the turn is free").expect(200);
    assert_eq!(count(&app).await, json!(1));
}
