//! `sdk.do` as an app imports it, with nothing installed and nothing configured: what one request can see
//! case by case, events and schedules, and models behind a real HTTP server.

pub(super) mod ai;
mod bad;
mod changes;
mod events;
mod reload;
mod storm;

use serde_json::json;

use crate::support::Project;

/// Binds one class, so that a binding and `state.get()` can be seen to be the same.
const CONFIG: &str = r#"
name = "app"
main = "src/index.ts"
compatibility_date = "2026-07-01"
[[durable_objects.bindings]]
name = "BOUND"
class_name = "Bound"
"#;

#[tokio::test]
async fn every_case_holds() {
    let project = Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("src/index.ts", include_str!("sdk/worker.ts"));
    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    assert_eq!(answer, json!({ "ran": 25, "wrong": {} }), "{answer:#}");
}

/// A database that the app binds is the one of `db`, and its own tables are beside those of the package.
#[tokio::test]
async fn documents_are_in_the_database_of_the_app() {
    let source = "
        import { db } from 'sdk.do';
        export default { async fetch(_request, env) {
            await env.DB.exec('CREATE TABLE documents (mine TEXT)');
            await env.DB.exec(\"INSERT INTO documents VALUES ('still here')\");
            await db.create($.Person, { $id: 'ada', name: 'Ada' });
            const { results } = await env.DB.prepare('SELECT type, id FROM sdk_documents').all();
            const mine = await db.query('SELECT mine FROM documents WHERE mine <> ?', 'x');
            await env.DB.exec('DROP TABLE sdk_documents');
            return Response.json([results, mine, await db.get($.Person, 'ada')]);
        } };
    ";
    let config = CONFIG.replace(
        "[[durable",
        "d1_databases = [{ binding = \"OTHER\", database_id = \"x\" }, { binding = \"DB\", database_id = \"default\" }]\n[[durable",
    );
    let class = "export class Bound {}";
    let project = Project::empty()
        .with("wrangler.toml", &config)
        .with("src/index.ts", &format!("{source}{class}"));
    let app = project.dev().start().await;
    let expected = json!([[{ "type": "Person", "id": "ada" }], [{ "mine": "still here" }], null]);
    assert_eq!(app.get("/").await.expect(200).json(), expected);
}

#[tokio::test]
async fn an_installed_package_goes_first() {
    let project = Project::ploy(
        "",
        "import { $ } from 'sdk.do'; export default { fetch: () => new Response($) };",
    )
    .with(
        "node_modules/sdk.do/package.json",
        r#"{ "name": "sdk.do", "main": "index.js" }"#,
    )
    .with("node_modules/sdk.do/index.js", "exports.$ = 'installed';");
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).text(), "installed");
}

#[tokio::test]
async fn the_module_of_the_runtime_is_for_packages_only() {
    let source = "import { env } from 'cellhouse:platform'; export default { fetch: () => env.x };";
    let project = Project::ploy("", source);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    assert!(exit.stderr.contains("cellhouse:platform"), "{exit:#?}");
}

#[tokio::test]
async fn fields_survive_a_crash() {
    let source = "
        import { state } from 'sdk.do';
        export class Counter {
            value = 0;
            since = new Date(5);
            async increment() { this.value++; await state.save(this); return [this.value, this.since instanceof Date]; }
        }
        export default { async fetch() { return Response.json(await (await state.get($.Counter, 'c')).increment()); } };
    ";
    let project = Project::ploy("", source);
    for value in 1..=3 {
        let app = project.dev().start().await;
        assert_eq!(app.get("/").await.expect(200).json(), json!([value, true]));
        app.kill().await;
    }
}
