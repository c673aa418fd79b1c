//! Every key of `ploy.yaml` with a right value, and what becomes of those that are not there.

use std::time::Duration;

use cellhouse_config::{
    BindingKind, CompatibilityDate, HtmlHandling, Kind, LogLevel, NotFoundHandling, RunWorkerFirst,
    Severity, Style,
};

use crate::support::{directory, good, quiet, under, warns};

const WHOLE: &str = r#"# every key
$schema: ./ploy.schema.json
kind: dynamic
name: my-app
build: pnpm build
out: dist/
base: ./site
main: src/main.ts
state:
  STATE: default
  USER_STATE: users
cache: { CACHE: default }
db:
  DB: main
queue:
  JOBS: jobs
fs:
  FILES: files
timer:
  TIMERS: timers
sandbox:
  BOX: box_1
r2:
  BUCKET: my-bucket
durable_objects:
  COUNTER: Counter2
  ROOM: { class_name: ChatRoom, script_name: chat }
migrations:
  - tag: v1
    new_sqlite_classes: [Counter]
  - tag: v2
    renamed_classes: [{ from: Counter, to: Counter2 }]
    deleted_classes: [Old]
workflow:
  ORDERS: orders
  MAILS: { name: mails, timeout: 60, step_timeout: 1.5, retries: 0 }
  SHORT: { name: short, timeout: 30 }
cron:
  NIGHTLY: "0 3 * * *"
  OFTEN: "*/10 * * * * *"
ai: true
agentSDK: false
agentRules: false
skew_protection: true
auth:
  binding: PLOY_AUTH
assets:
  directory: public
  binding: ASSETS
  not_found_handling: single-page-application
  run_worker_first: ["/api/*", "!/api/docs"]
compatibility_date: 2025-09-15
compatibility_flags: [nodejs_als, nodejs_compat_v2]
log_level: warn
dev:
  port: 3000
  host: 0.0.0.0
"#;

#[test]
fn every_key_is_read() {
    let app = good("ploy.yaml", WHOLE).app;
    assert_eq!((app.style, app.kind), (Style::Ploy, Kind::Dynamic));
    assert_eq!(app.name, "my-app");
    let build = app.build.as_ref().unwrap();
    assert_eq!(
        (build.command.as_str(), &build.cwd),
        ("pnpm build", &app.root)
    );
    assert_eq!(app.out, Some(under(&app.root, "dist")));
    assert_eq!(app.base, Some(under(&app.root, "site")));
    assert_eq!(app.main, Some(under(&app.root, "src/main.ts")));
    assert_eq!(app.compatibility_date.parts(), (2025, 9, 15));
    assert_eq!(app.compatibility_flags, ["nodejs_compat_v2", "nodejs_als"]);
    assert_eq!(app.log_level, Some(LogLevel::Warn));
    assert_eq!((app.skew_protection, app.agent_rules), (Some(true), false));
    assert_eq!(
        (app.dev.port, app.dev.host.as_deref()),
        (Some(3000), Some("0.0.0.0"))
    );
    let crons: Vec<_> = app
        .crons
        .iter()
        .map(|c| (c.name.as_deref(), c.expression.as_str()))
        .collect();
    assert_eq!(
        crons,
        [
            (Some("NIGHTLY"), "0 3 * * *"),
            (Some("OFTEN"), "*/10 * * * * *")
        ]
    );
    let assets = app.assets.as_ref().unwrap();
    assert_eq!(assets.directory, Some(under(&app.root, "public")));
    assert_eq!(assets.html_handling, HtmlHandling::AutoTrailingSlash);
    assert_eq!(
        assets.not_found_handling,
        NotFoundHandling::SinglePageApplication
    );
    let paths = ["/api/*", "!/api/docs"].map(str::to_owned).to_vec();
    assert_eq!(assets.run_worker_first, RunWorkerFirst::Paths(paths));
    assert_eq!(app.migrations.len(), 2);
    assert_eq!(app.migrations[0].new_sqlite_classes, ["Counter"]);
    assert_eq!(app.migrations[1].renamed_classes[0].to, "Counter2");
    assert_eq!(app.migrations[1].at.line(), 31);
}

#[test]
fn bindings_come_in_the_order_of_the_file() {
    let app = good("ploy.yaml", WHOLE).app;
    let names: Vec<_> = app
        .bindings
        .iter()
        .map(|binding| binding.name.as_str())
        .collect();
    let expected = [
        "STATE",
        "USER_STATE",
        "CACHE",
        "DB",
        "JOBS",
        "FILES",
        "TIMERS",
        "BOX",
        "BUCKET",
        "COUNTER",
        "ROOM",
        "ORDERS",
        "MAILS",
        "SHORT",
        "AI",
        "PLOY_AUTH",
        "ASSETS",
    ];
    assert_eq!(names, expected);
    let kind = |name: &str| app.binding(name).unwrap().kind.clone();
    let text = str::to_owned;
    assert_eq!(
        kind("USER_STATE"),
        BindingKind::State {
            store: text("users")
        }
    );
    assert_eq!(app.binding("CACHE").unwrap().store(), Some("default"));
    assert_eq!(
        kind("DB"),
        BindingKind::PloyDb {
            database: text("main")
        }
    );
    assert_eq!(
        kind("JOBS"),
        BindingKind::Queue {
            queue: Some(text("jobs")),
            delivery_delay: None,
        }
    );
    assert_eq!(
        kind("FILES"),
        BindingKind::Fs {
            storage: text("files")
        }
    );
    assert_eq!(
        kind("TIMERS"),
        BindingKind::Timer {
            timer: text("timers")
        }
    );
    assert_eq!(
        kind("BOX"),
        BindingKind::Sandbox {
            sandbox: text("box_1")
        }
    );
    let object = |class: &str, script: Option<&str>| BindingKind::DurableObject {
        class_name: text(class),
        script_name: script.map(text),
        environment: None,
    };
    assert_eq!(kind("COUNTER"), object("Counter2", None));
    assert_eq!(kind("ROOM"), object("ChatRoom", Some("chat")));
    let workflow = |name: &str, timeout: u64, step: f64, retries: u32| BindingKind::PloyWorkflow {
        name: text(name),
        timeout: Duration::from_secs(timeout),
        step_timeout: Duration::from_secs_f64(step),
        retries,
    };
    assert_eq!(kind("ORDERS"), workflow("orders", 600, 120.0, 3));
    assert_eq!(kind("MAILS"), workflow("mails", 60, 1.5, 0));
    // The default of a step never exceeds the whole.
    assert_eq!(kind("SHORT"), workflow("short", 30, 30.0, 3));
    assert_eq!(
        (kind("AI"), kind("PLOY_AUTH"), kind("ASSETS")),
        (BindingKind::Ai, BindingKind::Auth, BindingKind::Assets)
    );
    let cache = app.binding("CACHE").unwrap();
    assert_eq!((cache.source.line(), cache.source.column()), (12, 10));
}

#[test]
fn what_is_not_there_yet_is_said_and_the_rest_is_not() {
    let loaded = good("ploy.yaml", WHOLE);
    let noted: Vec<_> = loaded
        .warnings
        .iter()
        .flat_map(|note| note.underlined())
        .collect();
    let expected = ["BOX", "ai", "PLOY_AUTH"];
    assert_eq!(noted, expected);
    assert!(
        loaded
            .warnings
            .iter()
            .all(|note| note.severity() == Severity::Advice)
    );
    quiet(
        "ploy.yaml",
        "kind: worker\nstate: { STATE: a }\ncache: { CACHE: a }\n",
    );
}

#[test]
fn the_defaults() {
    let directory = directory(&[("My App_2/ploy.yaml", "kind: worker\n")]);
    let app = cellhouse_config::load(&directory.path().join("My App_2"), None)
        .unwrap()
        .app;
    assert_eq!(app.name, "my-app-2");
    assert_eq!(app.compatibility_date, CompatibilityDate::PLOY_DEFAULT);
    assert_eq!(app.compatibility_date.to_string(), "2025-04-02");
    assert_eq!(app.compatibility_flags, ["nodejs_compat_v2"]);
    assert!(app.agent_rules && app.skew_protection.is_none() && app.log_level.is_none());
    assert!(app.bindings.is_empty() && app.vars.is_empty() && app.crons.is_empty());
    assert!(app.build.is_none() && app.assets.is_none() && app.main.is_none());
    assert_eq!((app.dev.port, &app.dev.host), (None, &None));
    let names = ["index.ts", "index.js", "src/index.ts", "src/index.js"];
    assert_eq!(
        app.entry_candidates(),
        names.map(|name| app.root.join(name))
    );
}

#[test]
fn every_kind() {
    for (word, kind) in [
        ("worker", Kind::Worker),
        ("dynamic", Kind::Dynamic),
        ("static", Kind::Static),
        ("nextjs", Kind::NextJs),
    ] {
        let app = quiet("ploy.yaml", &format!("kind: {word}\nbuild: make\n")).app;
        assert_eq!((app.kind, app.kind.as_str()), (kind, word));
        assert_eq!(app.kind.runs(), matches!(word, "worker" | "dynamic"));
    }
}

#[test]
fn without_a_kind_it_is_a_worker() {
    let text = "state:\n  STATE: default\n";
    assert_eq!(good("ploy.yaml", text).app.kind, Kind::Worker);
    warns("ploy.yaml", text, &[(1, 1, "state", "taken as a worker")]);
}

#[test]
fn the_agent_sdk_adds_its_bindings_once() {
    let expected = [
        "AI",
        "PLOY_AGENT_STATE",
        "PLOY_AGENT_FILES",
        "PLOY_AGENT_WORKFLOW",
        "PLOY_AGENT_SCHEDULER",
    ];
    for text in [
        "kind: worker\nagentSDK: true\n",
        "kind: worker\nai: true\nagentSDK: true\n",
    ] {
        let app = good("ploy.yaml", text).app;
        let names: Vec<_> = app
            .bindings
            .iter()
            .map(|binding| binding.name.as_str())
            .collect();
        assert_eq!(names, expected, "{text}");
    }
}

#[test]
fn empty_sections_and_nulls_count_as_absent() {
    let text = "kind: worker\nstate:\ncache: ~\ndev: null\nassets:\nmain:\nname: null\nauth:\n";
    let app = quiet("ploy.yaml", text).app;
    assert!(app.bindings.is_empty() && app.assets.is_none() && app.main.is_none());
}

#[test]
fn yaml_is_read_in_all_its_forms() {
    let text = r#"---
"kind": 'worker'
x-stores: &stores { STATE: default }
state: { <<: *stores, OTHER: "other" }
cache: *stores2
"#;
    let text = text.replace(
        "cache: *stores2\n",
        "build: >-\n  npm run\n  build\ndev: {port: 0x1F90}\n",
    );
    let app = good("ploy.yaml", &text).app;
    assert_eq!(app.bindings.len(), 2);
    assert_eq!(app.build.unwrap().command, "npm run build");
    assert_eq!(app.dev.port, Some(8080));
    let crlf = "\u{feff}kind: worker\r\nstate:\r\n  STATE: default\r\n";
    assert_eq!(
        quiet("ploy.yaml", crlf).app.bindings[0].store(),
        Some("default")
    );
}

#[test]
fn unknown_keys_warn_with_the_nearest_known_one() {
    warns(
        "ploy.yaml",
        "kind: worker\nStates: {}\nkv_namespaces: []\nd1_databases: []\nfoobar: 1\ndev: { prot: 1 }\nassets: { dir: x }\n",
        &[
            (2, 1, "States", "`state`"),
            (3, 1, "kv_namespaces", "`state`"),
            (4, 1, "d1_databases", "`db`"),
            (5, 1, "foobar", "unknown key `foobar`: it is ignored"),
            (6, 8, "prot", "in `dev`: it is ignored did you mean `port`?"),
            (7, 11, "dir", "did you mean `directory`?"),
        ],
    );
}
