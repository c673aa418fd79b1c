//! Properties of the result as a whole.

use cellhouse_bundle::Options;

use crate::support::{Project, bundled, made, run};

#[test]
fn the_same_files_make_the_same_bundle() {
    let project = Project::new(&[("index.ts", "")]);
    let mut index = String::from("export default {};\n");
    for number in 0..40 {
        let text = format!(
            "import t from './t{number}.txt'; import {{ shared }} from './shared'; const name = t + shared + {number}; export {{ name }};"
        );
        project.write(&format!("m{number}.ts"), text.as_bytes());
        project.write(&format!("t{number}.txt"), b"t");
        index.push_str(&format!(
            "export {{ name as name{number} }} from './m{number}';\n"
        ));
    }
    project.write(
        "shared.ts",
        b"export const shared = 'shared'; export const name = 1;",
    );
    project.write("index.ts", index.as_bytes());
    let first = made(project.options("index.ts"));
    for _ in 0..10 {
        let again = made(project.options("index.ts"));
        assert_eq!(first.code, again.code);
        assert_eq!(first.source_map, again.source_map);
        assert_eq!(first.assets, again.assets);
        assert_eq!(first.files, again.files);
        assert_eq!(first.exports, again.exports);
    }
}

#[test]
fn only_what_the_runtime_answers_is_still_imported() {
    let bundle = bundled(&[
        (
            "a.ts",
            "import { env } from 'cloudflare:workers'; import t from './t.txt'; import p from 'p'; export default [env, t, p, await import('./b')];",
        ),
        ("b.ts", "export default 1;"),
        ("t.txt", "t"),
        ("node_modules/p/index.js", "module.exports = 1;"),
    ]);
    let imports: Vec<_> = bundle
        .code
        .lines()
        .filter(|line| line.contains("import ") || line.contains("import("))
        .collect();
    assert_eq!(imports.len(), 2, "{}", bundle.code);
}

#[test]
fn minified_code_does_the_same_in_less() {
    let files: &[(&str, &str)] = &[
        (
            "a.ts",
            "import { long } from './b';\n/* a comment */\nglobalThis.result = long(1, 2);\nexport default {};\n",
        ),
        (
            "b.ts",
            "export function long(firstParameter: number, secondParameter: number) {\n  return firstParameter + secondParameter;\n}\n",
        ),
    ];
    let project = Project::new(files);
    let plain = made(project.options("a.ts"));
    let small = made(Options {
        minify: true,
        ..project.options("a.ts")
    });
    assert_eq!(run(&plain), "3");
    assert_eq!(run(&small), "3");
    assert!(small.code.len() < plain.code.len(), "{}", small.code);
}

#[test]
fn of_comments_only_licences_are_kept() {
    let code = "/*! by Ada */\n/** @param x PARAM */ export function f(x) { /* INNER */ return x; } // LINE\n
        /** @license MIT */\nexport default { f, g: /* @__PURE__ */ f(1) };";
    let bundle = bundled(&[("a.ts", code)]);
    for (text, kept) in [
        ("by Ada", true),
        ("MIT", true),
        ("PARAM", false),
        ("INNER", false),
        ("LINE", false),
    ] {
        assert_eq!(bundle.code.contains(text), kept, "{text}\n{}", bundle.code);
    }
}

#[test]
fn nothing_is_written() {
    let project = Project::new(&[("src/a.ts", "export default {};")]);
    made(project.options("src/a.ts"));
    let entries: Vec<_> = std::fs::read_dir(project.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(entries, ["src"]);
}

#[test]
fn several_bundles_can_be_made_at_once() {
    let projects: Vec<_> = (0..6)
        .map(|number| {
            Project::new(&[(
                "a.ts",
                &format!("globalThis.result = {number}; export default {{}};"),
            )])
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bundles = runtime.block_on(async {
        let started: Vec<_> = projects
            .iter()
            .map(|project| tokio::spawn(cellhouse_bundle::bundle(project.options("a.ts"))))
            .collect();
        let mut bundles = Vec::new();
        for bundle in started {
            bundles.push(bundle.await.unwrap().unwrap());
        }
        bundles
    });
    for (number, bundle) in bundles.iter().enumerate() {
        assert_eq!(run(bundle), number.to_string());
    }
}

#[test]
fn an_empty_object_is_a_worker() {
    let bundle = bundled(&[("a.ts", "export default {};")]);
    assert_eq!(bundle.exports, ["default"]);
    assert_eq!(bundle.warnings, []);
    assert_eq!(bundle.assets, []);
}

#[test]
fn a_service_worker_becomes_a_module() {
    let bundle = bundled(&[(
        "index.ts",
        "addEventListener('fetch', (event: any) => event.respondWith(new Response('x')));",
    )]);
    assert_eq!(bundle.exports, ["default"]);
    let imported = "from \"cellhouse:service-worker\"";
    assert_eq!(bundle.code.matches(imported).count(), 1, "{}", bundle.code);
    assert!(bundle.source_map.is_some());
}

#[test]
fn loops_of_a_module_that_only_wait_stay() {
    let code = r#"
        const seen = [];
        const { now } = Date;
        Date.now = () => seen.push(seen.length);
        const until = (end) => { seen.length = 0; return end; };
        let end = until(5);
        while (Date.now() < end);
        const first = seen.length;
        end = until(5);
        { do {} while (Date.now() < end); }
        const second = seen.length;
        end = until(5);
        outer: while (Date.now() < end) { for (;;) continue outer; }
        Date.now = now;
        globalThis.result = [first, second, seen.length].join();
        export default {};
    "#;
    assert_eq!(run(&bundled(&[("a.js", code)])), "\"5,5,5\"");
    let kept = "const end = Date.now() + 5; while (Date.now() < end); do ; while (Date.now() < end); export default {};";
    let bundle = bundled(&[("a.js", kept)]);
    assert_eq!(
        bundle.code.matches("Date.now() < end").count(),
        2,
        "{}",
        bundle.code
    );
}
