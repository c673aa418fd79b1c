//! Apps that run together: workspaces, and what configs name of each other.

use std::path::Path;

use cellhouse_config::{App, Severity, check_peers, load, peer_name, workspace};

use crate::support::{assert_found, directory};

const APP: &str = "kind: worker\n";

fn apps(root: &Path) -> Vec<String> {
    let found = workspace(root).unwrap().expect("a workspace");
    let relative = found.apps.iter().map(|app| app.strip_prefix(root).unwrap());
    relative.map(|app| app.display().to_string()).collect()
}

#[test]
fn a_workspace_has_every_app_below_it_but_those_that_it_excludes() {
    let text = "exclude:\n  - examples/**\n  - '**/old'\ndashboard:\n  port: 1\nenv: {}\n";
    let directory = directory(&[
        ("ploy-workspace.yaml", text),
        ("b/ploy.yaml", APP),
        ("a/deep/er/ploy.yml", APP),
        ("a/old/ploy.yaml", APP),
        ("examples/one/ploy.yaml", APP),
        ("node_modules/x/ploy.yaml", APP),
        (".hidden/ploy.yaml", APP),
        ("c/wrangler.toml", ""),
    ]);
    assert_eq!(apps(directory.path()), ["a/deep/er", "b"]);
    let found = workspace(directory.path()).unwrap().unwrap();
    assert_eq!(found.first_port, 8787);
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
}

#[test]
fn a_folder_of_apps_is_a_workspace_without_a_file() {
    let several = directory(&[("a/ploy.yaml", APP), ("b/ploy.yaml", APP)]);
    assert_eq!(apps(several.path()), ["a", "b"]);
    for files in [
        &[("a/ploy.yaml", APP)][..],
        &[
            ("ploy.yaml", APP),
            ("a/ploy.yaml", APP),
            ("b/ploy.yaml", APP),
        ],
        &[
            ("wrangler.toml", ""),
            ("a/ploy.yaml", APP),
            ("b/ploy.yaml", APP),
        ],
        &[],
    ] {
        let directory = directory(files);
        assert_eq!(workspace(directory.path()).unwrap(), None, "{files:?}");
    }
}

#[test]
fn what_is_wrong_with_a_workspace() {
    for (text, expected) in [
        (
            "exclude: a\n",
            (1, 10, "a", "`exclude` must be a list of texts"),
        ),
        (
            "ports:\n  worker:\n    from: 0\n",
            (3, 11, "0", "ports.worker.from"),
        ),
    ] {
        let directory = directory(&[("ploy-workspace.yaml", text), ("a/ploy.yaml", APP)]);
        let error = workspace(directory.path()).unwrap_err();
        assert_found(&error.diagnostics, &[expected], text);
    }
    let empty = directory(&[("ploy-workspace.yaml", "")]);
    let error = workspace(empty.path()).unwrap_err();
    assert!(error.to_string().contains("has no app"), "{error}");
    let port = "ports:\n  worker:\n    from: 9000\n";
    let own = directory(&[("ploy-workspace.yaml", port), ("a/ploy.yaml", APP)]);
    assert_eq!(workspace(own.path()).unwrap().unwrap().first_port, 9000);
}

fn app(text: &str) -> App {
    let text = format!("compatibility_date = \"2026-01-01\"\n{text}");
    let directory = directory(&[("wrangler.toml", &text)]);
    load(directory.path(), None).unwrap().app
}

const FRONT: &str = "name = \"front\"\nservices = [{ binding = \"BACK\", service = \"back\" }]\n";

#[test]
fn what_is_named_must_be_there() {
    let (front, back) = (app(FRONT), app("name = \"back\"\n"));
    assert!(check_peers(&[&front, &back]).is_empty());

    let alone = check_peers(&[&front]);
    assert_eq!(alone[0].severity(), Severity::Warning);
    assert_found(&alone, &[(3, 25, "\"BACK\"", "no app `back`")], FRONT);

    let other = app("name = \"other\"\n");
    let missing = check_peers(&[&front, &other]);
    assert_eq!(missing[0].severity(), Severity::Error);
    assert_found(&missing, &[(3, 25, "\"BACK\"", "front, other")], FRONT);
}

#[test]
fn scripts_and_consumers_are_looked_for_too() {
    let text = "name = \"front\"\ntail_consumers = [{ service = \"watcher\" }]\n\
        [[durable_objects.bindings]]\nname = \"THINGS\"\nclass_name = \"Thing\"\nscript_name = \"things\"\n";
    let front = app(text);
    assert_eq!(front.tail_consumers[0].service, "watcher");
    let other = app("name = \"other\"\n");
    let found = check_peers(&[&front, &other]);
    let messages: Vec<_> = found.iter().map(|found| found.message()).collect();
    let expected = [
        "there is no app `things` here",
        "there is no app `watcher` here",
    ];
    assert_eq!(messages, expected);
}

#[test]
fn an_app_itself_is_there_and_two_of_one_name_are_not_wanted() {
    let own = app("name = \"own\"\nservices = [{ binding = \"OWN\", service = \"own\" }]\n");
    assert!(check_peers(&[&own]).is_empty());
    let twice = check_peers(&[&own, &own]);
    assert_eq!(twice[0].message(), "two of the apps are called `own`");
}

#[test]
fn an_environment_has_a_name_of_its_own() {
    let names = ["api", "api-staging"];
    for (service, environment, expected) in [
        ("api", None, Some("api")),
        ("api", Some("staging"), Some("api-staging")),
        ("api", Some("production"), Some("api")),
        ("web", Some("staging"), None),
    ] {
        let found = peer_name(&names, service, environment);
        assert_eq!(found.as_deref(), expected, "{service} {environment:?}");
    }
}
