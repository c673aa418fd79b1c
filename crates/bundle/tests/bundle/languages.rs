//! What may stand in a source file: TypeScript, JSX, JSON, modern JavaScript.

use crate::support::{Project, bundled, failed, made, result, run};

const END: &str = "export default {};";

fn entry(code: &str) -> String {
    format!("{code}\n{END}")
}

#[test]
fn typescript_is_what_its_compiler_makes_of_it() {
    let cases: &[(&str, &str)] = &[
        (
            "enum A { X, Y = 5, Z } globalThis.result = [A.X, A.Z, A[5]];",
            r#"[0,6,"Y"]"#,
        ),
        (
            "const enum A { X = 'x' } globalThis.result = A.X;",
            r#""x""#,
        ),
        (
            "class P { constructor(public a: number, private b = 2) {} sum() { return this.a + this.b } } globalThis.result = new P(1).sum();",
            "3",
        ),
        (
            "interface I { a: number } const x = { a: 1 } satisfies I; globalThis.result = (x as I)!.a;",
            "1",
        ),
        (
            "namespace N { export const a = 1; } globalThis.result = N.a;",
            "1",
        ),
        (
            "function f<const T extends readonly unknown[]>(x: T): T { return x } globalThis.result = f([1, 2]);",
            "[1,2]",
        ),
        (
            "abstract class A { abstract x(): number; y() { return this.x() } } class B extends A { override x() { return 4 } } globalThis.result = new B().y();",
            "4",
        ),
        (
            "declare const nothing: string; let x: unknown = 1; globalThis.result = <number>x;",
            "1",
        ),
        (
            "function f(this: { a: number }) { return this.a } globalThis.result = f.call({ a: 7 });",
            "7",
        ),
        (
            "const f = (x: string): x is 'a' => x === 'a'; globalThis.result = f('a');",
            "true",
        ),
    ];
    for (code, expected) in cases {
        assert_eq!(
            result(&[("src/index.ts", &entry(code))]),
            *expected,
            "{code}"
        );
    }
}

#[test]
fn modern_javascript_reaches_the_engine() {
    let cases: &[(&str, &str)] = &[
        (
            "class A { #x = 1; static { A.y = 2 } get x() { return this.#x } } globalThis.result = [new A().x, A.y];",
            "[1,2]",
        ),
        ("globalThis.result = await Promise.resolve(3);", "3"),
        (
            "let a = null; a ??= { b: [1] }; globalThis.result = a?.b?.at(-1);",
            "1",
        ),
        (
            "async function* g() { yield 1; yield 2 } const all = []; for await (const x of g()) all.push(x); globalThis.result = all;",
            "[1,2]",
        ),
        (
            "globalThis.result = 'aXb'.replace(/(?<l>a)(?<=a)X/u, '$<l>-');",
            r#""a-b""#,
        ),
        (
            "globalThis.result = [typeof import.meta, 1_000, 2n ** 3n === 8n];",
            r#"["object",1000,true]"#,
        ),
        (
            "const log = []; { using x = { [Symbol.dispose ?? Symbol.for('d')]() { log.push('end') } }; log.push('body'); } globalThis.result = log;",
            r#"["body","end"]"#,
        ),
    ];
    for (code, expected) in cases {
        for file in ["src/index.js", "src/index.ts", "src/index.mjs"] {
            assert_eq!(result(&[(file, &entry(code))]), *expected, "{file}: {code}");
        }
    }
}

#[test]
fn type_imports_vanish() {
    let files: &[(&str, &str)] = &[
        (
            "src/index.ts",
            "import type { Env } from './types'; import { type Other, value, OnlyType } from './types';
             import type * as all from 'not-installed'; export type { Env } from './types';
             export { OnlyType, value } from './types';
             globalThis.result = value as OnlyType; export default {} as Env;",
        ),
        ("src/types.ts", "export interface Env { a: 1 } export type Other = 1; export type OnlyType = number; export const value = 5;"),
    ];
    let bundle = bundled(files);
    assert_eq!(run(&bundle), "5");
    assert!(!bundle.code.contains("import"), "{}", bundle.code);
    assert_eq!(bundle.exports, ["default", "value"]);
}

#[test]
fn types_may_be_exported_onwards() {
    let files: &[(&str, &str)] = &[
        (
            "src/index.ts",
            "export { A, type B, C as D, run } from './middle'; import { A, Klass } from './middle';
             import { Own } from './types'; export { Own, Klass }; export { Missing2 } from './lazy';
             const a: A = 1; globalThis.result = [a, Klass.name]; export default {};",
        ),
        ("src/middle.ts", "export { A, B, C, Klass } from './types'; export const run = 1;"),
        (
            "src/types.ts",
            "export type A = number; export interface B {} interface Local {} export { Local as C };
             export class Klass {} export declare const Own: number;",
        ),
        ("src/lazy.ts", "export declare function Missing2(): void;"),
    ];
    let bundle = bundled(files);
    assert_eq!(run(&bundle), r#"[1,"Klass"]"#);
    assert_eq!(bundle.exports, ["Klass", "default", "run"]);
}

#[test]
fn values_that_are_missing_stay_an_error_beside_types() {
    let error = failed(&[
        (
            "a.ts",
            "export { T } from './b'; export { nothing } from './b'; export default {};",
        ),
        ("b.ts", "export type T = 1;"),
    ]);
    assert_eq!(
        error.to_string(),
        "a.ts:1:35: \"nothing\" is not exported by \"b.ts\"."
    );
}

const RUNTIME: &str =
    "export const jsx = (type, props) => ({ by: 'LIB', type, ...props }); export const jsxs = jsx;
    export const Fragment = 'fragment';";

fn library(name: &str, package: &str) -> Vec<(String, String)> {
    let (folder, file) = match package.split_once('/') {
        Some((folder, rest)) => (folder, format!("{rest}/jsx-runtime")),
        None => (package, "jsx-runtime".to_owned()),
    };
    let exports = format!(r#"{{"name":"{folder}","exports":{{"./{file}":"./runtime.js"}}}}"#);
    vec![
        (format!("node_modules/{folder}/package.json"), exports),
        (
            format!("node_modules/{folder}/runtime.js"),
            RUNTIME.replace("LIB", name),
        ),
    ]
}

fn jsx_result(
    entry: &str,
    code: &str,
    tsconfig: Option<&str>,
    libraries: &[(String, String)],
) -> String {
    let project = Project::new(&[(entry, code)]);
    if let Some(tsconfig) = tsconfig {
        project.write("tsconfig.json", tsconfig.as_bytes());
    }
    for (path, text) in libraries {
        project.write(path, text.as_bytes());
    }
    run(&made(project.options(entry)))
}

#[test]
fn jsx_uses_the_library_that_tsconfig_names() {
    let code = "globalThis.result = <p id='x'>{1}</p>; export default {};";
    let expected = |by: &str| format!(r#"{{"by":"{by}","type":"p","id":"x","children":1}}"#);
    let react = library("react", "react");
    let hono = library("hono", "hono/jsx");
    let preact = library("preact", "preact");
    let source = |name: &str, jsx: &str| {
        format!(
            "{{ // a comment\n \"compilerOptions\": {{ {jsx} \"jsxImportSource\": \"{name}\", }} }}"
        )
    };
    assert_eq!(jsx_result("a.tsx", code, None, &react), expected("react"));
    for jsx in ["", "\"jsx\": \"react-jsx\",", "\"jsx\": \"preserve\","] {
        for file in ["a.tsx", "a.jsx", "a.js"] {
            let tsconfig = source("hono/jsx", jsx);
            assert_eq!(
                jsx_result(file, code, Some(&tsconfig), &hono),
                expected("hono"),
                "{file} {jsx}"
            );
        }
        let tsconfig = source("preact", jsx);
        assert_eq!(
            jsx_result("a.tsx", code, Some(&tsconfig), &preact),
            expected("preact"),
            "{jsx}"
        );
    }
    let pragma = format!("/** @jsxImportSource hono/jsx */\n{code}");
    assert_eq!(jsx_result("a.tsx", &pragma, None, &hono), expected("hono"));
}

#[test]
fn jsx_can_be_calls_of_a_factory() {
    let code = "const h = (type, props, ...kids) => [type, props, kids]; const F = 'f';
        globalThis.result = <><p id='x'>{1}</p></>; export default {};";
    for jsx in ["\"jsx\": \"react\",", "\"jsx\": \"preserve\",", ""] {
        let tsconfig = format!(
            "{{\"compilerOptions\": {{ {jsx} \"jsxFactory\": \"h\", \"jsxFragmentFactory\": \"F\" }} }}"
        );
        let expected = r#"["f",null,[["p",{"id":"x"},[1]]]]"#;
        assert_eq!(
            jsx_result("a.tsx", code, Some(&tsconfig), &[]),
            expected,
            "{jsx}"
        );
    }
}

#[test]
fn a_config_names_factory_and_tsconfig() {
    let code = "const h = (type, props, ...kids) => [type, props, kids]; const F = 'f';
        globalThis.result = <><p id='x'>{1}</p></>; export default {};";
    let expected = r#"["f",null,[["p",{"id":"x"},[1]]]]"#;
    let project = Project::new(&[("a.tsx", code)]);
    let mut options = project.options("a.tsx");
    options.jsx_factory = Some("h".to_owned());
    options.jsx_fragment = Some("F".to_owned());
    assert_eq!(run(&made(options)), expected);

    let tsconfig = r#"{"compilerOptions": {"jsxFactory": "h", "jsxFragmentFactory": "F"}}"#;
    for file in ["a.tsx", "a.jsx"] {
        let project = Project::new(&[(file, code)]);
        project.write("config/build.json", tsconfig.as_bytes());
        let mut options = project.options(file);
        options.tsconfig = Some("config/build.json".into());
        let bundle = made(options);
        assert_eq!(run(&bundle), expected, "{file}");
        let watched = project.root().join("config/build.json");
        assert!(bundle.files.contains(&watched), "{:?}", bundle.files);
    }
}

#[test]
fn files_that_tsconfig_does_not_name_are_read_by_it_too() {
    let code = "const seen = []; function note(target, key) { seen.push(key) }
        class A { @note method() {} } globalThis.result = [seen, <p/>]; export default {};";
    let tsconfig = r#"{"include": ["elsewhere"], "compilerOptions": {
        "experimentalDecorators": true, "jsx": "react", "jsxFactory": "String"}}"#;
    for file in ["a.tsx", "a.jsx"] {
        assert_eq!(
            result(&[(file, code), ("tsconfig.json", tsconfig)]),
            r#"[["method"],"p"]"#,
            "{file}"
        );
    }
}

#[test]
fn a_decorator_in_text_is_none() {
    let code = "/** @param x @deprecated */ const mail = 'a@b.c'; // @dec class A {}\nglobalThis.result = mail; export default {};";
    assert_eq!(result(&[("a.ts", code)]), r#""a@b.c""#);
}

#[test]
fn class_fields_follow_tsconfig() {
    let code = "class A { x } class B extends A { get x() { return 1 } }
        class C { y: number; constructor() { this.y = 1 } } class D extends C { declare y: number }
        globalThis.result = [Object.keys(new A()).length, new D().y]; export default {};";
    let cases = [
        (r#"{"compilerOptions": {"target": "es2022"}}"#, "[1,1]"),
        (r#"{"compilerOptions": {"target": "ES2017"}}"#, "[0,1]"),
        (
            r#"{"compilerOptions": {"target": "ES2017", "useDefineForClassFields": true}}"#,
            "[1,1]",
        ),
        (
            r#"{"compilerOptions": {"target": "esnext", "useDefineForClassFields": false}}"#,
            "[0,1]",
        ),
    ];
    for (tsconfig, expected) in cases {
        assert_eq!(
            result(&[("a.ts", code), ("tsconfig.json", tsconfig)]),
            expected,
            "{tsconfig}"
        );
    }
}

#[test]
fn json_is_imported_whole_or_by_name() {
    let files: &[(&str, &str)] = &[
        (
            "a.ts",
            "import all from './d.json'; import { n } from './d.json'; import * as ns from './e.json';
             import arr from './f.json' with { type: 'json' };
             globalThis.result = [all.s, n, ns.default['a b'], arr]; export default {};",
        ),
        ("d.json", r#"{"s": "é\u2028", "n": 1.5}"#),
        ("e.json", r#"{"a b": true}"#),
        ("f.json", "[1, null, \"x\"]"),
    ];
    assert_eq!(result(files), "[\"é\u{2028}\",1.5,true,[1,null,\"x\"]]");
}

#[test]
fn byte_order_marks_are_no_code() {
    let mark = '\u{feff}';
    let code =
        format!("{mark}import d from './d.json'; globalThis.result = d; export default {{}};");
    let json = format!("{mark}[1]");
    assert_eq!(result(&[("a.ts", &code), ("d.json", &json)]), "[1]");
    let error = failed(&[("a.ts", &format!("{mark}let = ;"))]);
    assert!(error.to_string().starts_with("a.ts:1:7: "), "{error}");
}

#[test]
fn dynamic_imports_of_own_files_are_part_of_the_module() {
    let files: &[(&str, &str)] = &[
        (
            "a.ts",
            "const { b } = await import('./b'); const c = await import('./c.json'); globalThis.order.push('a');
             globalThis.result = [b, c.default.x, globalThis.order, (await import('./b')).b === b]; export default {};",
        ),
        ("b.ts", "(globalThis.order ??= []).push('b'); export const b = await Promise.resolve({ v: 1 });"),
        ("c.json", r#"{"x": 2}"#),
    ];
    assert_eq!(result(files), r#"[{"v":1},2,["b","a"],true]"#);
}

#[test]
fn a_dynamic_import_runs_when_it_is_reached() {
    let files: &[(&str, &str)] = &[
        (
            "a.js",
            "globalThis.order = ['start']; const load = () => import('./b.js');
             globalThis.order.push('before'); await load(); globalThis.result = globalThis.order; export default {};",
        ),
        ("b.js", "globalThis.order.push('b');"),
    ];
    assert_eq!(result(files), r#"["start","before","b"]"#);
}

#[test]
fn names_of_classes_and_functions_are_kept() {
    let code = "export class Counter {} class NotFound extends Error { name = this.constructor.name }
        function handler() {} const arrow = () => {}; export const Other = class {};
        globalThis.result = [Counter.name, new NotFound().name, handler.name, arrow.name, Other.name];
        export default {};";
    let files: &[(&str, &str)] = &[
        ("a.ts", &format!("import './b'; import './c'; {code}")),
        (
            "b.ts",
            "class Counter {} class NotFound {} globalThis.b = [Counter.name, NotFound.name];",
        ),
        ("c.ts", "function handler() {} globalThis.c = handler.name;"),
    ];
    let expected = r#"["Counter","NotFound","handler","arrow","Other"]"#;
    for minify in [false, true] {
        let project = Project::new(files);
        let bundle = made(cellhouse_bundle::Options {
            minify,
            ..project.options("a.ts")
        });
        assert_eq!(run(&bundle), expected);
        assert_eq!(bundle.exports, ["Counter", "Other", "default"]);
    }
}
