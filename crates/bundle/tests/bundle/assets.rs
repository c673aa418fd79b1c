//! Text, bytes and WebAssembly.

use cellhouse_bundle::{AssetKind, Options, Rule, RuleKind};

use crate::support::{Project, attempt, bundled, failed, made, result, run};

/// `(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))`
const ADD: &[u8] = &[
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 3, 2, 1, 0, 7, 7, 1, 3,
    0x61, 0x64, 0x64, 0, 0, 10, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 11,
];

fn rule(kind: RuleKind, glob: &str, fallthrough: bool) -> Rule {
    Rule {
        kind,
        globs: vec![glob.to_owned()],
        fallthrough,
    }
}

#[test]
fn text_is_a_string() {
    let files: &[(&str, &str)] = &[
        (
            "src/index.ts",
            "import page from './page.html'; import sql from '../q.sql'; import * as note from './note.txt';
             export { default as again } from './note.txt';
             const late = await import('./note.txt');
             globalThis.result = [page, sql, note.default, late.default, require('./note.txt')]; export default {};",
        ),
        ("src/page.html", "<p>\"é\\n`${x}`</p>\n"),
        ("q.sql", "SELECT 1;"),
        ("src/note.txt", "note"),
    ];
    let bundle = bundled(files);
    assert_eq!(
        run(&bundle),
        r#"["<p>\"é\\n`${x}`</p>\n","SELECT 1;","note","note","note"]"#
    );
    let assets: Vec<_> = bundle
        .assets
        .iter()
        .map(|asset| (asset.name.as_str(), asset.kind))
        .collect();
    let text = AssetKind::Text;
    assert_eq!(
        assets,
        [
            ("q.sql", text),
            ("src/note.txt", text),
            ("src/page.html", text)
        ]
    );
    assert_eq!(bundle.exports, ["again", "default"]);
}

#[test]
fn data_is_an_array_buffer() {
    let project = Project::new(&[(
        "a.ts",
        "import data from './x.bin'; globalThis.result = [data instanceof ArrayBuffer, ...new Uint8Array(data)]; export default {};",
    )]);
    project.write("x.bin", &[0, 255, 10, 128]);
    let bundle = made(project.options("a.ts"));
    assert_eq!(run(&bundle), "[true,0,255,10,128]");
    assert_eq!(bundle.assets[0].bytes, [0, 255, 10, 128]);
}

#[test]
fn webassembly_is_a_module() {
    let code = |specifier: &str| {
        format!(
            "import module from '{specifier}'; const wasm = new WebAssembly.Instance(module);
             globalThis.result = [module instanceof WebAssembly.Module, wasm.exports.add(2, 3)]; export default {{}};"
        )
    };
    for specifier in ["./add.wasm", "./add.wasm?module", "pkg/add.wasm"] {
        let project = Project::new(&[("a.ts", &code(specifier))]);
        project.write("add.wasm", ADD);
        project.write(
            "node_modules/pkg/package.json",
            br#"{"name":"pkg","exports":{"./*.wasm":"./lib/*.wasm"}}"#,
        );
        project.write("node_modules/pkg/lib/add.wasm", ADD);
        let bundle = made(project.options("a.ts"));
        assert_eq!(run(&bundle), "[true,5]", "{specifier}");
        assert_eq!(bundle.assets.len(), 1);
        assert_eq!(bundle.assets[0].kind, AssetKind::Wasm);
    }
}

#[test]
fn rules_make_assets_of_other_files() {
    let project = Project::new(&[
        (
            "a.ts",
            "import md from './r.md'; import css from './s.css'; import js from './plain.js'; import t from './t.txt';
             globalThis.result = [md, css, js, t]; export default {};",
        ),
        ("r.md", "# md"),
        ("s.css", "a{}"),
        ("plain.js", "not ( js"),
        ("t.txt", "t"),
    ]);
    let rules = vec![
        rule(RuleKind::Text, "**/*.md", true),
        rule(RuleKind::Text, "**/*.css", true),
        rule(RuleKind::Text, "**/plain.js", true),
    ];
    let bundle = made(Options {
        rules,
        ..project.options("a.ts")
    });
    assert_eq!(run(&bundle), r##"["# md","a{}","not ( js","t"]"##);
}

#[test]
fn a_rule_without_fallthrough_is_explained() {
    let project = Project::new(&[
        ("a.ts", "import t from './t.txt';\nexport default t;"),
        ("t.txt", "t"),
    ]);
    let rules = vec![rule(RuleKind::Text, "**/*.md", false)];
    let error = attempt(Options {
        rules,
        ..project.options("a.ts")
    })
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.ts:1:15: No loader is configured for \".txt\" files: t.txt"
    );
    assert!(
        error.diagnostics[0]
            .help
            .as_ref()
            .unwrap()
            .contains("fallthrough = true")
    );
}

#[test]
fn other_files_are_no_code() {
    for (name, extension) in [
        ("x.png", "png"),
        ("styles/x.css", "css"),
        ("x.node", "node"),
    ] {
        let code = format!("export default 1;\nimport x from './{name}'; console.log(x);");
        let error = failed(&[("a.ts", &code), (name, "?")]);
        let expected =
            format!("a.ts:2:15: No loader is configured for \".{extension}\" files: {name}");
        assert_eq!(error.to_string(), expected);
        assert!(
            error.diagnostics[0]
                .help
                .as_ref()
                .unwrap()
                .contains(&format!("**/*.{extension}"))
        );
    }
}

#[test]
fn unused_assets_are_left_out() {
    let files: &[(&str, &str)] = &[
        (
            "a.ts",
            "import t from './t.txt'; import { a } from './lib'; globalThis.result = a; export default {};",
        ),
        (
            "lib.ts",
            "import u from './u.txt'; export const a = 1; export const b = u;",
        ),
        ("t.txt", "t"),
        ("u.txt", "u"),
    ];
    let bundle = bundled(files);
    assert_eq!(run(&bundle), "1");
    assert_eq!(bundle.assets, []);
    assert!(!bundle.code.contains("cellhouse-asset"), "{}", bundle.code);
}

#[test]
fn one_file_may_be_code_and_text() {
    let files: &[(&str, &str)] = &[
        (
            "a.ts",
            "import { x } from './x'; import source from './x.txt.js'; globalThis.result = [x, source]; export default {};",
        ),
        ("x.ts", "export const x = 1;"),
        ("x.txt.js", "globalThis.ran = 1; export default 'code';"),
    ];
    assert_eq!(result(files), r#"[1,"code"]"#);
}

#[test]
fn a_missing_asset_is_a_missing_file() {
    let error = failed(&[("a.ts", "import t from './gone.txt';\nexport default t;")]);
    assert_eq!(
        error.to_string(),
        "a.ts:1:15: could not resolve \"./gone.txt\""
    );
    assert!(
        error.files.iter().any(|file| file.ends_with("gone.txt")),
        "{:?}",
        error.files
    );
}
