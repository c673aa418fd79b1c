//! Right wrangler configs: one app in three formats, and every section that is read.

use std::time::Duration;

use cellhouse_config::{
    App, BindingKind, ClassState, ClassStorage, CompatibilityDate, HtmlHandling, ModuleKind,
    NotFoundHandling, RunWorkerFirst, Severity, Style,
};
use serde_json::json;

use crate::support::{good, quiet, under, warns};

const TOML: &str = r#"#:schema node_modules/wrangler/config-schema.json
name = "my-worker"
main = "./src/../src/index.ts"
compatibility_date = 2026-01-15
compatibility_flags = ["nodejs_compat"]
account_id = ""
workers_dev = true
routes = [{ pattern = "example.org/*", zone_name = "example.org" }]
usage_model = "bundled"

[vars]
TEXT = "a"
NUMBER = 1.5
JSON = { deep = [1, "x", true] }

[[kv_namespaces]]
binding = "KV"
id = "kv-id"
preview_id = "kv-preview"

[[kv_namespaces]]
binding = "KV2"

[durable_objects]
bindings = [
  { name = "COUNTER", class_name = "Counter" },
  { name = "FAR", class_name = "Far", script_name = "other", environment = "staging" },
]

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Counter"]

[[migrations]]
tag = "v2"
transferred_classes = [{ from = "A", from_script = "old", to = "B" }]

[[d1_databases]]
binding = "DB"
database_name = "db"
database_id = "db-id"
migrations_dir = "sql"

[[r2_buckets]]
binding = "BUCKET"
bucket_name = "my-bucket"

[[services]]
binding = "AUTH"
service = "auth"
entrypoint = "Admin"
props = { level = 3 }

[triggers]
crons = ["*/30 * * * *", "0 17 * * sun"]

[assets]
directory = "../public"
binding = "ASSETS"
html_handling = "none"
not_found_handling = "404-page"
run_worker_first = true

[[rules]]
type = "Text"
globs = ["**/*.html", "**/*.md"]
fallthrough = true

[limits]
cpu_ms = 50
subrequests = 10

[build]
command = "npm run build"
cwd = "app"
watch_dir = ["app/src", "lib"]

[dev]
ip = "0.0.0.0"
port = 8000
host = "example.org"
"#;

const JSONC: &str = r#"{
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "my-worker", /* the name */
  "main": "src/index.ts",
  "compatibility_date": "2026-01-15",
  "compatibility_flags": ["nodejs_compat"],
  "account_id": "",
  "workers_dev": true,
  "routes": [{ "pattern": "example.org/*", "zone_name": "example.org" }],
  "usage_model": "bundled",
  "vars": { "TEXT": "a", "NUMBER": 1.5, "JSON": { "deep": [1, "x", true] } },
  "kv_namespaces": [
    { "binding": "KV", "id": "kv-id", "preview_id": "kv-preview" },
    { "binding": "KV2" },
  ],
  "durable_objects": {
    "bindings": [
      { "name": "COUNTER", "class_name": "Counter" },
      { "name": "FAR", "class_name": "Far", "script_name": "other", "environment": "staging" }
    ]
  },
  "migrations": [
    { "tag": "v1", "new_sqlite_classes": ["Counter"] },
    { "tag": "v2", "transferred_classes": [{ "from": "A", "from_script": "old", "to": "B" }] }
  ],
  "d1_databases": [
    { "binding": "DB", "database_name": "db", "database_id": "db-id", "migrations_dir": "sql" }
  ],
  "r2_buckets": [{ "binding": "BUCKET", "bucket_name": "my-bucket" }],
  "services": [
    { "binding": "AUTH", "service": "auth", "entrypoint": "Admin", "props": { "level": 3 } }
  ],
  "triggers": { "crons": ["*/30 * * * *", "0 17 * * sun"] },
  "assets": {
    "directory": "../public", "binding": "ASSETS", "html_handling": "none",
    "not_found_handling": "404-page", "run_worker_first": true
  },
  "rules": [{ "type": "Text", "globs": ["**/*.html", "**/*.md"], "fallthrough": true }],
  "limits": { "cpu_ms": 50, "subrequests": 10 },
  "build": { "command": "npm run build", "cwd": "app", "watch_dir": ["app/src", "lib"] },
  "dev": { "ip": "0.0.0.0", "port": 8000, "host": "example.org" }, // the end
}
"#;

#[test]
fn one_app_in_three_formats() {
    let strict = JSONC
        .replace("/* the name */", "")
        .replace(", // the end", "");
    let strict = strict.replace("{ \"binding\": \"KV2\" },", "{ \"binding\": \"KV2\" }");
    for (name, text) in [
        ("wrangler.toml", TOML),
        ("wrangler.jsonc", JSONC),
        ("wrangler.json", &strict),
    ] {
        check(&good(name, text).app);
    }
}

fn check(app: &App) {
    assert_eq!(
        (app.style, app.name.as_str()),
        (Style::Wrangler, "my-worker")
    );
    assert_eq!(app.main, Some(under(&app.root, "src/index.ts")));
    assert_eq!(app.compatibility_date.to_string(), "2026-01-15");
    assert_eq!(app.compatibility_flags, ["nodejs_compat"]);
    let vars = [
        ("TEXT", json!("a")),
        ("NUMBER", json!(1.5)),
        ("JSON", json!({"deep": [1, "x", true]})),
    ];
    assert_eq!(app.vars, vars.map(|(name, value)| (name.to_owned(), value)));
    check_bindings(app);
    assert_eq!(app.migrations[0].new_sqlite_classes, ["Counter"]);
    assert_eq!(app.migrations[1].transferred_classes[0].from_script, "old");
    let crons: Vec<_> = app
        .crons
        .iter()
        .map(|cron| cron.expression.as_str())
        .collect();
    assert_eq!(crons, ["*/30 * * * *", "0 17 * * sun"]);
    let assets = app.assets.as_ref().unwrap();
    assert_eq!(
        assets.directory,
        Some(under(app.root.parent().unwrap(), "public"))
    );
    assert_eq!(
        (assets.html_handling, assets.not_found_handling),
        (HtmlHandling::None, NotFoundHandling::NotFoundPage)
    );
    assert_eq!(assets.run_worker_first, RunWorkerFirst::Always);
    assert_eq!(
        (app.rules[0].kind, app.rules[0].fallthrough),
        (ModuleKind::Text, true)
    );
    assert_eq!(app.rules[0].globs, ["**/*.html", "**/*.md"]);
    assert_eq!(
        (app.limits.cpu, app.limits.subrequests),
        (Some(Duration::from_millis(50)), Some(10))
    );
    let build = app.build.as_ref().unwrap();
    assert_eq!(
        (build.command.as_str(), &build.cwd),
        ("npm run build", &under(&app.root, "app"))
    );
    assert_eq!(
        build.watch,
        [under(&app.root, "app/src"), under(&app.root, "lib")]
    );
    assert_eq!(
        (app.dev.port, app.dev.host.as_deref()),
        (Some(8000), Some("0.0.0.0"))
    );
    assert_eq!(app.dev.upstream_host.as_deref(), Some("example.org"));
}

fn check_bindings(app: &App) {
    let text = |text: &str| Some(text.to_owned());
    let expected = [
        (
            "KV",
            BindingKind::Kv {
                id: text("kv-id"),
                preview_id: text("kv-preview"),
            },
        ),
        (
            "KV2",
            BindingKind::Kv {
                id: None,
                preview_id: None,
            },
        ),
        (
            "COUNTER",
            BindingKind::DurableObject {
                class_name: "Counter".into(),
                script_name: None,
                environment: None,
            },
        ),
        (
            "FAR",
            BindingKind::DurableObject {
                class_name: "Far".into(),
                script_name: text("other"),
                environment: text("staging"),
            },
        ),
        (
            "DB",
            BindingKind::D1 {
                database_name: text("db"),
                database_id: text("db-id"),
                preview_database_id: None,
                migrations_dir: under(&app.root, "sql"),
                migrations_table: "d1_migrations".into(),
                migrations_pattern: None,
            },
        ),
        (
            "BUCKET",
            BindingKind::R2 {
                bucket_name: text("my-bucket"),
                preview_bucket_name: None,
                jurisdiction: None,
            },
        ),
        (
            "AUTH",
            BindingKind::Service {
                service: "auth".into(),
                entrypoint: text("Admin"),
                environment: None,
                props: Some(json!({"level": 3})),
            },
        ),
        ("ASSETS", BindingKind::Assets),
    ];
    let found: Vec<_> = app
        .bindings
        .iter()
        .map(|b| (b.name.as_str(), b.kind.clone()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(app.binding("KV").unwrap().store(), Some("kv-preview"));
    assert_eq!(app.binding("KV2").unwrap().store(), Some("KV2"));
}

#[test]
fn the_defaults() {
    let app = good("wrangler.toml", "").app;
    assert_eq!(app.compatibility_date, CompatibilityDate::NEWEST);
    assert!(app.compatibility_flags.is_empty() && app.bindings.is_empty() && app.vars.is_empty());
    assert!(app.build.is_none() && app.main.is_none() && app.required_secrets.is_none());
    let loaded = good("wrangler.toml", "");
    assert_eq!(loaded.warnings.len(), 1);
    assert!(
        loaded.warnings[0]
            .message()
            .contains("no compatibility_date")
    );
    let app = good(
        "wrangler.toml",
        "[build]\ncommand = \"make\"\n[[d1_databases]]\nbinding = \"DB\"\n",
    )
    .app;
    let build = app.build.unwrap();
    assert_eq!(
        (&build.cwd, &build.watch),
        (&app.root, &vec![under(&app.root, "src")])
    );
    assert!(
        matches!(&app.bindings[0].kind, BindingKind::D1 { migrations_dir, .. } if *migrations_dir == under(&app.root, "migrations"))
    );
}

#[test]
fn bundling() {
    let app = quiet(
        "wrangler.jsonc",
        r#"{
  "compatibility_date": "2026-01-01", "minify": true, "no_bundle": false, "keep_names": false,
  "tsconfig": "tsconfig.build.json", "jsx_factory": "h", "jsx_fragment": "Fragment",
  "define": { "VERSION": "'1'" }, "alias": { "fs": "./fs.js" }, "base_dir": "src",
  "find_additional_modules": true, "preserve_file_names": true
}"#,
    )
    .app;
    let bundle = &app.bundle;
    assert!(bundle.minify && !bundle.no_bundle && bundle.preserve_file_names);
    assert_eq!(
        (bundle.keep_names, bundle.find_additional_modules),
        (Some(false), Some(true))
    );
    assert_eq!(
        bundle.tsconfig,
        Some(under(&app.root, "tsconfig.build.json"))
    );
    assert_eq!(bundle.base_dir, Some(under(&app.root, "src")));
    assert_eq!(bundle.jsx_factory.as_deref(), Some("h"));
    assert_eq!(bundle.define, [("VERSION".to_owned(), "'1'".to_owned())]);
    assert_eq!(bundle.alias, [("fs".to_owned(), "./fs.js".to_owned())]);
}

#[test]
fn classes_declared_by_exports() {
    let app = quiet(
        "wrangler.jsonc",
        r#"{
  "compatibility_date": "2026-01-01",
  "exports": {
    "A": { "type": "durable-object", "storage": "sqlite" },
    "B": { "type": "durable-object", "state": "deleted" },
    "C": { "type": "durable-object", "state": "renamed", "renamed_to": "A" },
    "D": { "type": "durable-object", "state": "transferred", "transferred_to": "other" },
    "E": { "type": "durable-object", "state": "expecting-transfer", "storage": "legacy-kv", "transfer_from": "old" },
    "Api": { "type": "worker", "cache": { "enabled": true } }
  }
}"#,
    )
    .app;
    let states: Vec<_> = app
        .class_exports
        .iter()
        .map(|class| (class.class_name.as_str(), class.state.clone()))
        .collect();
    let expected = [
        ("A", ClassState::Created(ClassStorage::Sqlite)),
        ("B", ClassState::Deleted),
        ("C", ClassState::Renamed { to: "A".into() }),
        (
            "D",
            ClassState::Transferred {
                to_script: "other".into(),
            },
        ),
        (
            "E",
            ClassState::ExpectingTransfer {
                from_script: "old".into(),
                storage: ClassStorage::LegacyKv,
            },
        ),
    ];
    assert_eq!(states, expected);
}

#[test]
fn a_strangers_config_loads_and_says_what_is_missing() {
    let text = r#"{
  "name": "app", "main": "src/index.ts", "compatibility_date": "2026-01-01",
  "route": "example.org/*", "logpush": true, "placement": { "mode": "smart" },
  "observability": { "enabled": true, "head_sampling_rate": 1 }, "preview_urls": false,
  "upload_source_maps": true, "send_metrics": false, "keep_vars": true, "cache": { "enabled": true },
  "queues": {
    "producers": [{ "binding": "JOBS", "queue": "jobs" }],
    "consumers": [{ "queue": "jobs", "max_batch_size": 10, "dead_letter_queue": "dead" }]
  },
  "workflows": [{ "binding": "FLOW", "name": "flow", "class_name": "Flow", "limits": { "steps": 5 } }],
  "send_email": [{ "name": "MAIL", "destination_address": "a@example.org" }],
  "ai": { "binding": "AI", "remote": true },
  "browser": { "binding": "BROWSER", "remote": true },
  "services": [{ "binding": "SELF", "service": "app", "remote": true }],
  "images": { "binding": "IMAGES" },
  "vectorize": [{ "binding": "VECTORS", "index_name": "x" }],
  "hyperdrive": [{ "binding": "PG", "id": "1", "localConnectionString": "postgres://localhost/x" }],
  "analytics_engine_datasets": [{ "binding": "EVENTS" }],
  "ratelimits": [{ "name": "LIMIT", "namespace_id": "1", "simple": { "limit": 10, "period": 60 } }],
  "version_metadata": { "binding": "VERSION" },
  "unsafe": { "bindings": [{ "name": "ODD", "type": "odd", "any": [1] }], "metadata": {} },
  "mtls_certificates": [{ "binding": "CERT", "certificate_id": "1" }],
  "pipelines": [{ "binding": "PIPE", "pipeline": "p" }],
  "dispatch_namespaces": [{ "binding": "DISPATCH", "namespace": "n", "outbound": { "service": "o" } }],
  "secrets_store_secrets": [{ "binding": "SECRET", "store_id": "1", "secret_name": "s" }],
  "worker_loaders": [{ "binding": "LOADER" }],
  "tail_consumers": [{ "service": "tail" }],
  "site": { "bucket": "./public" },
  "containers": []
}"#;
    let loaded = good("wrangler.jsonc", text);
    let names: Vec<_> = loaded
        .app
        .bindings
        .iter()
        .map(|binding| binding.name.as_str())
        .collect();
    let expected = [
        "JOBS", "FLOW", "MAIL", "AI", "BROWSER", "SELF", "IMAGES", "VECTORS", "PG", "EVENTS",
        "LIMIT", "VERSION", "ODD", "CERT", "PIPE", "DISPATCH", "SECRET", "LOADER",
    ];
    assert_eq!(names, expected);
    let notes = loaded
        .warnings
        .iter()
        .filter(|found| found.severity() == Severity::Advice);
    // Every binding but the eight that are there, and the site; not the empty list of containers.
    assert_eq!(notes.count(), expected.len() - 8 + 1);
    let kind = |name: &str| loaded.app.binding(name).unwrap().kind.clone();
    let local = Some("postgres://localhost/x".to_owned());
    assert_eq!(kind("PG"), BindingKind::Hyperdrive { local });
    assert_eq!(kind("VERSION"), BindingKind::VersionMetadata);
    assert_eq!(kind("EVENTS"), BindingKind::AnalyticsEngine);
    let flow = &loaded.app.binding("FLOW").unwrap().kind;
    assert!(
        matches!(flow, BindingKind::Workflow { class_name, max_steps: Some(5), .. } if class_name == "Flow")
    );
    let warnings = loaded
        .warnings
        .iter()
        .filter(|found| found.severity() == Severity::Warning);
    let warnings: Vec<_> = warnings.map(|found| found.message()).collect();
    assert_eq!(
        warnings,
        ["`services[0].remote` is ignored: everything runs here"]
    );
    let vectors = &loaded.app.binding("VECTORS").unwrap().kind;
    assert!(
        matches!(vectors, BindingKind::Other { product: "Vectorize index", settings } if settings["index_name"] == "x")
    );
}

#[test]
fn unknown_and_dropped_keys_warn() {
    warns(
        "wrangler.toml",
        "compatibility_date = \"2026-01-01\"\nmian = \"a\"\nkv-namespaces = []\nlegacy_env = true\nnode_compat = true\ntelemetry = 1\n[dev]\nprot = 1\n[[rules]]\ntype = \"Data\"\nglobs = []\nglob = 1\n",
        &[
            (2, 1, "mian", "did you mean `main`?"),
            (3, 1, "kv-namespaces", "did you mean `kv_namespaces`?"),
            (4, 1, "legacy_env", "no longer a key of wrangler's"),
            (5, 1, "node_compat", "`nodejs_compat`"),
            (6, 1, "telemetry", "unknown key `telemetry`"),
            (8, 1, "prot", "did you mean `port`?"),
            (12, 1, "glob", "did you mean `globs`?"),
        ],
    );
}

#[test]
fn migrations_of_one_tag_become_one() {
    let text = "compatibility_date = \"2026-01-01\"\n[[migrations]]\ntag = \"v1\"\nnew_classes = [\"A\"]\n[[migrations]]\ntag = \"v1\"\nnew_classes = [\"B\"]\n";
    warns(
        "wrangler.toml",
        text,
        &[(6, 7, "\"v1\"", "they count as one")],
    );
    let app = good("wrangler.toml", text).app;
    assert_eq!(app.migrations.len(), 1);
    assert_eq!(app.migrations[0].new_classes, ["A", "B"]);
}

#[test]
fn names_of_unsafe_bindings_are_free() {
    let text = "compatibility_date = \"2026-01-01\"\nunsafe.bindings = [{ name = \"my-odd\", type = \"odd\" }]\n";
    assert_eq!(good("wrangler.toml", text).app.bindings[0].name, "my-odd");
}

#[test]
fn queues_and_rate_limits() {
    let text = r#"
name = "app"
main = "a.js"
[[queues.producers]]
binding = "JOBS"
queue = "jobs"
delivery_delay = 60
[[queues.producers]]
binding = "BARE"
[[queues.consumers]]
queue = "jobs"
max_batch_size = 100
max_batch_timeout = 0
max_retries = 0
dead_letter_queue = "dead"
max_concurrency = 1
retry_delay = 86400
[[queues.consumers]]
queue = "dead"
[[ratelimits]]
name = "LIMIT"
namespace_id = "7"
simple = { limit = 3, period = 10 }
[[unsafe.bindings]]
name = "OLD"
type = "ratelimit"
namespace_id = "8"
simple = { limit = 100, period = 60 }
"#;
    let app = good("wrangler.toml", text).app;
    let kind = |name| &app.binding(name).unwrap().kind;
    let queue = |queue: Option<&str>, delivery_delay| BindingKind::Queue {
        queue: queue.map(str::to_owned),
        delivery_delay,
    };
    assert_eq!(kind("JOBS"), &queue(Some("jobs"), Some(60)));
    assert_eq!(kind("BARE"), &queue(None, None));
    for (name, namespace, limit, period) in [("LIMIT", "7", 3, 10), ("OLD", "8", 100, 60)] {
        let namespace = namespace.to_owned();
        let expected = BindingKind::RateLimit {
            namespace,
            limit,
            period,
        };
        assert_eq!(kind(name), &expected);
    }
    let [jobs, dead] = &app.consumers[..] else {
        panic!("{:?}", app.consumers);
    };
    let limits = (
        jobs.max_batch_size,
        jobs.max_batch_timeout,
        jobs.max_retries,
    );
    assert_eq!(limits, (Some(100), Some(0), Some(0)));
    assert_eq!(
        (jobs.max_concurrency, jobs.retry_delay),
        (Some(1), Some(86400))
    );
    assert_eq!(jobs.dead_letter_queue.as_deref(), Some("dead"));
    assert_eq!((dead.queue.as_str(), dead.max_batch_size), ("dead", None));
}
