//! Programs of others, from npm as they are: each Worker in `programs/` is a list of cases that try what a
//! package does. Their names are the list in COMPAT.md of what runs, which the last test compares.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Project, repository};

/// Decorators of TypeScript's own kind; those of the standard the bundler refuses by name.
const DECORATORS: &str = r#"{ "compilerOptions": { "experimentalDecorators": true } }"#;
const CHECK: &str = include_str!("programs/check.ts");

/// One package, and the Worker that tries it.
struct Program {
    package: &'static str,
    file: &'static str,
    source: &'static str,
    /// Its class of Durable Objects, which is also the binding's name.
    object: Option<&'static str>,
}

macro_rules! program {
    ($package:literal, $file:literal, $object:expr) => {
        Program {
            package: $package,
            file: $file,
            source: include_str!(concat!("programs/", $file)),
            object: $object,
        }
    };
}

const PROGRAMS: &[Program] = &[
    program!("hono", "hono.tsx", None),
    program!("itty-router", "itty_router.ts", None),
    program!("jose", "jose.ts", None),
    program!("jsonwebtoken", "jsonwebtoken.ts", None),
    program!("web-push", "web_push.ts", None),
    program!("zod", "zod.ts", None),
    program!("drizzle-orm", "drizzle.ts", None),
    program!("adm-zip", "adm_zip.ts", None),
    program!("fs-extra", "fs_extra.ts", None),
    program!("tar", "tar.ts", None),
    program!("unstorage", "unstorage.ts", None),
    program!("react-dom", "react.tsx", None),
    program!("@cloudflare/actors", "actors.ts", Some("Counter")),
    program!("agents", "agents.ts", Some("Helper")),
    program!("@cf-wasm/photon", "photon.ts", None),
    program!("@jitl/quickjs-wasmfile-release-sync", "quickjs.ts", None),
    program!("@jsquash/webp", "webp.ts", None),
    program!("yoga-wasm-web", "yoga.ts", None),
    program!("loro-crdt", "loro.ts", None),
    program!("@trpc/server", "trpc.ts", None),
    program!("ajv", "ajv.ts", None),
    program!("better-auth", "better_auth.ts", None),
    program!("elysia", "elysia.ts", None),
    program!("graphql-yoga", "graphql_yoga.ts", None),
    program!("linkedom", "linkedom.ts", None),
    program!("@shikijs/core", "shiki.ts", None),
];

impl Program {
    fn project(&self) -> Project {
        let config = format!(
            r#"
name = "app"
main = "src/{}"
compatibility_date = "2026-07-01"
compatibility_flags = ["nodejs_compat"]
kv_namespaces = [{{ binding = "KV", id = "kv" }}]
r2_buckets = [{{ binding = "BUCKET", bucket_name = "bucket" }}]
d1_databases = [{{ binding = "DB", database_name = "db", database_id = "db" }}]
"#,
            self.file
        );
        let objects = self.object.map(|class| {
            format!(
                "[[durable_objects.bindings]]\nname = \"{class}\"\nclass_name = \"{class}\"\n\
                 [[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"{class}\"]\n"
            )
        });
        let project = Project::empty()
            .with("wrangler.toml", &(config + &objects.unwrap_or_default()))
            .with("tsconfig.json", DECORATORS)
            .with("src/check.ts", CHECK)
            .with(&format!("src/{}", self.file), self.source);
        let modules = crate::types::node_modules();
        std::os::unix::fs::symlink(modules, project.path().join("node_modules")).expect("a link");
        project
    }

    /// The names of its cases, all of which are right.
    async fn run(&self) -> Vec<String> {
        let app = self.project().dev().start().await;
        let answer = app.get("/").await.expect(200).json();
        let wrong = answer["wrong"].as_object().expect("an object");
        assert!(wrong.is_empty(), "{}: {wrong:#?}", self.package);
        let right: Vec<String> = serde_json::from_value(answer["right"].clone()).expect("names");
        assert!(right.len() > 2, "{right:?}");
        right
    }
}

/// The versions that `npm ci` installs.
fn versions() -> BTreeMap<String, String> {
    let file = repository().join("crates/cellhouse/tests/node/package.json");
    let text = std::fs::read_to_string(file).expect("a package.json");
    let package: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(package["devDependencies"].clone()).expect("versions")
}

#[tokio::test]
async fn programs_from_npm_run_as_they_are() {
    let versions = versions();
    let mut table = String::from("| package | what is tried |\n| --- | --- |\n");
    for program in PROGRAMS {
        let cases = program.run().await.join(", ");
        let Program { package, .. } = program;
        table += &format!("| {package} {} | {cases} |\n", versions[*package]);
    }
    let file = repository().join("COMPAT.md");
    let text = std::fs::read_to_string(&file).expect("COMPAT.md");
    let (begin, end) = ("<!-- programs: begin -->\n", "<!-- programs: end -->");
    let start = text.find(begin).expect("the mark") + begin.len();
    let stop = text.find(end).expect("the other mark");
    if text[start..stop] == table {
        return;
    }
    if std::env::var_os("WRITE_COMPAT").is_some() {
        let text = format!("{}{table}{}", &text[..start], &text[stop..]);
        return std::fs::write(file, text).expect("COMPAT.md can be written");
    }
    panic!("COMPAT.md has another list of programs; WRITE_COMPAT=1 writes it:\n{table}");
}
