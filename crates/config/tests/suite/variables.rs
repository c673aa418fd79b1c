//! `.env` and `.dev.vars`: which files count, who wins, and what is said.

use cellhouse_config::{BindingKind, Loaded};
use serde_json::json;

use crate::support::load_files;

const WRANGLER: &str = "compatibility_date = \"2026-01-01\"\nvars = { A = 1, B = \"config\" }\n[env.dev]\nvars = { A = 1, B = \"env\" }\n";

fn vars(loaded: &Loaded) -> Vec<(&str, String)> {
    let vars = loaded.app.vars.iter();
    vars.map(|(name, value)| (name.as_str(), value.to_string()))
        .collect()
}

fn wrangler(files: &[(&str, &str)], environment: Option<&str>) -> Vec<(String, String)> {
    let files = [&[("wrangler.toml", WRANGLER)], files].concat();
    let loaded = load_files(&files, environment).unwrap();
    let vars = vars(&loaded).into_iter();
    vars.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn ploy_reads_env_alone() {
    let files = [
        ("ploy.yaml", "kind: worker\nstate: { STATE: a }\n"),
        (".env", "A=1\nSTATE=text\n"),
        (".env.local", "A=2\n"),
        (".dev.vars", "A=3\n"),
    ];
    let loaded = load_files(&files, None).unwrap();
    // Variables are below `env.vars`, so a binding may have the same name.
    assert_eq!(
        loaded.app.vars,
        [
            ("A".to_owned(), json!("1")),
            ("STATE".to_owned(), json!("text"))
        ]
    );
    assert!(loaded.warnings.is_empty());
    let loaded = load_files(
        &[
            ("ploy.yaml", "kind: worker\n"),
            (".env", "A=$HOME\nB=${A}\n"),
        ],
        None,
    )
    .unwrap();
    assert_eq!(
        vars(&loaded),
        [("A", "\"$HOME\"".to_owned()), ("B", "\"${A}\"".to_owned())]
    );
}

#[test]
fn wranglers_order_of_files() {
    let env = (".env", "A=env\nC=env\nD=env\n");
    let local = (".env.local", "C=local\n");
    let env_dev = (".env.dev", "C=envdev\nE=envdev\n");
    let env_dev_local = (".env.dev.local", "E=envdevlocal\n");
    let dev_vars = (".dev.vars", "B=devvars\n");
    let dev_vars_dev = (".dev.vars.dev", "B=devvarsdev\n");
    let all_env = [env, local, env_dev, env_dev_local];
    assert_eq!(wrangler(&[], None), pairs(&[("A", "1"), ("B", "config")]));
    assert_eq!(
        wrangler(&all_env, None),
        pairs(&[("A", "env"), ("B", "config"), ("C", "local"), ("D", "env")])
    );
    assert_eq!(
        wrangler(&all_env, Some("dev")),
        pairs(&[
            ("A", "env"),
            ("B", "env"),
            ("C", "envdev"),
            ("D", "env"),
            ("E", "envdevlocal")
        ])
    );
    let with = [&all_env[..], &[dev_vars]].concat();
    assert_eq!(
        wrangler(&with, None),
        pairs(&[("A", "1"), ("B", "devvars")])
    );
    assert_eq!(
        wrangler(&with, Some("dev")),
        pairs(&[("A", "1"), ("B", "devvars")])
    );
    let with = [&with[..], &[dev_vars_dev]].concat();
    assert_eq!(
        wrangler(&with, Some("dev")),
        pairs(&[("A", "1"), ("B", "devvarsdev")])
    );
    assert_eq!(
        wrangler(&with, None),
        pairs(&[("A", "1"), ("B", "devvars")])
    );
}

#[test]
fn references_in_wranglers_env_files() {
    let env = "X=one\nEMPTY=\nY=$X-${X}.\nZ=${NONE:-none} ${X:-no} ${EMPTY:-e} ${X:+set}${NONE:+no}\nL='a\\$X $5 $'\nN=${NONE:-${X}}!\nHOME2=$HOME\nOPEN=${X\n";
    let expected = [
        ("A", "1"),
        ("B", "config"),
        ("X", "one"),
        ("EMPTY", ""),
        ("Y", "one-one."),
        ("Z", "none one e set"),
        ("L", "a$X $5 $"),
        ("N", "one!"),
        ("HOME2", ""),
        ("OPEN", "${X"),
    ];
    assert_eq!(wrangler(&[(".env", env)], None), pairs(&expected));
    // .dev.vars has no references.
    let found = wrangler(&[(".dev.vars", "X=1\nY=$X\n")], None);
    assert_eq!(found[3], ("Y".to_owned(), "$X".to_owned()));
}

#[test]
fn references_cannot_fill_the_memory() {
    let mut env = String::from("A0=0123456789\n");
    for level in 1..60 {
        env += &format!("A{level}=$A{0}$A{0}\n", level - 1);
    }
    let error = load_files(&[("wrangler.toml", WRANGLER), (".env", &env)], None).unwrap_err();
    assert!(
        error.to_string().contains("make the values too long"),
        "{error}"
    );
}

#[test]
fn a_variable_never_hides_a_binding() {
    let config = "compatibility_date = \"2026-01-01\"\nkv_namespaces = [{ binding = \"KV\" }]\n";
    let loaded = load_files(
        &[("wrangler.toml", config), (".env", "A=1\n KV = secret\n")],
        None,
    )
    .unwrap();
    assert_eq!(vars(&loaded), [("A", "\"1\"".to_owned())]);
    let [warning] = &loaded.warnings[..] else {
        panic!("{:?}", loaded.warnings);
    };
    assert!(warning.message().contains("`KV` is the name of a binding"));
    assert_eq!((warning.line(), warning.column()), (Some(2), Some(2)));
    assert!(warning.file().unwrap().ends_with(".env"));
}

#[test]
fn declared_secrets_are_all_that_files_give() {
    let config = "compatibility_date = \"2026-01-01\"\nvars = { V = 1 }\nsecrets = { required = [\"S\", \"T\"] }\n";
    let files = [
        ("wrangler.toml", config),
        (".dev.vars", "S=s\nV=v\nOTHER=o\n"),
    ];
    let loaded = load_files(&files, None).unwrap();
    assert_eq!(
        vars(&loaded),
        [("V", "\"v\"".to_owned()), ("S", "\"s\"".to_owned())]
    );
    assert_eq!(
        loaded.app.required_secrets.as_deref(),
        Some(&["S".to_owned(), "T".to_owned()][..])
    );
    let [warning] = &loaded.warnings[..] else {
        panic!("{:?}", loaded.warnings);
    };
    assert_eq!(warning.message(), "required secrets are not set: T");
}

#[test]
fn the_process_environment_never_counts() {
    // PATH is set in every environment that runs tests.
    assert!(std::env::var_os("PATH").is_some());
    let loaded = load_files(
        &[
            ("wrangler.toml", WRANGLER),
            (".env", "P=$PATH\nPATH2=${PATH:-x}\n"),
        ],
        None,
    )
    .unwrap();
    assert_eq!(
        vars(&loaded)[2..],
        [("P", "\"\"".to_owned()), ("PATH2", "\"x\"".to_owned())]
    );
}

#[test]
fn errors_in_variable_files_and_in_the_config_show_together() {
    let files = [
        ("ploy.yaml", "kind: worker\ndev: { port: 0 }\n"),
        (".env", "A='x\n"),
    ];
    let error = load_files(&files, None).unwrap_err();
    let files: Vec<_> = error
        .diagnostics
        .iter()
        .filter_map(|found| found.file()?.file_name())
        .collect();
    assert_eq!(files, [".env", "ploy.yaml"]);
}

#[test]
fn an_environment_name_cannot_lead_out_of_the_directory() {
    let config = "compatibility_date = \"2026-01-01\"\n[env.\"../x\"]\n";
    let loaded = load_files(&[("wrangler.toml", config), ("x", "A=1\n")], Some("../x")).unwrap();
    assert!(loaded.app.vars.is_empty());
    assert!(
        loaded
            .files
            .iter()
            .all(|file| !file.to_string_lossy().contains(".."))
    );
}

#[test]
fn a_stored_secret_has_the_value_of_the_variable_of_its_binding() {
    let config = "compatibility_date = \"2026-01-01\"\n[[secrets_store_secrets]]\nbinding = \"KEY\"\nstore_id = \"s\"\nsecret_name = \"api-key\"\n";
    for (file, expected) in [(".dev.vars", Some("value")), (".other", None)] {
        let loaded = load_files(&[("wrangler.toml", config), (file, "KEY=value\n")], None).unwrap();
        assert!(loaded.warnings.is_empty(), "{:#?}", loaded.warnings);
        assert_eq!(vars(&loaded), []);
        let expected = BindingKind::StoredSecret {
            secret: "api-key".to_owned(),
            value: expected.map(str::to_owned),
        };
        assert_eq!(loaded.app.bindings[0].kind, expected);
    }
}
