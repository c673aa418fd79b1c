//! Installed packages: how a specifier leads into `node_modules`, and CommonJS beside ES modules.

use crate::support::{Project, bundled, failed, made, result, run};

fn with_entry<'a>(code: &'a str, files: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![("src/index.ts", code)];
    all.extend_from_slice(files);
    all
}

fn picked(package_json: &str, code: &str) -> String {
    let name = |file: &str| format!("module.exports = '{file}';");
    let esm = |file: &str| format!("export default '{file}';");
    let project = Project::new(&[("src/index.ts", code)]);
    project.write("node_modules/p/package.json", package_json.as_bytes());
    for file in [
        "workerd", "worker", "browser", "module", "import", "default",
    ] {
        project.write(&format!("node_modules/p/{file}.mjs"), esm(file).as_bytes());
    }
    for file in ["require", "main", "index", "node"] {
        project.write(&format!("node_modules/p/{file}.js"), name(file).as_bytes());
    }
    run(&made(project.options("src/index.ts")))
}

const IMPORT: &str = "import p from 'p'; globalThis.result = p; export default {};";
const REQUIRE: &str = "globalThis.result = require('p'); export default {};";

#[test]
fn exports_are_picked_by_wranglers_conditions() {
    let all = r#""node":"./node.js","workerd":"./workerd.mjs","worker":"./worker.mjs","browser":"./browser.mjs","import":"./import.mjs","default":"./default.mjs""#;
    let cases = [
        (format!("{{{all}}}"), "\"workerd\""),
        (r#"{"node":"./node.js","worker":"./worker.mjs","default":"./default.mjs"}"#.into(), "\"worker\""),
        (r#"{"node":"./node.js","browser":"./browser.mjs","import":"./import.mjs"}"#.into(), "\"browser\""),
        (r#"{"import":"./import.mjs","workerd":"./workerd.mjs"}"#.into(), "\"import\""),
        (r#"{"require":"./require.js","import":"./import.mjs"}"#.into(), "\"import\""),
        (r#"{"require":"./require.js","module":"./module.mjs","default":"./default.mjs"}"#.into(), "\"module\""),
        (r#"{"node":"./node.js","default":"./default.mjs"}"#.into(), "\"default\""),
        (r#"{".":{"types":"./x.d.ts","import":{"worker":"./worker.mjs","default":"./default.mjs"}}}"#.into(), "\"worker\""),
        (r#""./import.mjs""#.into(), "\"import\""),
        (r#"["not-a-path","./import.mjs"]"#.into(), "\"import\""),
    ];
    for (exports, expected) in cases {
        let package_json = format!(r#"{{"name":"p","main":"./main.js","exports":{exports}}}"#);
        assert_eq!(picked(&package_json, IMPORT), expected, "{exports}");
    }
}

#[test]
fn an_alias_takes_the_place_of_a_package() {
    let code = "import a from 'p'; import b from 'p/import.mjs'; import c from '@scope/q';
        globalThis.result = [a, b, c]; export default {};";
    let project = Project::new(&[
        ("src/index.ts", code),
        ("src/shim.ts", "export default 'shim';"),
        ("node_modules/other/index.js", "export default 'other';"),
        (
            "node_modules/other/import.mjs",
            "export default 'other/import';",
        ),
    ]);
    let mut options = project.options("src/index.ts");
    options.alias = [("p", "other"), ("@scope/q", "./src/shim.ts")]
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .to_vec();
    assert_eq!(run(&made(options)), r#"["other","other/import","shim"]"#);
}

#[test]
fn require_is_a_condition_of_its_own() {
    let exports = r#"{"name":"p","exports":{"require":"./require.js","import":"./import.mjs"}}"#;
    assert_eq!(picked(exports, REQUIRE), "\"require\"");
    assert_eq!(picked(exports, IMPORT), "\"import\"");
}

#[test]
fn main_fields_are_wranglers() {
    let cases = [
        (
            r#"{"main":"./main.js","module":"./module.mjs","browser":"./browser.mjs"}"#,
            "\"browser\"",
        ),
        (
            r#"{"main":"./main.js","module":"./module.mjs"}"#,
            "\"module\"",
        ),
        (r#"{"main":"./main.js"}"#, "\"main\""),
        (r#"{"main":"./main"}"#, "\"main\""),
        (r#"{}"#, "\"index\""),
        (r#"{"main":"./gone.js"}"#, "\"index\""),
        (
            r#"{"main":"./main.js","browser":{"./main.js":"./browser.mjs"}}"#,
            "\"browser\"",
        ),
    ];
    for (package_json, expected) in cases {
        assert_eq!(picked(package_json, IMPORT), expected, "{package_json}");
    }
}

#[test]
fn require_takes_commonjs_where_a_package_has_both() {
    let cases = [
        (
            r#"{"main":"./main.js","module":"./module.mjs"}"#,
            "\"main\"",
        ),
        (
            r#"{"exports":{"module":"./module.mjs","require":"./require.js"}}"#,
            "\"require\"",
        ),
        (r#"{"module":"./module.mjs"}"#, r#"{"default":"module"}"#),
        (
            r#"{"main":"./main.js","browser":"./browser.mjs"}"#,
            r#"{"default":"browser"}"#,
        ),
    ];
    for (package_json, expected) in cases {
        assert_eq!(picked(package_json, REQUIRE), expected, "{package_json}");
    }
}

#[test]
fn browser_can_replace_files_and_modules_or_leave_them_out() {
    let files: &[(&str, &str)] = &[
        (
            "node_modules/p/package.json",
            r#"{"name":"p","main":"index.js","browser":{"./a.js":"./b.js","fs":false,"util":"./util.js"}}"#,
        ),
        (
            "node_modules/p/index.js",
            "module.exports = [require('./a'), Object.keys(require('fs')), require('util')];",
        ),
        ("node_modules/p/a.js", "module.exports = 'a';"),
        ("node_modules/p/b.js", "module.exports = 'b';"),
        ("node_modules/p/util.js", "module.exports = 'util';"),
    ];
    assert_eq!(result(&with_entry(IMPORT, files)), r#"["b",[],"util"]"#);
}

#[test]
fn subpaths_patterns_and_self_references_resolve() {
    let files: &[(&str, &str)] = &[
        (
            "package.json",
            r##"{"name":"app","exports":{"./lib":"./src/lib.ts"},"imports":{"#own":"./src/own.ts"}}"##,
        ),
        ("src/lib.ts", "export const lib = 'lib';"),
        ("src/own.ts", "export const own = 'own';"),
        (
            "node_modules/@s/p/package.json",
            r#"{"name":"@s/p","exports":{".":"./i.js","./sub":"./s.js","./f/*":"./deep/*.js","./hidden/*":null}}"#,
        ),
        (
            "node_modules/@s/p/i.js",
            "export { default } from '@s/p/sub'; export * as f from '@s/p/f/x';",
        ),
        ("node_modules/@s/p/s.js", "export default 'sub';"),
        ("node_modules/@s/p/deep/x.js", "export const x = 'x';"),
    ];
    let code =
        "import p, { f } from '@s/p'; import { x } from '@s/p/f/x'; import { lib } from 'app/lib';
        import { own } from '#own'; globalThis.result = [p, f.x, x, lib, own]; export default {};";
    assert_eq!(
        result(&with_entry(code, files)),
        r#"["sub","x","x","lib","own"]"#
    );
}

#[test]
fn commonjs_is_as_its_authors_know_it() {
    let files: &[(&str, &str)] = &[
        (
            "node_modules/fn/index.js",
            "'use strict'; module.exports = function hi(x) { return 'hi ' + x }; module.exports.extra = 1;",
        ),
        (
            "node_modules/named/index.js",
            "exports.a = 1; exports.b = function () { return this === exports };",
        ),
        (
            "node_modules/esish/index.js",
            "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'd'; exports.n = 'n';",
        ),
        (
            "node_modules/cycle/index.js",
            "exports.early = 1; exports.other = require('./other').seen; exports.late = 2;",
        ),
        (
            "node_modules/cycle/other.js",
            "const c = require('./index'); exports.seen = Object.keys(c);",
        ),
        (
            "node_modules/json/index.js",
            "module.exports = require('./package.json').version;",
        ),
        ("node_modules/json/package.json", r#"{"version":"1.2.3"}"#),
        (
            "node_modules/lazy/index.js",
            "let n = 0; globalThis.lazy = () => require('./part'); module.exports = { get n() { return n } };",
        ),
        (
            "node_modules/lazy/part.js",
            "globalThis.parts = (globalThis.parts ?? 0) + 1; module.exports = globalThis.parts;",
        ),
        (
            "node_modules/vars/index.js",
            "module.exports = [typeof module, typeof exports, typeof require, typeof this, typeof __dirname];",
        ),
    ];
    let code = "import fn, { extra } from 'fn'; import { a, b } from 'named'; import * as named from 'named';
        import d, { n } from 'esish'; import cycle from 'cycle'; import version from 'json'; import 'lazy'; import vars from 'vars';
        globalThis.result = [fn('x'), extra, a, Object.keys(named).sort(), d, n, cycle, version,
            globalThis.parts === undefined, globalThis.lazy(), globalThis.lazy(), vars[0], vars[3]];
        export default {};";
    let expected = r#"["hi x",1,1,["a","b","default"],"d","n",{"early":1,"other":["early"],"late":2},"1.2.3",true,1,1,"object","object"]"#;
    assert_eq!(result(&with_entry(code, files)), expected);
}

#[test]
fn commonjs_and_es_modules_use_each_other() {
    let files: &[(&str, &str)] = &[
        (
            "node_modules/c/index.js",
            "const esm = require('e'); module.exports = { default: esm.default, n: esm.n, keys: Object.keys(esm).sort() };",
        ),
        (
            "node_modules/e/package.json",
            r#"{"type":"module","main":"index.js"}"#,
        ),
        (
            "node_modules/e/index.js",
            "import c from './plain.cjs'; export default 'd' + c; export const n = 1;",
        ),
        ("node_modules/e/plain.cjs", "module.exports = 'plain';"),
    ];
    let code = "import c from 'c'; globalThis.result = c; export default {};";
    assert_eq!(
        result(&with_entry(code, files)),
        r#"{"default":"dplain","n":1,"keys":["default","n"]}"#
    );
}

#[test]
fn a_worker_may_be_commonjs() {
    let files: &[(&str, &str)] = &[(
        "index.js",
        "globalThis.result = 1; module.exports = { fetch() {} };",
    )];
    let bundle = bundled(files);
    assert_eq!(run(&bundle), "1");
    assert_eq!(bundle.exports, ["default"]);
}

#[test]
fn requires_that_may_fail_are_left_to_fail() {
    let files: &[(&str, &str)] = &[(
        "node_modules/p/index.js",
        "let fs; try { fs = require('fs') } catch (e) { fs = 'none' }
         let x; try { x = require('not-installed') } catch { x = 'none' } module.exports = [fs, x];",
    )];
    assert_eq!(result(&with_entry(IMPORT, files)), r#"["none","none"]"#);
}

#[test]
fn node_env_is_replaced() {
    let files: &[(&str, &str)] = &[
        (
            "node_modules/p/index.js",
            "module.exports = process.env.NODE_ENV === 'production' ? require('./prod') : require('./dev');",
        ),
        ("node_modules/p/prod.js", "module.exports = 'prod';"),
        ("node_modules/p/dev.js", "module.exports = 'dev';"),
    ];
    for (mode, expected, gone) in [
        (cellhouse_bundle::Mode::Development, "\"dev\"", "'prod'"),
        (cellhouse_bundle::Mode::Production, "\"prod\"", "'dev'"),
    ] {
        let project = Project::new(&with_entry(IMPORT, files));
        let bundle = made(cellhouse_bundle::Options {
            mode,
            ..project.options("src/index.ts")
        });
        assert_eq!(run(&bundle), expected);
        assert!(!bundle.code.contains(gone), "{}", bundle.code);
    }
}

#[test]
fn names_can_be_defined() {
    let code =
        "globalThis.result = [VERSION, process.env.NODE_ENV, typeof config.x]; export default {};";
    let project = Project::new(&[("a.ts", code)]);
    let mut options = project.options("a.ts");
    let define = [
        ("VERSION", "\"1.0\""),
        ("process.env.NODE_ENV", "'test'"),
        ("config.x", "5"),
    ];
    options.define = define
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    assert_eq!(run(&made(options)), r#"["1.0","test","number"]"#);
}

#[test]
fn tsconfig_paths_lead_to_files() {
    let files: &[(&str, &str)] = &[
        (
            "tsconfig.json",
            r#"{"extends":"./base.json","compilerOptions":{"paths":{"@/*":["./src/*"],"one":["./lib/one.ts"]}}}"#,
        ),
        ("base.json", r#"{"compilerOptions":{"strict":true}}"#),
        ("src/a/b.ts", "export const b = 'b';"),
        ("lib/one.ts", "export const one = 1;"),
    ];
    let code = "import { b } from '@/a/b'; import { one } from 'one'; globalThis.result = [b, one]; export default {};";
    assert_eq!(result(&with_entry(code, files)), r#"["b",1]"#);
}

#[test]
fn imports_may_leave_out_or_disguise_the_extension() {
    let files: &[(&str, &str)] = &[
        ("src/a.ts", "export const a = 'a';"),
        ("src/b.tsx", "export const b = 'b';"),
        ("src/c/index.ts", "export const c = 'c';"),
        ("src/d.mts", "export const d = 'd';"),
        ("src/e.d.ts", "export declare const e: string;"),
    ];
    let code = "import { a } from './a.js'; import { b } from './b.jsx'; import { c } from './c'; import { d } from './d.mjs';
        import { a as a2 } from './a?raw'; globalThis.result = [a, b, c, d, a2]; export default {};";
    assert_eq!(result(&with_entry(code, files)), r#"["a","b","c","d","a"]"#);
}

#[test]
fn a_package_json_that_is_no_json_is_named() {
    let files: &[(&str, &str)] = &[
        ("node_modules/p/package.json", "{\"name\": "),
        ("node_modules/p/index.js", ""),
    ];
    let error = failed(&with_entry(IMPORT, files));
    let expected =
        "src/index.ts:1:15: could not resolve \"p\": invalid JSON in node_modules/p/package.json";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[cfg(unix)]
#[test]
fn linked_packages_resolve_their_own_dependencies() {
    let project = Project::new(&[("src/index.ts", IMPORT)]);
    let store = "node_modules/.pnpm";
    project.write(
        &format!("{store}/p@1/node_modules/p/index.js"),
        b"module.exports = ['p', require('q')];",
    );
    project.write(
        &format!("{store}/q@1/node_modules/q/index.js"),
        b"module.exports = 'q';",
    );
    let link = |target: &str, at: &str| {
        std::os::unix::fs::symlink(target, project.root().join(at)).unwrap()
    };
    link(
        "../../q@1/node_modules/q",
        &format!("{store}/p@1/node_modules/q"),
    );
    link(".pnpm/p@1/node_modules/p", "node_modules/p");
    assert_eq!(run(&made(project.options("src/index.ts"))), r#"["p","q"]"#);
}

#[cfg(unix)]
#[test]
fn a_project_behind_a_link_is_the_same_project() {
    let project = Project::new(&[("src/index.ts", "import './gone'; export default {};")]);
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("app");
    std::os::unix::fs::symlink(project.root(), &link).unwrap();
    let options = cellhouse_bundle::Options {
        root: link,
        ..project.options("src/index.ts")
    };
    let error = crate::support::attempt(options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "src/index.ts:1:8: could not resolve \"./gone\""
    );
}

#[test]
fn unused_parts_of_packages_are_left_out() {
    let files: &[(&str, &str)] = &[
        (
            "node_modules/p/package.json",
            r#"{"type":"module","main":"index.js","sideEffects":false}"#,
        ),
        (
            "node_modules/p/index.js",
            "export * from './used.js'; export * from './unused.js';",
        ),
        ("node_modules/p/used.js", "export const used = 'USED';"),
        (
            "node_modules/p/unused.js",
            "globalThis.bad = 1; export const unused = 'UNUSED';",
        ),
    ];
    let code = "import { used } from 'p'; globalThis.result = used; export default {};";
    let bundle = bundled(&with_entry(code, files));
    assert_eq!(run(&bundle), "\"USED\"");
    assert!(
        !bundle.code.contains("UNUSED") && !bundle.code.contains("bad"),
        "{}",
        bundle.code
    );
}

#[test]
fn exports_shut_the_rest_of_a_package_off() {
    let files: &[(&str, &str)] = &[
        (
            "node_modules/p/package.json",
            r#"{"name":"p","exports":"./index.js"}"#,
        ),
        ("node_modules/p/index.js", "export default 1;"),
        ("node_modules/p/inner.js", "export default 2;"),
    ];
    let error = failed(&with_entry(
        "import x from 'p/inner.js';\nexport default x;",
        files,
    ));
    let expected = "src/index.ts:1:15: could not resolve \"p/inner.js\": \"exports\" in node_modules/p/package.json does not have \"./inner.js\"";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn constants_of_commonjs_are_kept_apart() {
    // As tsdown writes it: the wrapper of `context.cjs` is called `require_context` too.
    let code = "import values from 'p'; globalThis.result = values; export default {};";
    let index = "const require_context = require('./context.cjs');
        const require_context$1 = require('./api/context.cjs');
        const { require_context$1: again, ...rest } = { require_context$1, require_context };
        exports.values = [require_context.name, require_context$1.name, again.name, Object.keys(rest)];
        exports.inner = ((require_context$1) => [require_context.name, require_context$1])(1);";
    let api = "const require_context = require('../context.cjs');
        exports.name = 'api, ' + require_context.name;";
    let files = with_entry(
        code,
        &[
            (
                "node_modules/p/package.json",
                r#"{"name":"p","main":"index.cjs"}"#,
            ),
            ("node_modules/p/index.cjs", index),
            ("node_modules/p/context.cjs", "exports.name = 'context';"),
            ("node_modules/p/api/context.cjs", api),
        ],
    );
    assert_eq!(
        result(&files),
        r#"{"values":["context","api, context","api, context",["require_context"]],"inner":["context",1]}"#
    );
}

#[test]
fn modules_that_only_unused_code_imports_stay_in_the_bundle() {
    // rolldown makes a chunk of its own of the barrel, which `import()` reaches and which is free of effects.
    let code = "import { Crc } from 'p'; globalThis.result = new Crc().table; export default {};";
    let files = with_entry(
        code,
        &[
            (
                "node_modules/p/package.json",
                r#"{"name":"p","type":"module","main":"index.js","sideEffects":false}"#,
            ),
            (
                "node_modules/p/index.js",
                "export { Crc } from './barrel.js'; export { Protocol } from './protocol.js';",
            ),
            (
                "node_modules/p/protocol.js",
                "export class Protocol { async codec() { return (await import('./codecs.js')).Codec; } }",
            ),
            (
                "node_modules/p/codecs.js",
                "export { Codec } from './codec.js';",
            ),
            (
                "node_modules/p/codec.js",
                "import { Crc } from './barrel.js'; export class Codec { crc = new Crc(); }",
            ),
            (
                "node_modules/p/barrel.js",
                "const none = Symbol.for('none'); export { Crc, Crc as Crc32 } from './crc.js'; export const Native = none;",
            ),
            (
                "node_modules/p/crc.js",
                "const table = []; for (let i = 0; i < 3; i++) { table[i] = i; } export class Crc { table = table; }",
            ),
        ],
    );
    let bundle = bundled(&files);
    assert_eq!(bundle.exports, ["default"]);
    assert_eq!(run(&bundle), "[0,1,2]");
}

#[test]
fn what_a_package_would_import_can_be_missing() {
    let code = "import { load } from 'p'; globalThis.result = await load(); export default {};";
    let package =
        "export const load = () => import('nothing').then(() => 'there').catch(() => 'missing');";
    let files = with_entry(code, &[("node_modules/p/index.js", package)]);
    assert_eq!(result(&files), "\"missing\"");

    let own =
        "export const load = () => import('nothing').catch(() => 'missing'); export default {};";
    let error = failed(&[("src/index.ts", own)]);
    assert!(
        error.to_string().contains("could not resolve \"nothing\""),
        "{error}"
    );
}

#[test]
fn literals_with_sets_run() {
    let package = r"export const found = [/^a-b$/v.test('a-b'), 'x<<y'.split(/<</v), 'a-&'.replace(/[\&\-]/gv, '.'),
        /(?<!--)x/v.test('--x'), /[\p{L}--[a-z]]/v.exec('aB')[0]];";
    let code = "import { found } from 'p'; globalThis.result = found; export default {};";
    let files = with_entry(
        code,
        &[
            ("node_modules/p/index.mjs", package),
            ("node_modules/p/package.json", r#"{"main":"index.mjs"}"#),
        ],
    );
    assert_eq!(result(&files), r#"[true,["x","y"],"a..",false,"B"]"#);
}
