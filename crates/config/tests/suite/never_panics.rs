//! No input ends the process: random bytes and broken configs give an app or errors with places.

use std::fs;

use cellhouse_config::{Diagnostic, load};
use miette::{GraphicalReportHandler, GraphicalTheme, NarratableReportHandler};
use proptest::prelude::*;

const SEEDS: [(&str, &str); 6] = [
    (
        "ploy.yaml",
        "kind: dynamic\nname: my-app\nmain: src/index.ts\nstate: &s\n  STATE: default\ncache: { CACHE: *s }\ncron:\n  A: \"*/5 * * * *\"\nworkflow: { W: { name: w, timeout: 5 } }\ndurable_objects:\n  C: { class_name: C }\nmigrations:\n- tag: v1\ndev:\n  port: 8787\n# é€𝄞\n",
    ),
    (
        "ploy.yaml",
        "a: |\n  text\n  more\nb: >-\n  folded\n? [x, y]\n: z\n<<: {k: v}\nstate: !!map {\"A\\u00e9\": 'it''s'}\n",
    ),
    (
        "wrangler.toml",
        "name = \"a\"\nmain = 'b.ts'\ncompatibility_date = 2026-01-01\n[vars]\nA = { b.c = [1, 0xff, 1e3, inf] }\n[[kv_namespaces]]\nbinding = \"KV\"\nid = \"\"\"x\ny\"\"\"\n[triggers]\ncrons = [\"0 0 L * MON#1\"]\n[env.dev]\nvars = { A = \"é€𝄞\" }\n[dev]\nport = 8787\n",
    ),
    (
        "wrangler.json",
        "{\"name\":\"a\",\"kv_namespaces\":[{\"binding\":\"KV\",\"id\":\"1\"}],\"vars\":{\"A\":[1,-2.5e3,null,true,\"\\u00e9\\ud834\\udd1e\"]},\"assets\":{\"directory\":\"x\",\"run_worker_first\":[\"/a\",\"!/b\"]},\"env\":{\"dev\":{\"name\":\"b\"}}}",
    ),
    (
        "wrangler.jsonc",
        "// c\n{ /* x */ \"name\": \"a\", \"durable_objects\": { \"bindings\": [ { \"name\": \"C\", \"class_name\": \"C\" }, ] }, \"exports\": { \"A\": { \"type\": \"durable-object\" } }, \"rules\": [ { \"type\": \"Text\", \"globs\": [\"*\"] } ], \"queues\": { \"producers\": [ { \"binding\": \"Q\" } ] } }\n",
    ),
    (
        ".env",
        "# c\nexport A=1\nB='two' # x\nC=\"a\\nb\nc\"\nD=`x`\nE: y\nF=${A:-${B}}$C\\$D\r\nG=it's\nH=\"\\\"\"\n",
    ),
];

/// Pieces that matter to one of the formats.
const PIECES: [&str; 36] = [
    "\"", "'", "`", "\\", "\n", "\r\n", "\t", "  ", "{", "}", "[", "]", ",", ":", "=", "#", "-",
    "&a ", "*a", "<<: ", "!!str ", "---\n", "...", "? ", "| ", "\u{0}", "\u{feff}", "é", "𝄞",
    "\"\"\"", "''' ", "//", "/*", "null", "1e999", "${A",
];

#[derive(Clone, Debug)]
enum Edit {
    Insert(prop::sample::Index, &'static str),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize, usize),
    Byte(prop::sample::Index, u8),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = || any::<prop::sample::Index>();
    let edit = prop_oneof![
        (at(), prop::sample::select(&PIECES[..])).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (at(), 1..12usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        (at(), 1..40usize, 1..40usize)
            .prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
    ];
    prop::collection::vec(edit, 1..8)
}

fn mutated(seed: &str, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = seed.as_bytes().to_vec();
    for edit in edits {
        let length = bytes.len().max(1);
        match edit {
            Edit::Insert(at, piece) => {
                let at = at.index(length).min(bytes.len());
                bytes.splice(at..at, piece.bytes());
            }
            Edit::Remove(at, count) => {
                let at = at.index(length).min(bytes.len());
                let end = (at + count).min(bytes.len());
                bytes.drain(at..end);
            }
            Edit::Repeat(at, count, times) => {
                let at = at.index(length).min(bytes.len());
                let end = (at + count).min(bytes.len());
                let piece = bytes[at..end].repeat(*times);
                bytes.splice(at..at, piece);
            }
            Edit::Byte(at, byte) => {
                let at = at.index(length);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
        }
    }
    bytes
}

/// Loads a file and looks at everything that comes of it.
fn try_load(name: &str, bytes: &[u8]) {
    let directory = tempfile::tempdir().unwrap();
    if name == ".env" {
        fs::write(directory.path().join("wrangler.toml"), "name = \"a\"\n").unwrap();
    }
    fs::write(directory.path().join(name), bytes).unwrap();
    for environment in [None, Some("dev")] {
        match load(directory.path(), environment) {
            Ok(loaded) => {
                loaded.warnings.iter().for_each(draw);
                assert!(loaded.app.root.is_absolute());
            }
            Err(error) => {
                assert!(!error.diagnostics.is_empty());
                assert!(!error.to_string().is_empty());
                error
                    .diagnostics
                    .iter()
                    .chain(&error.warnings)
                    .for_each(draw);
            }
        }
    }
}

fn draw(found: &Diagnostic) {
    let mut drawn = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut drawn, found).unwrap();
    NarratableReportHandler::new()
        .render_report(&mut drawn, found)
        .unwrap();
    assert!(found.underlined().count() < 3);
    assert_eq!(found.line().is_some(), found.column().is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(kind in 0..SEEDS.len(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        try_load(SEEDS[kind].0, &bytes);
    }

    #[test]
    fn random_pieces(kind in 0..SEEDS.len(), pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        try_load(SEEDS[kind].0, pieces.concat().as_bytes());
    }

    #[test]
    fn broken_configs(kind in 0..SEEDS.len(), edits in edits()) {
        let (name, seed) = SEEDS[kind];
        try_load(name, &mutated(seed, &edits));
    }
}

#[test]
fn every_prefix_of_every_seed() {
    for (name, seed) in SEEDS {
        for end in 0..=seed.len() {
            try_load(name, &seed.as_bytes()[..end]);
        }
    }
}

#[test]
fn deep_and_large_inputs() {
    let deep = 200_000;
    let dots = "a.".repeat(deep) + "b = 1\n";
    let inputs: [(&str, String); 14] = [
        ("wrangler.toml", dots.clone()),
        ("wrangler.toml", dots.replace("a.", "'a'.")),
        ("wrangler.toml", format!("[{}b]\n", "a.".repeat(deep))),
        ("wrangler.toml", format!("x = {{ {} }}\n", dots.trim())),
        ("wrangler.toml", format!("x = {}", "[".repeat(deep / 10))),
        ("wrangler.toml", "x = {a=".repeat(deep / 10)),
        ("wrangler.json", "[".repeat(deep)),
        ("wrangler.json", "{\"a\":".repeat(deep)),
        ("ploy.yaml", "[".repeat(deep)),
        ("ploy.yaml", "{a: ".repeat(deep)),
        ("ploy.yaml", "- ".repeat(deep)),
        (
            "ploy.yaml",
            (0..1200)
                .map(|depth| format!("{}a:\n", " ".repeat(depth)))
                .collect(),
        ),
        ("ploy.yaml", bomb()),
        (".env", "A=\"".repeat(deep)),
    ];
    for (name, text) in inputs {
        assert!(text.len() <= 1 << 20, "{name}: {}", text.len());
        try_load(name, text.as_bytes());
    }
}

/// Aliases of aliases: written out, more than all memory.
fn bomb() -> String {
    let mut text = String::from("a0: &a0 [lol, lol, lol]\n");
    for level in 1..40 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        text += &format!("a{level}: &a{level} [{alias}]\n");
    }
    text + "kind: worker\n"
}

#[test]
fn a_bomb_of_aliases_is_an_error_at_the_alias() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("ploy.yaml"), bomb()).unwrap();
    let error = load(directory.path(), None).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the aliases make this file too large"),
        "{error}"
    );
    fs::write(directory.path().join("ploy.yaml"), "a: &a [*a]\n").unwrap();
    let error = load(directory.path(), None).unwrap_err();
    assert!(error.diagnostics[0].line() == Some(1), "{error}");
}

#[test]
fn many_keys_take_no_more_than_linear_work() {
    let many = 40_000;
    let toml: String = (0..many).map(|key| format!("k{key} = 1\n")).collect();
    let yaml: String = (0..many).map(|key| format!("k{key}: 1\n")).collect();
    let env: String = (0..many).map(|key| format!("K{key}=1\n")).collect();
    for (name, text) in [("wrangler.toml", toml), ("ploy.yaml", yaml), (".env", env)] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("wrangler.toml"), "name = \"a\"\n").unwrap();
        fs::write(directory.path().join(name), text).unwrap();
        drop(load(directory.path(), None));
    }
}
