//! D1 in a running app: what a Worker sees of it, beside miniflare, under kill -9, and by the commands.

mod commands;
mod leaving;
mod miniflare;
mod prisma;
mod transactions;
mod worker;

use crate::support::Project;

const CONFIG: &str = r#"
name = "databases"
main = "src/index.ts"
compatibility_date = "2026-07-01"

[[d1_databases]]
binding = "DB"
database_name = "main"
database_id = "main-id"

[[d1_databases]]
binding = "OTHER"
database_name = "other"
database_id = "other-id"
"#;

/// A Worker with two databases whose `fetch` is this body, of `request`, `env` and `url`.
fn worker(body: &str) -> Project {
    let source = format!(
        "const caught = async (f) => {{ try {{ return await f(); }} catch (e) {{ return `${{e.name}}: ${{e.message}}`; }} }};\n\
         export default {{ async fetch(request, env) {{ const url = new URL(request.url);\n{body}\n}} }};\n"
    );
    Project::empty()
        .with("wrangler.toml", CONFIG)
        .with("src/index.ts", &format!("// @ts-nocheck\n{source}"))
}
