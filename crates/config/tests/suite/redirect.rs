//! A config that a build tool made, in place of the app's own.

use std::fs;

use cellhouse_config::{Loaded, Severity, load, load_own, workspace};

use crate::support::{assert_found, directory, good, quiet};

const DEPLOY: (&str, &str) = (
    ".wrangler/deploy/config.json",
    r#"{"configPath":"../../dist/server/wrangler.json","auxiliaryWorkers":[]}"#,
);
const MADE: (&str, &str) = (
    "dist/server/wrangler.json",
    r#"{"configPath":"/x/wrangler.toml","userConfigPath":"/x/wrangler.toml","topLevelName":"made","definedEnvironments":[],"name":"made","main":"index.js","compatibility_date":"2026-01-01","assets":{"directory":"../client"},"vars":{"A":"made"},"k2":[],"no_bundle":true}"#,
);
const OWN: (&str, &str) = (
    "wrangler.toml",
    "name = \"own\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-01-01\"\n",
);

fn messages(loaded: &Loaded) -> Vec<(Severity, &str)> {
    let warnings = loaded.warnings.iter();
    warnings
        .map(|found| (found.severity(), found.message()))
        .collect()
}

#[test]
fn what_a_build_made_is_what_runs() {
    let directory = directory(&[DEPLOY, MADE, OWN, (".dev.vars", "A=secret\n")]);
    let root = directory.path();
    let loaded = load(root, None).unwrap();
    let app = &loaded.app;
    assert_eq!(app.name, "made");
    assert_eq!(app.main, Some(root.join("dist/server/index.js")));
    let assets = app.assets.as_ref().unwrap();
    assert_eq!(assets.directory, Some(root.join("dist/client")));
    assert_eq!(app.config_path, root.join("dist/server/wrangler.json"));
    assert_eq!((&*app.root, &*app.home), (&*root.join("dist/server"), root));
    // Variable files are the app's, not the build's.
    assert_eq!(app.vars, [("A".to_owned(), "secret".into())]);
    let shown = root.join("dist/server/wrangler.json");
    let note = format!(
        "{} is used, which a build made of wrangler.toml",
        shown.display()
    );
    assert_eq!(messages(&loaded), [(Severity::Advice, note.as_str())]);
    for file in [DEPLOY.0, MADE.0, OWN.0, ".dev.vars"] {
        assert!(loaded.files.contains(&root.join(file)), "{file}");
    }

    // By its own name, and for those who look at what is written.
    let own = load(&root.join(OWN.0), None).unwrap().app;
    assert_eq!((own.name.as_str(), &*own.home), ("own", root));
    assert_eq!(load_own(root, None).unwrap().app.name, "own");
    let made = load(&root.join(MADE.0), None).unwrap().app;
    assert_eq!(&*made.home, root.join("dist/server"));
}

#[test]
fn a_build_may_have_no_config_before_it() {
    let directory = directory(&[DEPLOY, MADE]);
    for loaded in [
        load(directory.path(), None),
        load_own(directory.path(), None),
    ] {
        assert_eq!(loaded.unwrap().app.name, "made");
    }
    assert!(workspace(directory.path()).unwrap().is_none());
    // Ploy's tool knows nothing of it.
    fs::write(
        directory.path().join("ploy.yaml"),
        "kind: worker\nname: ploy\n",
    )
    .unwrap();
    assert_eq!(load(directory.path(), None).unwrap().app.name, "ploy");
}

#[test]
fn a_build_is_for_one_environment() {
    let made = r#"{"targetEnvironment":"dev","name":"made-dev","compatibility_date":"2026-01-01"}"#;
    let directory = directory(&[DEPLOY, (MADE.0, made), (".dev.vars.dev", "A=1\n")]);
    let loaded = load(directory.path(), Some("dev")).unwrap();
    assert_eq!(loaded.app.name, "made-dev");
    assert_eq!(loaded.app.vars, [("A".to_owned(), "1".into())]);
    let error = load(directory.path(), Some("other")).unwrap_err();
    let message = "the build was made for the environment `dev`, not for `other`";
    assert_found(&error.diagnostics, &[(1, 22, "\"dev\"", message)], made);
}

#[test]
fn a_build_that_is_not_there_is_named() {
    let missing = directory(&[DEPLOY, OWN]);
    let error = load(missing.path(), None).unwrap_err();
    let message = "the config that a build tool made is not there";
    let expected = (1, 15, "\"../../dist/server/wrangler.json\"", message);
    assert_found(&error.diagnostics, &[expected], DEPLOY.1);
    assert!(error.files.contains(&missing.path().join(MADE.0)));

    let nothing = directory(&[(DEPLOY.0, "{}"), OWN]);
    let error = load(nothing.path(), None).unwrap_err();
    assert!(
        error.to_string().contains("`configPath` is missing"),
        "{error}"
    );
}

#[test]
fn keys_that_build_tools_write_are_known() {
    quiet("wrangler.json", MADE.1);
    let unknown = MADE.1.replace("topLevelName", "bottomLevelName");
    assert_eq!(good("wrangler.json", &unknown).warnings.len(), 1);
}
