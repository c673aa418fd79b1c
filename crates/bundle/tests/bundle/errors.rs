//! Mistakes, and how they are told.

use cellhouse_bundle::{Diagnostic, Options, Report, Severity};

use crate::support::{Project, attempt, failed};

fn first(files: &[(&str, &str)]) -> Diagnostic {
    let error = failed(files);
    let found = error.diagnostics.into_iter().next().unwrap();
    assert_eq!(found.severity, Severity::Error);
    found
}

/// Each with the place, and what is underlined.
#[test]
fn mistakes_are_told_with_their_place() {
    let ok = "export default {};\n";
    let cases: &[(&str, &str, &str)] = &[
        ("const a = ;\n", "a.ts:1:11: Unexpected token", ";"),
        (
            "let x = 1;\nlet x = 2;\n",
            "a.ts:1:5: Identifier `x` has already been declared",
            "x",
        ),
        (
            "import './b';\n",
            "a.ts:1:8: could not resolve \"./b\"",
            "'./b'",
        ),
        (
            "import './b.js';\n",
            "a.ts:1:8: could not resolve \"./b.js\"",
            "'./b.js'",
        ),
        (
            "import '/b';\n",
            "a.ts:1:8: could not resolve \"/b\"",
            "'/b'",
        ),
        (
            "import 'left-pad/x';\n",
            "a.ts:1:8: could not resolve \"left-pad/x\"",
            "'left-pad/x'",
        ),
        (
            "import '#b';\n",
            "a.ts:1:8: could not resolve \"#b\"",
            "'#b'",
        ),
        (
            "export * from './b';\n",
            "a.ts:1:15: could not resolve \"./b\"",
            "'./b'",
        ),
        (
            "require('./b');\n",
            "a.ts:1:9: could not resolve \"./b\"",
            "'./b'",
        ),
        (
            "await import('./b');\n",
            "a.ts:1:14: could not resolve \"./b\"",
            "'./b'",
        ),
        (
            "await import('b');\n",
            "a.ts:1:14: could not resolve \"b\"",
            "'b'",
        ),
        (
            "import { no } from './c.js'; console.log(no);\n",
            "a.ts:1:10: \"no\" is not exported by \"c.js\".",
            "no",
        ),
        (
            "import d from './c.js'; console.log(d);\n",
            "a.ts:1:8: \"default\" is not exported by \"c.js\".",
            "d",
        ),
        (
            "import { yes } from './c.js'; yes = 2;\n",
            "a.ts:1:31: Cannot assign to import 'yes'",
            "yes",
        ),
        (
            "const k = 1; k = 2;\n",
            "a.ts:1:14: Unexpected re-assignment of const variable `k`",
            "k",
        ),
        ("\t\tfunction (\n", "a.ts:1:12: Expected function name", "("),
        ("'é💥'; const a = ;\n", "a.ts:1:17: Unexpected token", ";"),
        (
            "import x from './bad.json'; console.log(x);\n",
            "bad.json:2:8: invalid JSON: expected value",
            "b",
        ),
        (
            "import x from './bytes.ts'; console.log(x);\n",
            "a.ts:1:15: bytes.ts is not text in UTF-8",
            "'./bytes.ts'",
        ),
        (
            "class A { constructor() {} constructor() {} }\n",
            "a.ts:1:11: Multiple constructor implementations are not allowed.",
            "constructor",
        ),
    ];
    let mut wrong = Vec::new();
    for (code, expected, underlined) in cases {
        let project = Project::new(&[
            ("a.ts", &format!("{code}{ok}")),
            ("c.js", "export const yes = 1;"),
            ("bad.json", "{\n  \"a\": b\n}"),
        ]);
        project.write("bytes.ts", b"export default '\xFF\xFE';");
        let Err(error) = attempt(project.options("a.ts")) else {
            wrong.push(format!("no error: {code}"));
            continue;
        };
        let found = &error.diagnostics[0];
        let frame = found.frame().unwrap_or_default();
        let carets = frame.matches('^').count();
        if !found.to_string().starts_with(expected) || carets != underlined.chars().count() {
            wrong.push(format!("{found}\nexpected {expected}\n{frame}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_frame_shows_the_lines_and_what_is_wrong() {
    let found = first(&[(
        "src/a.ts",
        "export default {};\n\nimport { x } from './missing';\nx();\n",
    )]);
    assert_eq!(
        found.to_string(),
        "src/a.ts:3:19: could not resolve \"./missing\""
    );
    let expected = "  1 | export default {};\n  2 | \n> 3 | import { x } from './missing';\n    |                   ^^^^^^^^^^^\n";
    assert_eq!(found.frame().unwrap(), expected);
    assert_eq!(found.source_line(), Some("import { x } from './missing';"));
}

#[test]
fn miette_can_draw_it() {
    let found = first(&[("src/a.ts", "import { x } from './missing';\nx();\n")]);
    let handler =
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    let mut drawn = String::new();
    handler.render_report(&mut drawn, &Report(&found)).unwrap();
    for part in [
        "could not resolve \"./missing\"",
        "src/a.ts:1:19",
        "import { x } from './missing';",
    ] {
        assert!(drawn.contains(part), "{drawn}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_and_in_order() {
    let error = failed(&[
        (
            "a.ts",
            "import './b'; import './c'; import './gone'; export default {};",
        ),
        ("b.ts", "let = = 1;"),
        (
            "c.ts",
            "import 'nope';\nimport './nor-this'; import './gone';",
        ),
    ]);
    let places: Vec<_> = error
        .diagnostics
        .iter()
        .map(|found| found.to_string())
        .collect();
    assert_eq!(places.len(), 5, "{places:#?}");
    assert!(
        places[0].starts_with("a.ts:1:36: could not resolve"),
        "{places:#?}"
    );
    assert!(places[1].starts_with("b.ts:1:7: "), "{places:#?}");
    assert_eq!(places[2], "c.ts:1:8: could not resolve \"nope\"");
    assert_eq!(places[3], "c.ts:2:8: could not resolve \"./nor-this\"");
    assert_eq!(places[4], "c.ts:2:29: could not resolve \"./gone\"");
    assert_eq!(error.to_string(), places.join("\n"));
}

#[test]
fn packages_that_are_not_installed_say_how() {
    let found = first(&[(
        "a.ts",
        "import { Hono } from 'hono';\nexport default new Hono();",
    )]);
    assert_eq!(
        found.help.as_deref(),
        Some("if it is a package, install it: npm install hono")
    );
}

#[test]
fn jsx_without_a_library_says_what_to_set() {
    let found = first(&[("a.tsx", "export default <p/>;")]);
    assert_eq!(found.file.as_deref(), Some("a.tsx"));
    assert!(found.message.contains("react/jsx-runtime"), "{found}");
    assert!(
        found.help.as_ref().unwrap().contains("jsxImportSource"),
        "{found:?}"
    );
}

#[test]
fn the_entry_has_to_be_there_and_to_export_a_worker() {
    let project = Project::new(&[
        ("src/a.ts", "export const x = 1;"),
        ("src/b.ts", "console.log(1);"),
    ]);
    let cases = [
        ("src/gone.ts", "the entry src/gone.ts does not exist"),
        ("src", "the entry src is a folder"),
        (
            "src/a.ts",
            "src/a.ts: the entry src/a.ts has no default export, only x",
        ),
        ("src/b.ts", "src/b.ts: the entry src/b.ts exports nothing"),
    ];
    for (entry, expected) in cases {
        let error = attempt(project.options(entry)).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(
            error.files.contains(&project.root().join(entry)),
            "{:?}",
            error.files
        );
        assert!(error.diagnostics[0].help.is_some());
    }
}

#[test]
fn a_bad_tsconfig_is_named() {
    let found = first(&[
        ("a.ts", "export default {};"),
        ("tsconfig.json", "{ \"compilerOptions\": ["),
    ]);
    assert!(found.message.contains("tsconfig.json"), "{found}");
}

#[test]
fn a_bad_define_is_an_error() {
    let project = Project::new(&[("a.ts", "export default X;")]);
    let define = vec![("X".to_owned(), "not ( an expression".to_owned())];
    let error = attempt(Options {
        define,
        ..project.options("a.ts")
    })
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value that `define` gives X is no JavaScript expression: not ( an expression"
    );
}

#[test]
fn a_missing_folder_is_an_error() {
    let project = Project::new(&[]);
    let options = Options {
        root: project.root().join("gone"),
        ..project.options("a.ts")
    };
    let error = attempt(options).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("could not open the project's folder"),
        "{error}"
    );
}

#[test]
fn warnings_do_not_stop_the_bundle() {
    let project = Project::new(&[
        (
            "a.ts",
            "import * as b from './b'; import 'p'; console.log(b.nothing); export default { x: eval('1') };",
        ),
        ("b.ts", "export const y = 1;"),
        ("node_modules/p/index.js", "module.exports = eval('2');"),
    ]);
    let bundle = attempt(project.options("a.ts")).unwrap();
    let warned: Vec<_> = bundle
        .warnings
        .iter()
        .map(|found| (found.severity, found.file.clone()))
        .collect();
    let own = Some("a.ts".to_owned());
    assert_eq!(
        warned,
        [(Severity::Warning, own.clone()), (Severity::Warning, own)],
        "{:#?}",
        bundle.warnings
    );
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = format!("export default {}1{};", "[".repeat(3000), "]".repeat(3000));
    let project = Project::new(&[("a.ts", &deep)]);
    let _either_way = attempt(project.options("a.ts"));
}
