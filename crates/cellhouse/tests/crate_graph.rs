//! Guards the shape of the workspace: which crate may use which, and which outside library
//! belongs to one crate alone. The tables here are the rule; ARCHITECTURE.md explains it.
//! Tests' own dependencies are free.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Every crate with the crates of ours that it may use. All stand below it.
const MAY_USE: &[(&str, &[&str])] = &[
    (
        "cellhouse",
        &[
            "assets",
            "bundle",
            "cache",
            "cell",
            "clone",
            "config",
            "d1",
            "exchange",
            "gateway",
            "kv",
            "objects",
            "queues",
            "r2",
            "runtime",
            "s3",
            "schedules",
            "workflows",
        ],
    ),
    ("gateway", &["exchange"]),
    (
        "runtime",
        &[
            "cache",
            "cell",
            "clone",
            "d1",
            "exchange",
            "kv",
            "objects",
            "queues",
            "r2",
            "schedules",
            "workflows",
        ],
    ),
    ("assets", &["exchange"]),
    ("d1", &["cell"]),
    ("kv", &["cell"]),
    ("objects", &["cell"]),
    ("queues", &["cell"]),
    ("s3", &["r2"]),
    ("schedules", &["cell"]),
    ("workflows", &["cell"]),
    ("r2", &["cell"]),
    ("bundle", &[]),
    ("cache", &[]),
    ("cell", &["shard"]),
    ("clone", &[]),
    ("config", &[]),
    ("exchange", &[]),
    // Only tests use it.
    ("faults", &["shard"]),
    ("shard", &[]),
];

/// Outside libraries (names that begin so) with the only crates that may use them.
const BELONGS_TO: &[(&str, &[&str])] = &[
    ("deno_", &["runtime"]),
    ("rolldown", &["bundle"]),
    ("hyper", &["gateway", "runtime", "s3"]),
    ("tokio-tungstenite", &["gateway", "runtime"]),
    (
        "rusqlite",
        &[
            "cell",
            "d1",
            "kv",
            "objects",
            "queues",
            "r2",
            "schedules",
            "workflows",
        ],
    ),
    ("saffron", &["schedules"]),
    ("slatedb", &["shard", "faults"]),
    ("object_store", &["shard", "faults", "r2"]),
    ("s3s", &["s3"]),
    ("lol_html", &["runtime"]),
    ("corosensei", &["runtime"]),
    ("fred", &["cache"]),
    ("moka", &["cache"]),
    ("clap", &["cellhouse"]),
    ("anyhow", &["cellhouse", "bundle"]),
];

#[test]
fn every_crate_has_its_place() {
    let crates: BTreeSet<String> = graph().into_keys().collect();
    let table: BTreeSet<String> = MAY_USE.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(crates, table, "a new crate needs a line in MAY_USE");
}

#[test]
fn arrows_point_downwards_only() {
    for (name, dependencies) in graph() {
        let allowed = MAY_USE
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(&[][..], |(_, allowed)| allowed);
        for dependency in dependencies {
            if let Some(ours) = dependency.strip_prefix("cellhouse-") {
                assert!(allowed.contains(&ours), "{name} must not use {ours}");
            }
        }
    }
}

#[test]
fn the_table_itself_has_no_cycle() {
    for (name, _) in MAY_USE {
        assert!(!reaches(name, name), "{name} would use itself");
    }
}

#[test]
fn libraries_stay_with_their_owner() {
    for (name, dependencies) in graph() {
        for (prefix, owners) in BELONGS_TO {
            for dependency in dependencies.iter().filter(|d| d.starts_with(prefix)) {
                assert!(
                    owners.contains(&name.as_str()),
                    "{dependency} belongs to {owners:?}, not to {name}"
                );
            }
        }
    }
}

fn reaches(from: &str, to: &str) -> bool {
    MAY_USE
        .iter()
        .filter(|(name, _)| *name == from)
        .flat_map(|(_, below)| below.iter())
        .any(|below| *below == to || reaches(below, to))
}

/// Our crates by folder name (the binary is `cellhouse`), each with all it uses outside its tests.
fn graph() -> BTreeMap<String, Vec<String>> {
    let packages = metadata()["packages"]
        .as_array()
        .expect("cargo metadata lists packages")
        .clone();
    packages
        .iter()
        .map(|package| (folder(&text(package, "name")), uses(package)))
        .collect()
}

fn uses(package: &Value) -> Vec<String> {
    package["dependencies"]
        .as_array()
        .expect("a package lists its dependencies")
        .iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| text(dependency, "name"))
        .collect()
}

fn folder(name: &str) -> String {
    name.strip_prefix("cellhouse-").unwrap_or(name).to_string()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().expect("a name is a string").to_string()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON")
}
