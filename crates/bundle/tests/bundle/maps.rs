//! Source maps: from the engine's stacks back to the sources.

use cellhouse_bundle::{Bundle, Options, SourceMap};

use crate::support::{Engine, Project, made};

const DEEP: &str = "// a comment that the bundle drops
interface Thing { a: number }

export class Failure extends Error {}

export function dig(levels: number): never {
  if (levels > 0) return dig(levels - 1);
  /* é💥 */ throw new Failure('at the bottom');
}
";

const INDEX: &str = "import { dig } from './lib/deep';
import twice from 'cjs';

type Unused = {
  many: string;
};

export const start = (): void => {
  twice(() => dig(1));
};
try { start(); } catch (error) { globalThis.stack = error.stack; }
export default {};
";

const CJS: &str =
    "\n\nmodule.exports = function twice(callback) {\n  callback();\n  callback();\n};\n";

fn project() -> Project {
    Project::new(&[
        ("src/index.ts", INDEX),
        ("src/lib/deep.ts", DEEP),
        ("node_modules/cjs/index.js", CJS),
    ])
}

fn stack_of(bundle: &Bundle) -> String {
    let mut engine = Engine::new(Vec::new());
    engine.evaluate("app:///worker.js", &bundle.code).unwrap();
    engine.text("globalThis.stack")
}

#[test]
fn a_thrown_error_is_mapped_to_the_source_lines() {
    for minify in [false, true] {
        let project = project();
        let bundle = made(Options {
            minify,
            ..project.options("src/index.ts")
        });
        let stack = stack_of(&bundle);
        let mapped = SourceMap::new(bundle.source_map.clone().unwrap()).map_stack(&stack);
        let expected = [
            ("src/lib/deep.ts:8:", 1),
            ("src/lib/deep.ts:7:", 1),
            ("src/index.ts:9:", 2),
            ("node_modules/cjs/index.js:4:", 1),
            ("src/index.ts:11:", 1),
        ];
        for (place, count) in expected {
            assert_eq!(
                mapped.matches(place).count(),
                count,
                "{place}\n{mapped}\n{stack}\n{}",
                bundle.code
            );
        }
        assert!(!mapped.contains("worker.js"), "{mapped}\n{}", bundle.code);
    }
}

#[test]
fn the_column_of_a_throw_is_its_column() {
    let project = project();
    let bundle = made(project.options("src/index.ts"));
    let mapped = SourceMap::new(bundle.source_map.clone().unwrap()).map_stack(&stack_of(&bundle));
    let first = mapped
        .lines()
        .find(|line| line.contains("deep.ts:8"))
        .unwrap();
    let column: usize = first
        .rsplit(':')
        .next()
        .unwrap()
        .trim_end_matches(')')
        .parse()
        .unwrap();
    let line = DEEP.lines().nth(7).unwrap();
    let utf16 = |part: &str| line[..line.find(part).unwrap()].encode_utf16().count() + 1;
    // Engines differ in what of `throw new Failure(...)` they call the place.
    assert!(
        [
            utf16("throw"),
            utf16("new"),
            utf16("Failure"),
            utf16("('at")
        ]
        .contains(&column),
        "{first}"
    );
}

#[test]
fn a_map_names_its_sources_and_holds_their_text() {
    let project = project();
    let bundle = made(Options {
        name: "my-app".into(),
        ..project.options("src/index.ts")
    });
    let map = bundle.source_map.unwrap();
    let decoded = oxc_sourcemap::SourceMap::from_json_string(&map).unwrap();
    assert_eq!(decoded.get_file(), Some("my-app.js"));
    assert_eq!(bundle.file_name, "my-app.js");
    let mut sources: Vec<_> = decoded.get_sources().collect();
    sources.sort_unstable();
    assert_eq!(
        sources,
        [
            "node_modules/cjs/index.js",
            "src/index.ts",
            "src/lib/deep.ts"
        ],
        "{map}"
    );
    for (source, text) in decoded.get_sources().zip(decoded.get_source_contents()) {
        let on_disk = std::fs::read_to_string(project.root().join(source)).unwrap();
        assert_eq!(text, Some(on_disk.as_str()), "{source}");
    }
    assert!(!bundle.code.contains("sourceMappingURL"));
}

#[test]
fn every_mapped_name_is_where_the_map_says() {
    let project = project();
    let bundle = made(project.options("src/index.ts"));
    let map = SourceMap::new(bundle.source_map.unwrap());
    let mut checked = 0;
    for (number, line) in bundle.code.lines().enumerate() {
        for word in ["dig", "levels", "Failure", "callback", "start", "twice"] {
            for (at, _) in line.match_indices(word) {
                let column = line[..at].encode_utf16().count() + 1;
                let Some(place) = map.lookup(number as u32 + 1, column as u32) else {
                    continue;
                };
                let text = std::fs::read_to_string(project.root().join(&place.file)).unwrap();
                let source = text.lines().nth(place.line as usize - 1).unwrap();
                let units: Vec<u16> = source
                    .encode_utf16()
                    .skip(place.column as usize - 1)
                    .collect();
                if String::from_utf16_lossy(&units).starts_with(word) {
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 10, "{checked}\n{}", bundle.code);
}
