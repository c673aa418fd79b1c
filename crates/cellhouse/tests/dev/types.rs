//! `cellhouse types`: what it writes is what the examples hold, and the TypeScript compiler
//! accepts it in strict mode, in both styles of the documents.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::examples::TESTED;
use crate::support::Project;

/// The folder that `npm ci` fills from `tests/node/package-lock.json`.
pub fn node_modules() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/node_modules");
    assert!(
        folder.is_dir(),
        "{} is missing: run ./test, or `npm ci` beside it",
        folder.display()
    );
    folder
}

/// TypeScript's compiler is a native program inside the npm package for this kind of machine.
pub fn compiler() -> PathBuf {
    let packages = node_modules().join("@typescript");
    std::fs::read_dir(&packages)
        .expect("the folder of the compiler")
        .map(|entry| entry.expect("read it").path().join("lib/tsc"))
        .find(|path| path.is_file())
        .expect("npm installed the compiler for this machine")
}

#[track_caller]
fn accepts(project: &Project, arguments: &[&str]) {
    let output = Command::new(compiler())
        .args(arguments)
        .current_dir(project.path())
        .output()
        .expect("the compiler starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

async fn generate(project: &Project, arguments: &[&str]) {
    let exit = project
        .command(&[&["types"], arguments].concat())
        .run()
        .await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
}

#[tokio::test]
async fn the_examples_hold_what_the_command_writes() {
    for example in TESTED {
        let project = Project::example(example);
        let committed = project.read("env.d.ts");
        generate(&project, &[]).await;
        assert_eq!(
            project.read("env.d.ts"),
            committed,
            "run `cellhouse types` in {example}"
        );
    }
}

#[tokio::test]
async fn the_examples_pass_the_compiler() {
    for example in TESTED {
        let project = Project::example(example);
        link_packages(&project);
        accepts(&project, &["--project", "."]);
    }
}

/// Gives a project the packages that its package.json names, if it has one.
pub fn link_packages(project: &Project) {
    if !project.has("package.json") {
        return;
    }
    let package: serde_json::Value =
        serde_json::from_str(&project.read("package.json")).expect("JSON");
    let folder = project.path().join("node_modules");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in package["dependencies"].as_object().expect("a map").keys() {
        let installed = node_modules().join(name);
        std::os::unix::fs::symlink(installed, folder.join(name)).expect("a link");
    }
}

const BINDINGS: &str = "state:\n  STATE: default\n  USER_STATE: users\ncache:\n  CACHE: default\n";

/// The first style of the documents: globals, and `satisfies Ploy` gives the parameters types.
const GLOBALS: &str = r#"
export async function first(env: PloyEnv): Promise<string | null> {
    const text: string | null = await env.STATE.get("my-key");
    const bytes: ArrayBuffer | null = await env.USER_STATE.get("avatar", "arrayBuffer");
    const page = await env.STATE.list({ prefix: "user:", limit: 100 });
    console.log(page.keys, page.cursor, bytes);
    const cached: string | null = await env.CACHE.get("my-key");
    return text ?? cached;
}

export default {
    async fetch(request, env, ctx) {
        ctx.waitUntil(env.CACHE.set("path", new URL(request.url).pathname, { ttl: 60 }));
        return new Response(await first(env));
    },
} satisfies Ploy;
"#;

/// The second style: an exported `Env` whose types are imported by name.
const IMPORTS: &str = r#"
import type { CacheBinding, StateBinding } from "@meetploy/types";
import type { Env } from "../env";

export async function both(env: Env): Promise<[StateBinding, CacheBinding]> {
    await env.STATE.set("username", "alice");
    return [env.STATE, env.CACHE];
}

export default {
    async fetch(request, env) {
        const [state] = await both(env);
        return Response.json(await state.getWithMetadata("settings", { type: "json" }));
    },
} satisfies Ploy;
"#;

#[tokio::test]
async fn both_styles_of_the_documents_pass_the_strict_compiler() {
    let strict = [
        "--strict", "--noEmit", "--target", "esnext", "--module", "esnext",
    ];
    for source in [GLOBALS, IMPORTS] {
        let project = Project::ploy(BINDINGS, source);
        generate(&project, &[]).await;
        accepts(
            &project,
            &[
                &strict[..],
                &["--moduleResolution", "bundler", "env.d.ts", "src/index.ts"],
            ]
            .concat(),
        );
    }
}

/// Types that accept everything would pass all tests above.
#[tokio::test]
async fn the_compiler_finds_mistakes() {
    for mistake in [
        "await env.STATE.put('key');",
        "await env.STATE.get(1);",
        "await env.STATES.get('key');",
        "await env.CACHE.set('key', 5);",
        "await env.CACHE.set('key', 'value', { ttl: '60' });",
        "await env.STATE.update('key', { $add: { n: 1 } });",
        "const n: number = await env.STATE.get('key');",
    ] {
        let source = format!(
            "export default {{ async fetch(request, env) {{\n{mistake}\nreturn new Response(request.url);\n}} }} satisfies Ploy;\n"
        );
        let project = Project::ploy(BINDINGS, &source).with(
            "tsconfig.json",
            r#"{ "compilerOptions": { "strict": true, "noEmit": true, "target": "esnext" } }"#,
        );
        generate(&project, &[]).await;
        let output = Command::new(compiler())
            .args(["--project", "."])
            .current_dir(project.path())
            .output()
            .expect("the compiler starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("src/index.ts(2,"), "{mistake} passed: {said}");
        assert_eq!(said.matches("error TS").count(), 1, "{mistake}: {said}");
    }
}

/// Classes with and without a base, called over RPC.
const OBJECTS: &str = r#"
import { DurableObject } from "cloudflare:workers";

export class Based extends DurableObject<Env> {
    async increment(by: number): Promise<number> {
        const count = ((await this.ctx.storage.get<number>("count")) ?? 0) + by;
        await this.ctx.storage.put("count", count);
        return count + this.env.PLAINS.getByName("x").id.toString().length;
    }
}

export class Plain {
    declare readonly state: DurableObjectState;
    declare readonly env: Env;
    async names(prefix: string): Promise<string[]> {
        const rows = this.state.storage.sql.exec<{ name: string }>("SELECT name FROM names");
        return rows.toArray().map((row) => prefix + row.name);
    }
}

export default {
    async fetch(request, env) {
        const count: number = await env.BASED.getByName("one").increment(1);
        const id: DurableObjectId = env.PLAINS.newUniqueId();
        const names: string[] = await env.PLAINS.get(id).names(`${count}`);
        return new Response(names.join());
    },
} satisfies ExportedHandler<Env>;
"#;

fn objects(source: &str) -> Project {
    Project::empty()
        .with(
            "wrangler.toml",
            r#"
            name = "app"
            main = "src/index.ts"
            compatibility_date = "2026-07-01"
            [durable_objects]
            bindings = [
                { name = "BASED", class_name = "Based" },
                { name = "PLAINS", class_name = "Plain" },
                { name = "THEIRS", class_name = "Theirs", script_name = "another" },
            ]
            "#,
        )
        .with("src/index.ts", source)
        .with(
            "tsconfig.json",
            r#"{ "compilerOptions": { "strict": true, "noEmit": true, "target": "esnext", "module": "esnext",
                "moduleResolution": "bundler", "skipLibCheck": true, "types": [] },
                "files": ["env.d.ts", "src/index.ts"] }"#,
        )
}

#[tokio::test]
async fn methods_of_objects_have_types_with_and_without_the_package_of_cloudflare() {
    let project = objects(OBJECTS);
    generate(&project, &[]).await;
    accepts(&project, &["--project", "."]);
    assert!(project.has("cellhouse.d.ts"));

    let project = objects(OBJECTS);
    symlink(node_modules(), project.path().join("node_modules")).expect("a link");
    generate(&project, &[]).await;
    accepts(&project, &["--project", "."]);
    assert!(!project.has("cellhouse.d.ts"));
    let env = project.read("env.d.ts");
    assert!(env.contains("THEIRS: DurableObjectNamespace;"), "{env}");
}

#[tokio::test]
async fn mistakes_in_calls_of_objects_are_found() {
    for mistake in [
        "await env.PLAINS.getByName('x').other();",
        "await env.PLAINS.getByName('x').names(1);",
        "await env.PLAINS.getByName('x').state;",
        "await env.PLAINS.get('x');",
        "const n: number = await env.PLAINS.getByName('x').names('y');",
        "await env.THEIRS.getByName('x').names('y');",
    ] {
        let (classes, _) = OBJECTS.split_once("export default").expect("a handler");
        let source = format!(
            "{classes} export default {{ async fetch(request, env) {{\n{mistake}\nreturn new Response(request.url);\n}} }} satisfies ExportedHandler<Env>;\n"
        );
        let project = objects(&source);
        generate(&project, &[]).await;
        let output = Command::new(compiler())
            .args(["--project", "."])
            .current_dir(project.path())
            .output()
            .expect("the compiler starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.matches("error TS").count(), 1, "{mistake}: {said}");
    }
}

#[tokio::test]
async fn into_another_file() {
    let project = Project::ploy(BINDINGS, GLOBALS);
    generate(&project, &[".", "--output", "types/env.d.ts"]).await;
    assert!(project.read("types/env.d.ts").contains("USER_STATE"));
    assert!(!project.has("env.d.ts"));
}

/// The declarations that apps see are those of the code.
#[track_caller]
fn declares_its_code(folder: &str, name: &str) {
    let package = crate::support::repository().join("packages").join(folder);
    let declared = std::fs::read_to_string(package.join("package.d.ts"))
        .expect("its declarations")
        .replace("@NAMESPACE@", "KVNamespaceLike");
    let check = format!(
        "import * as code from \"{}\";\nimport * as types from \"{name}\";\n\
         export const forth: typeof types = code;\nexport const back: typeof code = types;\n",
        package.join("index").display()
    );
    let project = Project::empty()
        .with("package.d.ts", &declared)
        .with("check.ts", &check)
        .with(
            "tsconfig.json",
            r#"{ "compilerOptions": { "strict": true, "noEmit": true, "target": "esnext", "module": "esnext",
                "moduleResolution": "bundler", "types": [] }, "files": ["package.d.ts", "check.ts"] }"#,
        );
    accepts(&project, &["--project", "."]);
}

#[test]
fn the_types_of_workkit_kv_are_those_of_its_code() {
    declares_its_code("workkit-kv", "@workkit/kv");
}

const DATABASE: &str = r#"
interface User { id: number; email: string }

export default {
    async fetch(request, env) {
        const { results } = await env.DB.prepare("SELECT * FROM users").all<User>();
        const emails: string[] = results.map((user) => user.email);
        const changes: number = (await env.DB.prepare("DELETE FROM users").run()).meta.changes;
        const left: number | null = await env.DB.transaction(async (tx) => {
            await tx.batch([tx.prepare("SELECT 1")]);
            return tx.prepare("SELECT count(*) AS n FROM users").first<number>("n");
        }, { timeout: 100 });
        const bookmark: string | null = env.DB.withSession("first-primary").getBookmark();
        return Response.json([emails, changes, left, bookmark]);
    },
} satisfies ExportedHandler<Env>;
"#;

#[tokio::test]
async fn databases_have_types_with_and_without_the_package_of_cloudflare() {
    for installed in [false, true] {
        let project = objects(DATABASE).with(
            "wrangler.toml",
            "name = \"app\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-07-01\"\n\
             d1_databases = [{ binding = \"DB\", database_name = \"main\", database_id = \"main\" }]\n",
        );
        if installed {
            symlink(node_modules(), project.path().join("node_modules")).expect("a link");
        }
        generate(&project, &[]).await;
        accepts(&project, &["--project", "."]);
        assert_eq!(project.has("cellhouse.d.ts"), !installed);
    }
}

/// What apps are told of `sdk.do` is something that its code does. `$` is a proxy, of which the code knows less.
#[test]
fn the_types_of_sdk_do_are_kept_by_its_code() {
    let folder = crate::support::repository().join("packages/sdk-do");
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of it");
    let check = format!(
        "import * as code from \"{}\";\nimport * as types from \"sdk.do\";\n\
         type Names = \"$\" | \"SdkError\" | \"StateError\" | \"DbError\" | \"AiError\";\n\
         export const promised: Omit<typeof types, Names> = code;\n",
        folder.join("index").display()
    );
    let project = Project::empty()
        .with("package.d.ts", &file("package.d.ts"))
        .with("platform.d.ts", &file("platform.d.ts"))
        .with("check.ts", &check)
        .with(
            "tsconfig.json",
            r#"{ "compilerOptions": { "strict": true, "noEmit": true, "target": "esnext", "module": "esnext",
                "moduleResolution": "bundler", "types": [] }, "files": ["package.d.ts", "platform.d.ts", "check.ts"] }"#,
        );
    accepts(&project, &["--project", "."]);
}
