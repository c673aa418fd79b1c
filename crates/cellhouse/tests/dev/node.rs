//! Node.js's modules: what they answer, beside miniflare; which apps have them; what the others are told.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Project, repository};

mod crypto;
mod different;
mod files;

fn project(date: &str, flags: &[&str], source: &str) -> Project {
    let config = format!(
        "name = \"app\"\nmain = \"src/index.js\"\ncompatibility_date = \"{date}\"\n\
         compatibility_flags = {flags:?}\n[vars]\nTEXT = \"text\"\nDATA = {{ a = 1 }}\n"
    );
    Project::empty()
        .with("wrangler.toml", &config)
        .with("src/index.js", source)
}

/// Of `<name>_cases.mjs`.
async fn answers_of_miniflare(name: &str) -> Value {
    let node = repository().join("crates/cellhouse/tests/node");
    let theirs = Command::new("node")
        .args(["cases_miniflare.mjs", name])
        .current_dir(&node)
        .output()
        .await
        .expect("node runs");
    let said = String::from_utf8_lossy(&theirs.stderr);
    let answers = String::from_utf8_lossy(&theirs.stdout);
    let answers = answers.lines().last().unwrap_or_default();
    serde_json::from_str(answers).unwrap_or_else(|error| panic!("miniflare: {error}\n{said}"))
}

/// Of `<name>_cases.mjs` too.
async fn our_answers(name: &str) -> Value {
    let cases = repository().join(format!("crates/cellhouse/tests/node/{name}_cases.mjs"));
    let cases = std::fs::read_to_string(cases).expect("the cases");
    let app = project("2026-07-01", &["nodejs_compat"], &cases)
        .dev()
        .start()
        .await;
    app.get("/").await.expect(200).json()
}

/// Runs `<name>_cases.mjs` here and on miniflare. `meant` says what a case gives if that is meant to differ.
async fn compare(name: &str, least: usize, meant: impl Fn(&str) -> Option<Value>) {
    let ours = our_answers(name).await;
    let theirs = answers_of_miniflare(name).await;
    let theirs = theirs.as_object().expect("an object");
    assert!(theirs.len() >= least, "{theirs:?}");
    let mut wrong = String::new();
    for (name, theirs) in theirs {
        let ours = &ours[name];
        let meant = meant(name);
        let right = meant.as_ref().unwrap_or(theirs);
        if ours != right {
            wrong += &format!("{name}:\n  ours      {ours}\n  should be {right}\n");
        } else if meant.is_some() && ours == theirs {
            wrong += &format!("{name} is no difference any more\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn modules_of_node_answer_as_on_miniflare() {
    compare("node", 91, different::meant).await;
}

/// Exports that are not here, or of another kind: constants of macOS, and what Node.js does not export.
const OTHER_NAMES: &[&str] = &[
    "cluster.Cluster",
    "constants.EXTENSIONLESS_FORMAT_JAVASCRIPT",
    "constants.EXTENSIONLESS_FORMAT_WASM",
    "constants.O_SYMLINK",
    "constants.SIGINFO",
    "constants.defaultCipherList",
    "diagnostics_channel.TracingChannel",
    "domain.active",
    "domain.create",
    "inspector/promises.Network",
    "stream/promises.promises",
];

#[tokio::test]
async fn modules_of_node_export_what_they_do_on_miniflare() {
    let ours = our_answers("names").await;
    let theirs = answers_of_miniflare("names").await;
    let mut other = Vec::new();
    for (module, theirs) in theirs.as_object().expect("an object") {
        let names = theirs.as_object().expect("names");
        assert!(!names.is_empty(), "{module}");
        let differs = |name: &&String| ours[module][name] != theirs[*name];
        let names = names.keys().filter(differs);
        other.extend(names.map(|name| format!("{module}.{name}")));
    }
    other.retain(|name| !name.starts_with("zlib.ZSTD_"));
    assert_eq!(other, OTHER_NAMES);
}

const USES_PATH: &str = "import { join } from 'node:path';
    export default { fetch: () => new Response(join('a', 'b') + typeof globalThis.process) };";

#[tokio::test]
async fn flag_and_date_say_who_has_them() {
    let cases: [(&str, &[&str], &str); 4] = [
        ("2026-07-01", &["nodejs_compat"], "a/bobject"),
        ("2024-01-01", &["nodejs_compat"], "a/bundefined"),
        ("2024-01-01", &["nodejs_compat_v2"], "a/bobject"),
        ("2026-08-04", &[], "a/bobject"),
    ];
    for (date, flags, expected) in cases {
        let app = project(date, flags, USES_PATH).dev().start().await;
        let text = app.get("/").await.expect(200).text().to_owned();
        assert_eq!(text, expected, "{date} {flags:?}");
    }
}

#[tokio::test]
async fn without_the_flag_the_build_names_it() {
    for import in [
        "import 'node:path'; import fs from 'fs';",
        "require('path');",
    ] {
        let source = format!("{import} export default {{ fetch: () => new Response() }};");
        let exit = project("2026-07-01", &[], &source)
            .command(&["build"])
            .run()
            .await;
        assert_eq!(exit.code, Some(2), "{exit:#?}");
        let said = "wasn't found on the file system but is built into node";
        assert!(exit.stderr.contains(said), "{exit:#?}");
        let help = "\"nodejs_compat\" compatibility flag";
        assert!(exit.stderr.contains(help), "{exit:#?}");
    }
}

#[tokio::test]
async fn without_the_flag_nothing_is_found_at_run_time() {
    let source = "export default { async fetch(request) {
        const name = new URL(request.url).searchParams.get('name');
        return new Response(await import(name).then(() => 'found', (error) => error.message));
    } };";
    let app = project("2026-07-01", &[], source).dev().start().await;
    let said = app
        .get("/?name=node:path")
        .await
        .expect(200)
        .text()
        .to_owned();
    assert!(said.contains("there is no module \"node:path\""), "{said}");
}

#[tokio::test]
async fn async_local_storage_alone() {
    let source = "import { AsyncLocalStorage } from 'node:async_hooks';
        const storage = new AsyncLocalStorage();
        export default { fetch: () => storage.run('x', async () => {
            await null;
            return new Response(storage.getStore() + typeof globalThis.Buffer);
        }) };";
    let app = project("2026-07-01", &["nodejs_als"], source)
        .dev()
        .start()
        .await;
    assert_eq!(app.get("/").await.expect(200).text(), "xundefined");
}

#[tokio::test]
async fn modules_that_do_nothing_say_so_when_they_are_used() {
    let source = "import net from 'node:net'; import vm from 'node:vm'; import { spawn } from 'node:child_process';
        import { Worker } from 'node:worker_threads';
        const uses = {
            net: () => net.createServer(), spawn: () => spawn('ls'), vm: () => vm.runInThisContext('1'),
            worker: () => new Worker('x'),
        };
        const said = (use) => { try { return `no error: ${use()}` } catch (error) { return error.message } };
        export default { fetch: () => Response.json(Object.fromEntries(Object.entries(uses).map(([name, use]) => [name, said(use)]))) };";
    let app = project("2026-07-01", &["nodejs_compat"], source)
        .dev()
        .start()
        .await;
    let said = app.get("/").await.expect(200).json();
    for name in ["net", "spawn", "vm", "worker"] {
        let message = said[name].as_str().expect("a message");
        assert!(message.contains("is not implemented"), "{said:#}");
    }
}

#[tokio::test]
async fn an_app_of_ploy_has_its_variables_in_process_env() {
    let source =
        "export default { fetch: () => Response.json([process.env.NAME, typeof Buffer]) };";
    let project = Project::ploy("", source).with(".env", "NAME=ada\n");
    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    assert_eq!(answer, json!(["ada", "function"]));
}

#[tokio::test]
async fn an_object_keeps_its_stores_and_its_gate() {
    let source = "import { AsyncLocalStorage } from 'node:async_hooks';
        import { DurableObject } from 'cloudflare:workers';
        const storage = new AsyncLocalStorage();
        export class Counter extends DurableObject {
            async add(name) {
                return storage.run(name, async () => {
                    const before = (await this.ctx.storage.get('n')) ?? 0;
                    await this.ctx.storage.put('n', before + 1);
                    await new Promise((done) => setTimeout(done, 1));
                    return [storage.getStore(), before];
                });
            }
        }
        export default { async fetch(request, env) {
            const stub = env.COUNTER.getByName('one');
            return Response.json(await Promise.all(['a', 'b', 'c'].map((name) => stub.add(name))));
        } };";
    let project = project("2026-07-01", &["nodejs_compat"], source);
    let config = project.read("wrangler.toml")
        + "[[durable_objects.bindings]]\nname = \"COUNTER\"\nclass_name = \"Counter\"\n\
           [[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"Counter\"]\n";
    project.write("wrangler.toml", &config);
    let app = project.dev().start().await;
    let answer = app.get("/").await.expect(200).json();
    assert_eq!(answer, json!([["a", 0], ["b", 1], ["c", 2]]));
}

#[test]
fn the_scripts_of_nodes_modules_are_what_their_generator_makes() {
    assert_generated("packages/node-compat");
}

#[test]
fn the_texts_of_locales_are_what_their_generator_makes() {
    assert_generated("packages/intl");
}

/// A package's `generated/` is what its `generate.mjs` would write.
fn assert_generated(package: &str) {
    let folder = repository().join(package);
    assert!(
        folder.join("node_modules").is_dir(),
        "run ./test, or `npm ci` in {}",
        folder.display()
    );
    let check = std::process::Command::new("node")
        .args(["generate.mjs", "--check"])
        .current_dir(&folder)
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{said}");
}
