//! Named environments: what is inherited, what is not, and what is said about it.

use serde_json::json;

use crate::support::{assert_found, load_files};

const CONFIG: &str = r#"name = "app"
main = "a.ts"
compatibility_date = "2026-01-01"
compatibility_flags = ["nodejs_als"]
migrations = [{ tag = "v1" }]
assets = { directory = "public" }
triggers = { crons = ["* * * * *"] }
rules = [{ type = "Text", globs = ["*.txt"] }]
limits = { cpu_ms = 10 }
build = { command = "make" }
dev = { port = 9000 }
alias = { a = "b" }
kv_namespaces = [{ binding = "KV", id = "top" }, { binding = "KV2", id = "top2" }]
r2_buckets = [{ binding = "R2", bucket_name = "top" }]

[vars]
A = "top"
B = "top"

[env.empty]

[env.full]
name = "other"
main = "b.ts"
compatibility_date = "2026-02-02"
compatibility_flags = []
triggers = { crons = [] }
kv_namespaces = [{ binding = "KV", id = "full" }]
vars = { A = "full" }
r2_buckets = []
"#;

#[test]
fn an_environment_inherits_some_keys_and_not_others() {
    let loaded = load_files(&[("wrangler.toml", CONFIG)], Some("empty")).unwrap();
    let app = &loaded.app;
    assert_eq!(
        (app.name.as_str(), app.environment.as_deref()),
        ("app-empty", Some("empty"))
    );
    assert!(app.main.as_ref().unwrap().ends_with("a.ts"));
    assert_eq!(app.compatibility_date.to_string(), "2026-01-01");
    assert_eq!(app.compatibility_flags, ["nodejs_als"]);
    assert_eq!(
        (app.migrations.len(), app.crons.len(), app.rules.len()),
        (1, 1, 1)
    );
    assert!(app.assets.is_some() && app.limits.cpu.is_some() && app.build.is_some());
    assert_eq!((app.dev.port, app.bundle.alias.len()), (Some(9000), 1));
    assert!(app.bindings.is_empty() && app.vars.is_empty());
}

#[test]
fn an_environment_has_its_own() {
    let app = load_files(&[("wrangler.toml", CONFIG)], Some("full"))
        .unwrap()
        .app;
    assert_eq!(app.name, "other");
    assert!(app.main.as_ref().unwrap().ends_with("b.ts"));
    assert_eq!(app.compatibility_date.to_string(), "2026-02-02");
    assert!(app.compatibility_flags.is_empty() && app.crons.is_empty());
    assert_eq!(app.bindings.len(), 1);
    assert_eq!(app.bindings[0].store(), Some("full"));
    assert_eq!(app.vars, [("A".to_owned(), json!("full"))]);
}

#[test]
fn without_an_environment_the_top_level_counts() {
    for environment in [None, Some("")] {
        let app = load_files(&[("wrangler.toml", CONFIG)], environment)
            .unwrap()
            .app;
        assert_eq!(
            (app.name.as_str(), app.environment.as_deref()),
            ("app", None)
        );
        assert_eq!((app.bindings.len(), app.vars.len()), (3, 2));
    }
}

#[test]
fn what_is_not_inherited_is_warned_about() {
    let loaded = load_files(&[("wrangler.toml", CONFIG)], Some("empty")).unwrap();
    let expected = [
        (
            13,
            1,
            "kv_namespaces",
            "not in `env.empty`, which does not inherit it",
        ),
        (
            14,
            1,
            "r2_buckets",
            "write `r2_buckets` into `env.empty` too",
        ),
        (16, 2, "vars", "`vars` is at the top level"),
    ];
    assert_found(&loaded.warnings, &expected, CONFIG);
    let loaded = load_files(&[("wrangler.toml", CONFIG)], Some("full")).unwrap();
    let expected = [
        (
            13,
            62,
            "\"KV2\"",
            "`KV2` is in `kv_namespaces` at the top level",
        ),
        (14, 27, "\"R2\"", "not in `env.full.r2_buckets`"),
        (18, 1, "B", "`B` is in `vars`"),
    ];
    assert_found(&loaded.warnings, &expected, CONFIG);
}

#[test]
fn an_unknown_environment() {
    let error = load_files(&[("wrangler.toml", CONFIG)], Some("ful")).unwrap_err();
    let expected = [(20, 6, "empty", "")];
    let found = &error.diagnostics[0];
    assert!(found.message().contains("it has empty, full"), "{found}");
    assert_eq!(found.help_text(), Some("did you mean `full`?"));
    assert_eq!(found.line(), Some(expected[0].0));
    // Without any environment wrangler goes on with the top level.
    let text = "name = \"a\"\ncompatibility_date = \"2026-01-01\"\nvars = { A = 1 }\n";
    let loaded = load_files(&[("wrangler.toml", text)], Some("x")).unwrap();
    assert_eq!(
        (loaded.app.name.as_str(), loaded.app.vars.len()),
        ("a-x", 1)
    );
    assert!(
        loaded.warnings[0]
            .message()
            .contains("no environment `x`: the top level is used")
    );
}

#[test]
fn errors_of_the_top_level_and_of_the_environment_show() {
    let text = "main = 1\nkv_namespaces = [{ binding = \"1\" }]\ncompatibility_date = \"2026-01-01\"\n[env.e]\nname = 2\nvars = []\ndev = {}\nvarz = 1\n";
    let error = load_files(&[("wrangler.toml", text)], Some("e")).unwrap_err();
    let expected = [
        (1, 8, "1", "`main` must be text"),
        (2, 30, "\"1\"", "`kv_namespaces[0].binding`"),
        (5, 8, "2", "`env.e.name` must be text"),
        (6, 8, "[]", "`env.e.vars` must be a map"),
    ];
    assert_found(&error.diagnostics, &expected, text);
    let expected = [
        (2, 1, "kv_namespaces", "does not inherit"),
        (7, 1, "dev", "move it to the top level"),
        (
            8,
            1,
            "varz",
            "in `env.e`: it is ignored did you mean `vars`?",
        ),
    ];
    assert_found(&error.warnings, &expected, text);
}

#[test]
fn an_environment_must_be_a_map() {
    let text = "compatibility_date = \"2026-01-01\"\nenv = { a = 1 }\n";
    let error = load_files(&[("wrangler.toml", text)], Some("a")).unwrap_err();
    assert_found(
        &error.diagnostics,
        &[(2, 13, "1", "`env.a` must be a map")],
        text,
    );
    assert!(load_files(&[("wrangler.toml", text)], None).is_ok());
}

#[test]
fn ploy_has_no_environments() {
    let loaded = load_files(&[("ploy.yaml", "kind: worker\n")], Some("x")).unwrap();
    assert!(
        loaded.warnings[0]
            .message()
            .contains("ploy.yaml has no environments")
    );
    assert_eq!(loaded.app.environment, None);
}
