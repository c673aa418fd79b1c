//! Calls every method of Cloudflare's types, of the products that Cellhouse has, and holds `COMPAT.md` to what came
//! of it. The types are those of `@cloudflare/workers-types`, the calls those of `worker/`. To write the section
//! anew: `COMPAT_UPDATE=1 cargo test --release -p cellhouse --test compat`.

mod notes;
#[allow(dead_code, unused_imports, reason = "shared with the tests of `dev`")]
#[path = "../dev/support/mod.rs"]
mod support;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use notes::{NOTES, Support};
use support::{App, Project, full, repository};
use table::{Answer, Product};

const CONFIG: &str = include_str!("wrangler.jsonc");
const TRACER: &str = include_str!("tracer.jsonc");

#[tokio::test(flavor = "multi_thread")]
async fn compat_md_says_of_each_method_what_it_does() {
    let products = products();
    let project = Project::empty()
        .with("wrangler.jsonc", CONFIG)
        .with("tracer.jsonc", TRACER);
    let folder = repository().join("crates/cellhouse/tests/compat/worker");
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a plain name");
        let text = fs::read_to_string(entry.path()).expect("a text");
        project.write(&format!("worker/{name}"), &text);
    }
    let configs = ["-c", "wrangler.jsonc", "-c", "tracer.jsonc"];
    let app = project.dev().arguments(&configs).start().await;
    let found = ask(&app, &products).await;
    app.kill().await;

    let mut problems = Vec::new();
    let answers = judge(&products, &found, &mut problems);
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    check_section(&table::render(&products, &answers));
}

fn products() -> Vec<Product> {
    let output = Command::new("node")
        .arg("workers_types.mjs")
        .current_dir(repository().join("crates/cellhouse/tests/node"))
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "npm ci in crates/cellhouse/tests/node\n{said}"
    );
    serde_json::from_slice(&output.stdout).expect("a list of products")
}

/// What each probe found: nothing to complain of, or what was not as it should be.
async fn ask(app: &App, products: &[Product]) -> BTreeMap<String, Option<String>> {
    app.get("/cdn-cgi/handler/scheduled?cron=0+0+1+1+*")
        .await
        .expect(200);
    app.get("/tailed").await.expect(500);
    let names: Vec<String> = table::members(products).collect();
    let body = serde_json::to_string(&names).expect("JSON");
    let client = app.client();
    let request = client.request("POST", "/probes").body(full(body));
    let reply = client.call(request.expect("a request")).await;
    serde_json::from_value(reply.expect(200).json()).expect("what each probe found")
}

fn judge(
    products: &[Product],
    found: &BTreeMap<String, Option<String>>,
    problems: &mut Vec<String>,
) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for name in table::members(products) {
        let note = NOTES.iter().find(|(noted, ..)| *noted == name);
        let problem = found.get(&name).cloned().flatten();
        let answer = match (note, problem) {
            (None, None) => Answer::Yes,
            (Some((_, Support::Partly, how)), None) => Answer::Partly(how),
            (Some((_, Support::No, why)), Some(_)) => Answer::No(why),
            (None | Some((_, Support::Partly, _)), Some(problem)) => {
                problems.push(format!("{name}: {problem}"));
                continue;
            }
            (Some((_, Support::No, _)), None) => {
                problems.push(format!("{name} works; notes.rs says that it does not"));
                continue;
            }
        };
        answers.insert(name, answer);
    }
    let unknown = NOTES.iter().filter(|(name, ..)| !found.contains_key(*name));
    problems.extend(unknown.map(|(name, ..)| format!("notes.rs names what is none: {name}")));
    answers
}

/// Compares the section of COMPAT.md, or writes it.
fn check_section(section: &str) {
    let path = repository().join("COMPAT.md");
    let text = fs::read_to_string(&path).expect("COMPAT.md is there");
    let (before, rest) = text.split_once(table::BEGIN).expect("the section begins");
    let (old, after) = rest.split_once(table::END).expect("the section ends");
    if std::env::var_os("COMPAT_UPDATE").is_some() {
        let text = [before, table::BEGIN, section, table::END, after].concat();
        fs::write(&path, text).expect("write COMPAT.md");
        return;
    }
    assert!(
        old == section,
        "COMPAT.md is not what the methods do; COMPAT_UPDATE=1 writes it. It would be:\n{section}"
    );
}
