//! Static files beside miniflare from npm: the same random files, rules and settings, asked for the same random
//! paths, must give the same answers. A seed that failed once can be asked for by itself:
//! `ASSETS_SEEDS=17 cargo test --test assets_differential`.

#[path = "assets_differential/material.rs"]
mod material;
#[path = "dev/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::path::Path;
use std::process::Command;

use material::{FILES, HEADERS, IGNORED, PATHS, REDIRECTS, WORKER};
use serde_json::{Value, json};
use support::Project;

const SEEDS: u64 = 16;
const REQUESTS: usize = 120;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }

    fn one<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn some<'a>(&mut self, list: &[&'a str], percent: usize) -> Vec<&'a str> {
        list.iter()
            .copied()
            .filter(|_| self.chance(percent))
            .collect()
    }
}

/// One app with what it is asked.
struct Case {
    project: Project,
    options: Value,
    requests: Vec<Value>,
}

fn case(seed: u64) -> Case {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    let project = Project::empty().with("worker.js", WORKER);
    std::fs::create_dir_all(project.path().join("site")).unwrap();
    for file in random.some(FILES, 65) {
        let path = project.path().join("site").join(file);
        // What is a file and a folder at once is the file that came first.
        if std::fs::create_dir_all(path.parent().unwrap()).is_ok() && !path.exists() {
            std::fs::write(&path, format!("content of {file}")).unwrap();
        }
    }
    if random.chance(70) {
        project.write("site/_redirects", &random.some(REDIRECTS, 50).join("\n"));
    }
    if random.chance(70) {
        project.write("site/_headers", &random.some(HEADERS, 60).join("\n"));
    }
    if random.chance(50) {
        project.write("site/.assetsignore", IGNORED);
    }
    let html = random.one(&[
        "auto-trailing-slash",
        "force-trailing-slash",
        "drop-trailing-slash",
        "none",
    ]);
    let not_found = random.one(&["none", "404-page", "single-page-application"]);
    let has_script = random.chance(75);
    let first = match has_script {
        true => random.one(&[
            "false",
            "false",
            "true",
            r#"["/api/*", "!/api/not/*"]"#,
            r#"["/b/*"]"#,
        ]),
        false => "false",
    };
    let date = random.one(&["2026-07-01", "2025-01-01"]);
    let main = if has_script {
        "main = \"worker.js\"\n"
    } else {
        ""
    };
    let binding = if has_script {
        "binding = \"ASSETS\"\nrun_worker_first = "
    } else {
        ""
    };
    let first_line = if has_script { first } else { "" };
    project.write(
        "wrangler.toml",
        &format!(
            "name = \"files\"\n{main}compatibility_date = \"{date}\"\n[assets]\ndirectory = \"site\"\n\
             html_handling = \"{html}\"\nnot_found_handling = \"{not_found}\"\n{binding}{first_line}\n"
        ),
    );
    let options = options(&project, html, not_found, has_script, first, date);
    let requests = (0..REQUESTS).map(|_| request(&mut random)).collect();
    Case {
        project,
        options,
        requests,
    }
}

fn options(
    project: &Project,
    html: &str,
    not_found: &str,
    has_script: bool,
    first: &str,
    date: &str,
) -> Value {
    let mut router = json!({ "has_user_worker": has_script });
    match serde_json::from_str(first).unwrap() {
        Value::Bool(first) => router["invoke_user_worker_ahead_of_assets"] = json!(first),
        Value::Array(rules) => {
            let rules = rules.iter().map(|rule| rule.as_str().unwrap());
            let (not, to): (Vec<_>, Vec<_>) = rules.partition(|rule| rule.starts_with('!'));
            let not: Vec<_> = not.iter().map(|rule| &rule[1..]).collect();
            router["static_routing"] = json!({ "user_worker": to, "asset_worker": not });
        }
        _ => unreachable!("no other settings"),
    }
    json!({
        "name": "files",
        "modules": true,
        "script": WORKER,
        "compatibilityDate": date,
        "assets": {
            "workerName": "files",
            "directory": project.path().join("site"),
            "binding": "ASSETS",
            "routerConfig": router,
            "assetConfig": { "html_handling": html, "not_found_handling": not_found },
        },
    })
}

fn request(random: &mut Random) -> Value {
    let mut path = random.one(PATHS).to_owned();
    if random.chance(20) {
        let mark = if path.contains('?') { '&' } else { '?' };
        path = format!("{path}{mark}{}", random.one(&["via", "via=1", "pass"]));
    }
    let mut headers = json!({});
    if random.chance(20) {
        headers["sec-fetch-mode"] = json!(random.one(&["navigate", "cors"]));
    }
    if random.chance(10) {
        headers[random.one(&["authorization", "range"])] = json!("bytes=0-1");
    }
    let method = random.one(&["GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "DELETE"]);
    json!({ "method": method, "path": path, "headers": headers })
}

fn of_miniflare(cases: &[Case]) -> Vec<Vec<Value>> {
    let told: Vec<_> = cases
        .iter()
        .map(|case| json!({ "options": case.options, "requests": case.requests }))
        .collect();
    let folder = Project::empty();
    folder.write("cases.json", &Value::from(told).to_string());
    let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let output = Command::new("node")
        .arg(node.join("assets_answers.mjs"))
        .arg(folder.path().join("cases.json"))
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let lines = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(lines.lines().last().expect("an answer")).expect("an array")
}

/// What of an answer must be the same.
fn comparable(status: u16, header: impl Fn(&str) -> Option<String>, body: &str) -> Value {
    let mut headers = serde_json::Map::new();
    for name in [
        "location",
        "content-type",
        "cache-control",
        "cf-cache-status",
        "x-all",
        "x-a",
        "x-page",
        "x-text",
        "x-host",
        "x-nope",
        "x-old",
        "x-robots-tag",
    ] {
        if let Some(value) = header(name) {
            headers.insert(name.to_owned(), json!(value));
        }
    }
    json!({ "status": status, "headers": headers, "body": body, "etag": header("etag").is_some() })
}

#[tokio::test]
async fn files_are_answered_as_miniflare_does() {
    let seeds = std::env::var("ASSETS_SEEDS").ok();
    let seeds: Vec<u64> = match &seeds {
        Some(list) => list
            .split(',')
            .map(|seed| seed.parse().expect("a number"))
            .collect(),
        None => (1..=SEEDS).collect(),
    };
    let cases: Vec<Case> = seeds.iter().map(|seed| case(*seed)).collect();
    let theirs = of_miniflare(&cases);
    let mut different = Vec::new();
    for ((seed, case), theirs) in seeds.iter().zip(&cases).zip(theirs) {
        let app = case.project.dev().start().await;
        assert_eq!(case.requests.len(), theirs.len());
        for (request, theirs) in case.requests.iter().zip(theirs) {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let path = text(&request["path"]);
            let mut sent = app.client().request(&text(&request["method"]), &path);
            for (name, value) in request["headers"].as_object().expect("headers") {
                sent = sent.header(name, text(value));
            }
            let sent = sent.body(support::full("")).expect("a request");
            let ours = app.client().call(sent).await;
            let header = |name: &str| {
                let values: Vec<_> = ours
                    .headers
                    .get_all(name)
                    .iter()
                    .map(|value| value.to_str().unwrap())
                    .collect();
                (!values.is_empty()).then(|| values.join(", "))
            };
            let ours = comparable(ours.status.as_u16(), header, ours.text());
            let header = |name: &str| theirs["headers"].get(name).map(&text);
            let status = theirs["status"].as_u64().expect("a status") as u16;
            let theirs = comparable(status, header, &text(&theirs["body"]));
            if ours != theirs {
                different.push(format!(
                    "seed {seed}: {request}\n  ours:   {ours}\n  theirs: {theirs}"
                ));
            }
        }
    }
    let count = different.len();
    different.truncate(20);
    assert!(
        count == 0,
        "{count} answers differ:\n{}",
        different.join("\n")
    );
}
