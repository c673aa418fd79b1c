//! Packages that come with the server.

use cellhouse_bundle::{BuiltinPackage, Options};

use crate::support::{Project, attempt, made, run};

const KV: &str = "import { env } from 'cloudflare:workers';
export interface Store { get(key: string): string }
export function open(name: string): Store { return { get: (key: string) => `${name}/${key}/${env.A}` } }
export enum Kind { A = 'a' }
export class Failure extends Error {}
export function fail(): never { throw new Failure('built in') }
";

fn options(project: &Project) -> Options {
    let package = |specifier: &str, source: &str| BuiltinPackage {
        specifier: specifier.into(),
        source: source.into(),
    };
    Options {
        builtin_packages: vec![
            package("@workkit/kv", KV),
            package("sdk.do", "export { viaOther } from './events';"),
            package(
                "sdk.do/events",
                "import { name } from './names'; import { open } from '@workkit/kv'; export const viaOther = open(name);",
            ),
            package("sdk.do/names", "export const name = 'other';"),
        ],
        ..project.options("src/index.ts")
    }
}

const USE: &str = "import { open, Kind, Failure } from '@workkit/kv'; import { viaOther } from 'sdk.do';
globalThis.result = [open('n').get('k'), Kind.A, viaOther.get('x'), Failure.name]; export default {};";

#[test]
fn nothing_needs_to_be_installed() {
    let project = Project::new(&[("src/index.ts", USE)]);
    let bundle = made(options(&project));
    assert_eq!(run(&bundle), r#"["n/k/1","a","other/x/1","Failure"]"#);
    let map = bundle.source_map.unwrap();
    assert!(map.contains("\"cellhouse:@workkit/kv.ts\""), "{map}");
}

#[test]
fn an_installed_package_wins() {
    let project = Project::new(&[
        ("src/index.ts", USE),
        (
            "node_modules/@workkit/kv/package.json",
            r#"{"name":"@workkit/kv","main":"i.js"}"#,
        ),
        (
            "node_modules/@workkit/kv/i.js",
            "exports.open = n => ({ get: () => 'installed' }); exports.Kind = {}; exports.Failure = class Own {};",
        ),
    ]);
    let bundle = made(options(&project));
    assert_eq!(run(&bundle), r#"["installed",null,"installed","Own"]"#);
}

#[test]
fn installing_it_is_watched_for() {
    let project = Project::new(&[("src/index.ts", USE), ("node_modules/other/index.js", "")]);
    let bundle = made(options(&project));
    let watched = project.root().join("node_modules/@workkit");
    assert!(
        bundle.files.iter().any(|file| file.starts_with(&watched)),
        "{:?}",
        bundle.files
    );
}

#[test]
fn tsconfig_of_the_project_does_not_apply_to_it() {
    let project = Project::new(&[
        ("src/index.ts", USE),
        (
            "tsconfig.json",
            r#"{"compilerOptions":{"verbatimModuleSyntax":true,"target":"es5"}}"#,
        ),
    ]);
    assert_eq!(
        run(&made(options(&project))),
        r#"["n/k/1","a","other/x/1","Failure"]"#
    );
}

#[test]
fn errors_show_its_text() {
    let project = Project::new(&[(
        "src/index.ts",
        "import { nothing } from 'broken'; export default nothing;",
    )]);
    let broken = BuiltinPackage {
        specifier: "broken".into(),
        source: "export const nothing: = 1;\n".into(),
    };
    let error = attempt(Options {
        builtin_packages: vec![broken],
        ..options(&project)
    })
    .unwrap_err();
    let found = &error.diagnostics[0];
    assert_eq!(found.file.as_deref(), Some("cellhouse:broken.ts"));
    assert_eq!((found.line, found.column), (Some(1), Some(23)));
    assert!(
        found
            .frame()
            .unwrap()
            .contains("export const nothing: = 1;")
    );
}

#[test]
fn the_runtime_has_a_module_for_packages_only() {
    let package = BuiltinPackage {
        specifier: "objects".into(),
        source: "import { list } from 'platform:x'; export const all = () => list();".into(),
    };
    let made_with = |project: &Project| Options {
        builtin_packages: vec![package.clone()],
        platform_module: Some("platform:x".into()),
        ..project.options("src/index.ts")
    };
    let uses = "import { all } from 'objects'; export default { fetch: all };";
    let project = Project::new(&[("src/index.ts", uses)]);
    let bundle = made(made_with(&project));
    assert!(bundle.uses_platform);
    assert!(bundle.code.contains("platform:x"), "{}", bundle.code);

    let project = Project::new(&[("src/index.ts", "export default { fetch() {} };")]);
    assert!(!made(made_with(&project)).uses_platform);

    let direct = "import { list } from 'platform:x'; export default { fetch: list };";
    let project = Project::new(&[("src/index.ts", direct)]);
    let error = attempt(made_with(&project)).unwrap_err();
    let message = &error.diagnostics[0].message;
    assert!(
        message.contains("could not resolve \"platform:x\""),
        "{message}"
    );
}
