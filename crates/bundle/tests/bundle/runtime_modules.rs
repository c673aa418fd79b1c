//! Imports that the runtime answers, and those that nobody does.

use cellhouse_bundle::Options;

use crate::support::{Project, attempt, failed, made, run};

fn with_modules(project: &Project, modules: &[&str], node_first: bool) -> Options {
    Options {
        available_modules: modules.iter().map(|name| (*name).to_owned()).collect(),
        node_first,
        ..project.options("a.ts")
    }
}

#[test]
fn cloudflare_workers_stays_an_import() {
    let project = Project::new(&[(
        "a.ts",
        "import { DurableObject, env } from 'cloudflare:workers'; export class Counter extends DurableObject {}
         import type { ExecutionContext } from 'cloudflare:workers';
         globalThis.result = [new Counter() instanceof DurableObject, env.A, Object.keys(await import('cloudflare:workers')).length];
         export default {};",
    )]);
    let bundle = made(project.options("a.ts"));
    assert_eq!(run(&bundle), "[true,1,2]");
    assert_eq!(bundle.exports, ["Counter", "default"]);
}

#[test]
fn unused_runtime_modules_are_not_imported() {
    let project = Project::new(&[(
        "a.ts",
        "import { DurableObject } from 'cloudflare:workers'; export default {};",
    )]);
    let bundle = made(project.options("a.ts"));
    assert!(
        !bundle.code.contains("cloudflare:workers"),
        "{}",
        bundle.code
    );
}

#[test]
fn available_modules_of_node_are_left_to_the_runtime() {
    let modules = ["node:buffer", "node:events"];
    let cases = [
        "import { Buffer } from 'node:buffer';",
        "import { Buffer } from 'buffer';",
        "import buffer from 'buffer'; const { Buffer } = buffer;",
        "const { Buffer } = require('buffer');",
        "const { Buffer } = require('node:buffer');",
        "const { Buffer } = await import('buffer');",
    ];
    for import in cases {
        let project = Project::new(&[(
            "a.ts",
            &format!("{import} globalThis.result = Buffer.from('x'); export default {{}};"),
        )]);
        let bundle = made(with_modules(&project, &modules, false));
        assert_eq!(run(&bundle), "\"buffer of x\"", "{import}");
    }
    let project = Project::new(&[
        (
            "a.ts",
            "import p from 'p'; globalThis.result = p; export default {};",
        ),
        (
            "node_modules/p/index.js",
            "const E = require('events'); class P extends E {} module.exports = new P().emit();",
        ),
    ]);
    assert_eq!(
        run(&made(with_modules(&project, &modules, false))),
        "\"node\""
    );
}

#[test]
fn nodejs_compat_decides_between_a_package_and_node() {
    let project = Project::new(&[
        (
            "a.ts",
            "import E from 'events'; globalThis.result = new E().emit(); export default {};",
        ),
        (
            "node_modules/events/index.js",
            "module.exports = class { emit() { return 'package' } };",
        ),
    ]);
    let cases: [(&[&str], bool, &str); 3] = [
        (&["node:events"], false, "\"package\""),
        (&["node:events"], true, "\"node\""),
        (&[], true, "\"package\""),
    ];
    for (modules, node_first, expected) in cases {
        assert_eq!(
            run(&made(with_modules(&project, modules, node_first))),
            expected,
            "{modules:?} {node_first}"
        );
    }
}

#[test]
fn other_modules_of_node_are_refused_where_they_are_imported() {
    let cases = [
        (
            "import fs from 'node:fs';\nexport default fs;",
            "a.ts:1:16: \"node:fs\" is part of Node.js and not available here",
        ),
        (
            "import { join } from 'path';\nexport default join;",
            "a.ts:1:22: \"path\" is part of Node.js and not available here",
        ),
        (
            "export default {};\nexport * from 'fs/promises';",
            "a.ts:2:15: \"fs/promises\" is part of Node.js and not available here",
        ),
        (
            "export default require('child_process');",
            "a.ts:1:24: \"child_process\" is part of Node.js and not available here",
        ),
        (
            "export default await import('node:vm');",
            "a.ts:1:29: \"node:vm\" is part of Node.js and not available here",
        ),
        (
            "import x from 'cloudflare:sockets';\nexport default x;",
            "a.ts:1:15: there is no module \"cloudflare:sockets\"",
        ),
    ];
    for (code, expected) in cases {
        let project = Project::new(&[("a.ts", code)]);
        let error = attempt(with_modules(
            &project,
            &["cloudflare:workers", "node:buffer"],
            false,
        ))
        .unwrap_err();
        assert_eq!(error.to_string(), expected);
        let help = error.diagnostics[0].help.as_deref().unwrap();
        let scheme = if expected.contains("cloudflare") {
            "cloudflare:workers"
        } else {
            "node:buffer"
        };
        assert_eq!(help, format!("available: {scheme}"));
    }
}

#[test]
fn the_importing_file_of_a_package_is_named() {
    let error = failed(&[
        ("a.ts", "import p from 'p'; export default p;"),
        (
            "node_modules/p/lib/x.js",
            "\n\nmodule.exports = require('fs');",
        ),
        ("node_modules/p/package.json", r#"{"main":"lib/x.js"}"#),
    ]);
    let expected = "node_modules/p/lib/x.js:3:26: \
        The package \"fs\" wasn't found on the file system but is built into node";
    assert_eq!(error.to_string(), expected);
    let help = error.diagnostics[0].help.as_deref().unwrap();
    assert!(
        help.contains("\"nodejs_compat\" compatibility flag"),
        "{help}"
    );
}

#[test]
fn urls_are_not_fetched() {
    let error = failed(&[(
        "a.ts",
        "import x from 'https://example.com/x.js';\nexport default x;",
    )]);
    assert_eq!(
        error.to_string(),
        "a.ts:1:15: \"https://example.com/x.js\" is a URL, and modules are not fetched"
    );
}

#[test]
fn data_urls_are_part_of_the_bundle() {
    let project = Project::new(&[(
        "a.ts",
        "import x from 'data:text/javascript,export default 42'; globalThis.result = x; export default {};",
    )]);
    assert_eq!(run(&made(project.options("a.ts"))), "42");
}
