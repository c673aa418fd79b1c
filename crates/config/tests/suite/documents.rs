//! The configs of the documents that Cellhouse follows, as they are written there.

use cellhouse_config::{BindingKind, Kind, Style};

use crate::support::{good, load_files, quiet};

const STATE: &str = "kind: dynamic
build: pnpm build
out: dist
state:
  STATE: default
";

const STATES: &str = "state:
  STATE: default
  USER_STATE: users
";

const CACHE: &str = "kind: dynamic
build: pnpm build
out: dist
cache:
  CACHE: default
";

const CACHES: &str = "cache:
  CACHE: default
  SESSION_CACHE: sessions
";

const OBJECTS: &str = r#"[durable_objects]
bindings = [
  { name = "COUNTER", class_name = "Counter" },
  { name = "SESSIONS", class_name = "UserSession" },
  { name = "CHAT_ROOMS", class_name = "ChatRoom" }
]

[[migrations]]
tag = "v1"
new_classes = ["Counter", "UserSession", "ChatRoom"]
"#;

#[test]
fn the_ploy_documents() {
    for (text, names, stores) in [
        (STATE, vec!["STATE"], vec!["default"]),
        (
            STATES,
            vec!["STATE", "USER_STATE"],
            vec!["default", "users"],
        ),
        (CACHE, vec!["CACHE"], vec!["default"]),
        (
            CACHES,
            vec!["CACHE", "SESSION_CACHE"],
            vec!["default", "sessions"],
        ),
    ] {
        let app = good("ploy.yaml", text).app;
        assert_eq!(app.style, Style::Ploy);
        let found: Vec<_> = app
            .bindings
            .iter()
            .map(|binding| binding.name.as_str())
            .collect();
        assert_eq!(found, names);
        let found: Vec<_> = app
            .bindings
            .iter()
            .filter_map(|binding| binding.store())
            .collect();
        assert_eq!(found, stores);
        assert!(
            app.bindings
                .iter()
                .all(|binding| binding.kind.not_yet().is_none())
        );
    }
    assert_eq!(quiet("ploy.yaml", STATE).app.kind, Kind::Dynamic);
    quiet("ploy.yaml", CACHE);
}

#[test]
fn the_document_of_durable_objects() {
    let app = good("wrangler.toml", OBJECTS).app;
    let classes: Vec<_> = app
        .bindings
        .iter()
        .map(|binding| match &binding.kind {
            BindingKind::DurableObject { class_name, .. } => {
                (binding.name.as_str(), class_name.as_str())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("COUNTER", "Counter"),
        ("SESSIONS", "UserSession"),
        ("CHAT_ROOMS", "ChatRoom"),
    ];
    assert_eq!(classes, expected);
    assert_eq!(
        app.migrations[0].new_classes,
        ["Counter", "UserSession", "ChatRoom"]
    );
}

#[test]
fn the_bindings_of_the_storage_course() {
    let text = r#"
name = "course"
main = "src/index.js"
compatibility_date = "2026-07-01"
kv_namespaces = [{ binding = "MY_KV", id = "abc" }]
d1_databases = [{ binding = "MY_DB", database_name = "users", database_id = "x" }]
durable_objects.bindings = [{ name = "CHAT_ROOMS", class_name = "ChatRoom" }]

[[r2_buckets]]
binding = "MY_BUCKET"
bucket_name = "my-bucket"
"#;
    let app = load_files(&[("wrangler.toml", text)], None).unwrap().app;
    let names: Vec<_> = app
        .bindings
        .iter()
        .map(|binding| binding.name.as_str())
        .collect();
    assert_eq!(names, ["MY_KV", "MY_DB", "CHAT_ROOMS", "MY_BUCKET"]);
}
