//! What is to be watched.

use crate::support::{Project, attempt, made, relative};

#[test]
fn everything_read_is_on_the_list() {
    let project = Project::new(&[
        (
            "src/index.ts",
            "import './a'; import t from './t.txt'; import p from 'p'; import j from './j.json'; export default [t, p, j];",
        ),
        ("src/a.ts", ""),
        ("src/t.txt", "t"),
        ("src/j.json", "{}"),
        ("package.json", "{}"),
        ("tsconfig.json", r#"{"extends":"./base.json"}"#),
        ("base.json", "{}"),
        ("node_modules/p/package.json", r#"{"main":"lib/p.js"}"#),
        (
            "node_modules/p/lib/p.js",
            "module.exports = require('./q');",
        ),
        ("node_modules/p/lib/q.js", "module.exports = 1;"),
    ]);
    let bundle = made(project.options("src/index.ts"));
    let files = relative(&project.root(), &bundle.files);
    for expected in [
        "src/index.ts",
        "src/a.ts",
        "src/t.txt",
        "src/j.json",
        "package.json",
        "tsconfig.json",
        "base.json",
        "node_modules/p/package.json",
        "node_modules/p/lib/p.js",
        "node_modules/p/lib/q.js",
    ] {
        assert!(
            files.iter().any(|file| file == expected),
            "{expected} is not in {files:#?}"
        );
    }
    assert!(bundle.files.is_sorted());
    assert!(bundle.files.iter().all(|file| file.is_absolute()));
}

#[test]
fn files_that_would_come_first_are_on_the_list() {
    let project = Project::new(&[
        ("src/index.js", "import './a'; export default {};"),
        ("src/a.js", ""),
    ]);
    let bundle = made(project.options("src/index.js"));
    let files = relative(&project.root(), &bundle.files);
    assert!(files.contains(&"src/a.ts".to_owned()), "{files:#?}");
    assert!(!files.contains(&"src/a.json".to_owned()), "{files:#?}");
    assert!(files.contains(&"tsconfig.json".to_owned()), "{files:#?}");
}

#[test]
fn what_would_mend_an_error_is_on_the_list() {
    let project = Project::new(&[
        (
            "src/index.ts",
            "import './gone'; import 'pkg'; import '@s/pkg'; export default {};",
        ),
        ("node_modules/other/index.js", ""),
    ]);
    let error = attempt(project.options("src/index.ts")).unwrap_err();
    let files = relative(&project.root(), &error.files);
    for expected in [
        "src/index.ts",
        "src/gone.ts",
        "src/gone.js",
        "src/gone",
        "node_modules/pkg",
        "node_modules/@s/pkg",
    ] {
        assert!(
            files.iter().any(|file| file == expected),
            "{expected} is not in {files:#?}"
        );
    }
}

#[test]
fn a_project_in_a_repository_watches_the_packages_above_it() {
    let project = Project::new(&[
        (
            "apps/one/src/index.ts",
            "import p from 'p'; import 'absent'; export default p;",
        ),
        ("node_modules/p/index.js", "module.exports = 1;"),
    ]);
    let mut options = project.options("src/index.ts");
    options.root = project.root().join("apps/one");
    let error = attempt(options).unwrap_err();
    let files = relative(&project.root(), &error.files);
    assert!(
        files.contains(&"node_modules/absent".to_owned()),
        "{files:#?}"
    );
    assert!(
        files.contains(&"node_modules/p/index.js".to_owned()),
        "{files:#?}"
    );
}

/// The list is complete: making any file on it that is missing, or changing one that is there,
/// is the only way to another bundle. Here: each file that decides is really on it.
#[test]
fn changes_on_the_list_change_the_bundle() {
    let project = Project::new(&[
        ("src/index.ts", "import { x } from './x'; export default x;"),
        ("src/x.js", "export const x = 'old';"),
    ]);
    let before = made(project.options("src/index.ts"));
    let new = project.root().join("src/x.ts");
    assert!(before.files.contains(&new));
    project.write("src/x.ts", b"export const x = 'new';");
    let after = made(project.options("src/index.ts"));
    assert!(before.code.contains("old") && after.code.contains("new"));
}
