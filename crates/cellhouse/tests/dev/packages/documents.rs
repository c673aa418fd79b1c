//! Every snippet of the documents about `@workkit/kv` and `sdk.do`, as it stands there: the strict compiler takes
//! it, and it does what the document says.

use std::process::Command;

use serde_json::{Value, json};

use super::sdk::ai::endpoint;
use crate::support::{Project, eventually};
use crate::types::compiler;

const WORKKIT: &str = r#"
name = "snippets"
main = "src/index.ts"
compatibility_date = "2026-07-01"
kv_namespaces = [
    { binding = "USERS_KV", id = "users" }, { binding = "MY_KV", id = "my" }, { binding = "CACHE_KV", id = "cache" },
    { binding = "SESSION_KV", id = "session" }, { binding = "FLAGS_KV", id = "flags" }, { binding = "COUNTER_KV", id = "counter" },
]
"#;
/// With nothing configured.
const SDK: &str =
    "name = \"snippets\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-07-01\"\n";
const TSCONFIG: &str = r#"{ "compilerOptions": { "strict": true, "noEmit": true, "target": "esnext", "module": "esnext",
    "moduleResolution": "bundler", "types": [] }, "include": ["*.d.ts", "src/*.ts"] }"#;

macro_rules! sdk_files {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("documents/sdk/", $name, ".ts")))),*] };
}

/// The files of the snippets, `index` among them.
const SDK_FILES: &[(&str, &str)] =
    sdk_files!("index" "conversation" "heard" "order" "patterns" "user_cache");

fn project(config: &str, files: &[(&str, &str)]) -> Project {
    let project = Project::empty()
        .with("wrangler.toml", config)
        .with("tsconfig.json", TSCONFIG);
    for (name, text) in files {
        project.write(&format!("src/{name}.ts"), text);
    }
    project
}

async fn passes_the_strict_compiler(project: &Project) {
    let exit = project.command(&["types"]).run().await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    let output = Command::new(compiler())
        .args(["--project", "."])
        .current_dir(project.path())
        .output();
    let output = output.expect("the compiler starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[tokio::test]
async fn the_snippets_about_workkit_kv() {
    let snippets = [("index", include_str!("documents/workkit.ts"))];
    let project = project(WORKKIT, &snippets);
    passes_the_strict_compiler(&project).await;
    let app = project.dev().start().await;
    let seen = app.get("/").await.expect(200).json();
    let alice = json!({ "id": "alice", "name": "Alice", "role": "admin" });
    let expected = json!({
        "quickStart": alice,
        "coreOperations": [[null, null, null], { "version": 1 }, true, false],
        "withMetadata": ["Alice", 7, null],
        "batchOperations": ["alice: Alice", "bob: Bob", [{ "name": "permanent", "expiration": "number" }]],
        "listingKeys": [
            "active:dora", "undefined", { "new": true }, "alice", "number", null, "bob", "number", null,
            "active:dora", 3
        ],
        "caching": [{ "answer": "/a 1" }, { "answer": "/a 1" }],
        "sessionsPattern": ["user-123", null],
        "featureFlags": [true, false, false],
        "rateCounter": [1, 2, 1],
        "keyUtilities": ["user:alice", "alice"],
        "errorHandling": ["BindingNotFoundError", "ValidationError", "InternalError"],
        "rawAccess": [null, "raw"],
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&seen[name], value, "{name}");
    }
    assert_eq!(
        seen.as_object().map(|seen| seen.len()),
        expected.as_object().map(|all| all.len())
    );
}

#[tokio::test]
async fn the_snippets_about_sdk_do() {
    let url = endpoint().await;
    let vars = format!("AI_BASE_URL={url}\nAI_API_KEY=secret\nAI_MODEL=m\n");
    let project = project(SDK, SDK_FILES);
    passes_the_strict_compiler(&project).await;
    project.write(".dev.vars", &vars);
    let app = project.dev().start().await;
    let ada = json!({ "name": "Ada", "$id": "ada", "$type": "Person" });
    assert_eq!(
        app.get("/user").await.expect(200).json(),
        json!([ada, ada]),
        "the second one is from the object"
    );
    app.get("/order").await.expect(200);
    assert_eq!(
        app.get("/conversation").await.expect(200).json(),
        "Context:\n{\"history\":[\"hello\"]} | hello [m] true"
    );
    let operations = json!([null, { "a": 1 }, null]);
    assert_eq!(app.get("/patterns").await.expect(200).json(), operations);
    eventually("all events are heard", async || {
        let mut heard: Vec<String> = match app.get("/").await.expect(200).json() {
            Value::Array(heard) => heard.iter().map(Value::to_string).collect(),
            other => panic!("{other}"),
        };
        heard.sort();
        heard
            == [
                "\"Order.created o1\"",
                "\"Session.expired ada\"",
                "\"State.updated k\"",
            ]
    })
    .await;
}

const STRANGER: &str = r#"
name = "stranger"
main = "src/index.ts"
compatibility_date = "2026-07-01"
kv_namespaces = [{ binding = "USERS_KV", id = "users" }]
d1_databases = [{ binding = "DB", database_name = "main", database_id = "main" }]
[durable_objects]
bindings = [{ name = "COUNTER", class_name = "Counter" }]
[[migrations]]
tag = "v1"
new_classes = ["Counter"]
"#;

/// Both libraries, State, an object and D1 in one Worker: the configs are those of the documents.
const STRANGERS_WORKER: &str = r#"
import { kv } from '@workkit/kv'
import { $, db, on, send, state } from 'sdk.do'

export class Counter {
  declare state: DurableObjectState
  async increment(by = 1) {
    const count = ((await this.state.storage.get<number>('count')) || 0) + by
    await this.state.storage.put('count', count)
    return count
  }
}

on($.Visit.counted, async (event) => {
  await db.upsert($.Visit, event.$id, { count: event.count })
})

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/visits') return Response.json(await db.list($.Visit))
    const visitors = kv<{ visits: number }>(env.USERS_KV, { prefix: 'visitor:' })
    const before = (await visitors.get('ada'))?.visits ?? 0
    await visitors.put('ada', { visits: before + 1 })
    const bound = await env.COUNTER.getByName('all').increment()
    const found = await (await state.get(Counter, 'all')).increment()
    await env.DB.exec('CREATE TABLE IF NOT EXISTS log (count INTEGER)')
    await env.DB.prepare('INSERT INTO log VALUES (?)').bind(found).run()
    await $.state.set('last', found)
    await send($.Visit.counted, { count: found })
    const row = await env.DB.prepare('SELECT count(*) AS n FROM log').first<number>('n')
    return Response.json([before, bound, found, row, await $.state.get('last')])
  },
} satisfies ExportedHandler<Env>
"#;

#[tokio::test]
async fn a_strangers_worker_runs_with_nothing_installed() {
    let project = project(STRANGER, &[("index", STRANGERS_WORKER)]);
    passes_the_strict_compiler(&project).await;
    for visits in 0..2 {
        let app = project.dev().start().await;
        let (bound, found) = (2 * visits + 1, 2 * visits + 2);
        assert_eq!(
            app.get("/").await.expect(200).json(),
            json!([visits, bound, found, visits + 1, found])
        );
        eventually("the visit is a document", async || {
            let list = app.get("/visits").await.expect(200).json();
            list.as_array().is_some_and(|list| list.len() == visits + 1)
        })
        .await;
        app.kill().await;
    }
}
