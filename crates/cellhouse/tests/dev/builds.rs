//! What build tools leave: their config, and code of many modules.

mod vite;

use serde_json::json;

use crate::support::Project;

const DEPLOY: &str = r#"{"configPath":"../../dist/server/wrangler.json","auxiliaryWorkers":[]}"#;
const MADE: &str = r#"{"userConfigPath":"/x/wrangler.jsonc","topLevelName":"app","definedEnvironments":[],"compatibility_date":"2026-07-01","rules":[{"type":"ESModule","globs":["**/*.js","**/*.mjs"]}],"name":"app","main":"index.js","assets":{"directory":"../client"},"kv_namespaces":[{"binding":"KV"}],"no_bundle":true}"#;

fn built(text: &str) -> String {
    format!(
        "const text = {text:?};
         export default {{ async fetch(request, env) {{
             const {{ page }} = await import('./assets/page.js');
             const count = Number(await env.KV.get('count') ?? 0) + 1;
             await env.KV.put('count', String(count));
             return Response.json({{ page: page(text), count, secret: env.SECRET }});
         }} }};"
    )
}

#[tokio::test]
async fn the_config_of_a_build_is_used_in_place_of_the_app_s_own() {
    let project = Project::empty()
        .with(
            "wrangler.jsonc",
            r#"{"name":"app","main":"./src/not_for_us.ts"}"#,
        )
        .with(".dev.vars", "SECRET=of the app\n")
        .with(".wrangler/deploy/config.json", DEPLOY)
        .with("dist/server/wrangler.json", MADE)
        .with("dist/server/index.js", &built("first"))
        .with(
            "dist/server/assets/page.js",
            "export const page = (text) => `page ${text}`;",
        )
        .with("dist/client/style.css", "p {}");
    let app = project.dev().start().await;
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!({ "page": "page first", "count": 1, "secret": "of the app" })
    );
    assert_eq!(app.get("/style.css").await.expect(200).text(), "p {}");
    let notes: Vec<_> = app.events().all(0, "warning");
    assert_eq!(notes.len(), 1, "{notes:#?}");
    let note = notes[0]["message"].as_str().expect("a message");
    assert!(
        note.contains("dist/server/wrangler.json is used, which a build made of wrangler.jsonc"),
        "{note}"
    );

    // The next build: code is made anew, and the data stays.
    let mark = app.events().mark();
    project.write("dist/server/index.js", &built("second"));
    app.events()
        .next(mark, "reloaded")
        .await
        .expect("it goes on");
    assert_eq!(
        app.get("/").await.expect(200).json(),
        json!({ "page": "page second", "count": 2, "secret": "of the app" })
    );
    assert!(project.has(".cellhouse"));
    assert!(!project.has("dist/server/.cellhouse"));
}

#[tokio::test]
async fn a_file_that_an_import_could_mean_is_there_once_it_is_written() {
    let source = "export default { async fetch(request) {
        const name = new URL(request.url).pathname.slice(1);
        try { return new Response((await import(`./words/${name}.js`)).default); }
        catch (error) { return new Response(error.message, { status: 404 }); }
    } };";
    let project = Project::ploy("", source).with("src/words/en.js", "export default 'hello';");
    let app = project.dev().start().await;
    assert_eq!(app.get("/en").await.expect(200).text(), "hello");
    let missing = app.get("/de").await.expect(404);
    assert_eq!(missing.text(), "Module not found in bundle: ./words/de.js");
    let mark = app.events().mark();
    project.write("src/words/de.js", "export default 'hallo';");
    app.events()
        .next(mark, "reloaded")
        .await
        .expect("it goes on");
    assert_eq!(app.get("/de").await.expect(200).text(), "hallo");
}

const SMALL: &str = r#"
name = "small"
main = "index.js"
compatibility_date = "2026-07-01"
compatibility_flags = ["nodejs_compat"]
version_metadata = { binding = "VERSION" }
images = { binding = "IMAGES" }
[[analytics_engine_datasets]]
binding = "EVENTS"
[[hyperdrive]]
binding = "PG"
id = "1"
localConnectionString = "postgres://us%40er:p%3Aw@localhost:5433/my%20db?sslmode=disable"
[[hyperdrive]]
binding = "MY"
id = "2"
[[hyperdrive]]
binding = "NONE"
id = "3"
[[secrets_store_secrets]]
binding = "KEY"
store_id = "s"
secret_name = "api-key"
[[secrets_store_secrets]]
binding = "OTHER"
store_id = "s"
secret_name = "other-key"
"#;

const SMALL_SOURCE: &str = "export default { async fetch(request, env) {
    const told = async (run) => { try { return await run(); } catch (error) { return String(error); } };
    const { id, tag, timestamp } = env.VERSION;
    const { connectionString, ...my } = env.MY;
    return Response.json({
        version: [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id), tag, Date.now() - Date.parse(timestamp) < 600_000],
        of_process: JSON.parse(process.env.VERSION).id === id,
        written: String(env.EVENTS.writeDataPoint({ blobs: ['a'], doubles: [1], indexes: ['i'] })),
        pg: { ...env.PG }, pg_is: String(env.PG), connect: typeof env.PG.connect, my,
        none: await told(() => env.NONE.connectionString),
        secrets: [await told(() => env.KEY.get()), await told(() => env.OTHER.get())],
        images: await told(() => env.IMAGES.input(new ReadableStream())),
    });
} };";

#[tokio::test]
async fn bindings_that_the_config_says_all_of() {
    let project = Project::empty()
        .with("wrangler.toml", SMALL)
        .with("index.js", SMALL_SOURCE)
        .with(".dev.vars", "KEY=the key\n");
    let app = project
        .dev()
        .variable(
            "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_MY",
            "mysql://root:pw@127.0.0.1/db",
        )
        .start()
        .await;
    let found = app.get("/").await.expect(200).json();
    let missing = "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_NONE";
    assert_eq!(
        found,
        json!({
            "version": [true, "", true],
            "of_process": true,
            "written": "undefined",
            "pg": {
                "connectionString": "postgres://us%40er:p%3Aw@localhost:5433/my%20db?sslmode=disable",
                "port": 5433, "host": "localhost", "password": "p:w", "user": "us@er", "database": "my db",
            },
            "pg_is": "[object Hyperdrive]",
            "connect": "function",
            "my": { "port": 3306, "host": "127.0.0.1", "password": "pw", "user": "root", "database": "db" },
            "none": format!("Error: env.NONE cannot be used: it needs the connection string of a database: set \
                `localConnectionString` of the binding, or the variable {missing}."),
            "secrets": ["the key", "Error: Secret \"other-key\" not found"],
            "images": "Error: Images binding \"IMAGES\" is configured, but this version of Cellhouse does not have Images binding yet.",
        })
    );
    let notes = app.events().all(0, "warning");
    let notes: Vec<_> = notes.iter().map(|note| note["message"].as_str()).collect();
    assert_eq!(notes.len(), 1, "{notes:#?}");
    assert!(notes[0].is_some_and(|note| note.contains("`IMAGES` (Images binding)")));
}
