//! Which file is the config, and what is said when there is none or more than one.

use std::fs;
use std::path::Path;

use cellhouse_config::{Severity, Style, load};

use crate::support::directory;

const PLOY: &str = "kind: worker\nname: from-ploy\n";
const TOML: &str = "name = \"from-toml\"\ncompatibility_date = \"2026-01-01\"\n";
const JSON: &str = "{\"name\":\"from-json\",\"compatibility_date\":\"2026-01-01\"}";
const JSONC: &str = "{\"name\":\"from-jsonc\",\"compatibility_date\":\"2026-01-01\",}";

const ALL: [(&str, &str); 5] = [
    ("ploy.yaml", PLOY),
    ("ploy.yml", "kind: worker\nname: from-yml\n"),
    ("wrangler.json", JSON),
    ("wrangler.jsonc", JSONC),
    ("wrangler.toml", TOML),
];

#[test]
fn the_first_candidate_wins_and_the_others_are_named() {
    let names = [
        "from-ploy",
        "from-yml",
        "from-json",
        "from-jsonc",
        "from-toml",
    ];
    for first in 0..ALL.len() {
        let directory = directory(&ALL[first..]);
        let loaded = load(directory.path(), None).unwrap();
        assert_eq!(loaded.app.name, names[first]);
        assert_eq!(loaded.app.config_path, directory.path().join(ALL[first].0));
        assert_eq!(loaded.warnings.len(), ALL.len() - first - 1);
        for (warning, (other, _)) in loaded.warnings.iter().zip(&ALL[first + 1..]) {
            assert_eq!(warning.severity(), Severity::Warning);
            assert!(warning.message().contains(ALL[first].0), "{warning}");
            assert!(warning.message().contains(other), "{warning}");
        }
    }
}

#[test]
fn a_file_is_taken_by_its_ending() {
    let cases = [
        ("ploy.yaml", PLOY, Some(Style::Ploy)),
        ("other.yml", PLOY, Some(Style::Ploy)),
        ("sub/wrangler.dev.toml", TOML, Some(Style::Wrangler)),
        ("x.json", JSON, Some(Style::Wrangler)),
        ("x.JSONC", JSONC, Some(Style::Wrangler)),
        ("x.txt", TOML, None),
        ("noending", TOML, None),
    ];
    for (name, text, style) in cases {
        let directory = directory(&[(name, text)]);
        let path = directory.path().join(name);
        match (load(&path, None), style) {
            (Ok(loaded), Some(style)) => {
                assert_eq!(loaded.app.style, style, "{name}");
                assert_eq!(loaded.app.root, path.parent().unwrap());
            }
            (Err(error), None) => assert!(
                error.to_string().contains("no config by its name"),
                "{error}"
            ),
            (result, _) => panic!("{name}: {result:?}"),
        }
    }
}

#[test]
fn nothing_there_says_what_to_write() {
    let directory = directory(&[("package.json", "{}")]);
    let error = load(directory.path(), None).unwrap_err();
    let found = &error.diagnostics[0];
    for (name, _) in ALL {
        assert!(found.message().contains(name), "{found}");
        assert!(error.files.contains(&directory.path().join(name)));
    }
    assert!(found.help_text().unwrap().contains("kind: worker"));
    let error = load(&directory.path().join("missing"), None).unwrap_err();
    assert!(
        error.to_string().contains("no such file or directory"),
        "{error}"
    );
}

#[test]
fn directories_and_odd_files_are_no_configs() {
    let directory = directory(&[("ploy.yaml/inside", ""), ("wrangler.toml", TOML)]);
    assert_eq!(load(directory.path(), None).unwrap().app.name, "from-toml");
    fs::write(directory.path().join("big.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    let error = load(&directory.path().join("big.toml"), None).unwrap_err();
    assert!(error.to_string().contains("larger than 1 MiB"), "{error}");
    fs::write(
        directory.path().join("bytes.toml"),
        b"name = \"a\"\nmain = \"\xff\"\n",
    )
    .unwrap();
    let error = load(&directory.path().join("bytes.toml"), None).unwrap_err();
    let found = &error.diagnostics[0];
    assert_eq!(
        (found.line(), found.column()),
        (Some(2), Some(9)),
        "{found}"
    );
}

#[test]
fn what_the_watcher_needs_is_listed_even_after_an_error() {
    let directory = directory(&[("ploy.yaml", "kind: [\n")]);
    let error = load(directory.path(), None).unwrap_err();
    assert!(error.files.contains(&directory.path().join("ploy.yaml")));
    assert!(error.files.contains(&directory.path().join(".env")));
    fs::write(directory.path().join("ploy.yaml"), PLOY).unwrap();
    let files = load(directory.path(), None).unwrap().files;
    assert_eq!(
        files.iter().filter(|file| file.ends_with(".env")).count(),
        1
    );
    assert!(files.iter().all(|file| file.is_absolute()));
}

#[test]
fn wrangler_names_more_variable_files() {
    let text = format!("{TOML}[env.dev]\n");
    let directory = directory(&[("wrangler.toml", &text)]);
    let files = load(directory.path(), Some("dev")).unwrap().files;
    let names: Vec<_> = files
        .iter()
        .filter_map(|file| file.file_name()?.to_str())
        .collect();
    for name in [
        ".dev.vars.dev",
        ".dev.vars",
        ".env",
        ".env.local",
        ".env.dev",
        ".env.dev.local",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
}

#[test]
fn the_entry_is_looked_for_when_it_is_asked_for() {
    let dir = directory(&[("ploy.yaml", "kind: worker\n")]);
    let app = load(dir.path(), None).unwrap().app;
    let error = app.entry().unwrap_err();
    let expected = "entry not found: looked for index.ts, index.js, src/index.ts, src/index.js";
    assert_eq!(error.diagnostics[0].message(), expected);
    assert!(error.files.contains(&dir.path().join("src/index.js")));
    fs::create_dir(dir.path().join("src")).unwrap();
    for name in ["src/index.js", "src/index.ts", "index.js", "index.ts"] {
        fs::write(dir.path().join(name), "").unwrap();
        assert_eq!(app.entry().unwrap(), dir.path().join(name));
    }
    let named = directory(&[("wrangler.toml", "main = \"a/../b.ts\"\n")]);
    let app = load(named.path(), None).unwrap().app;
    let found = &app.entry().unwrap_err().diagnostics[0];
    assert_eq!((found.line(), found.column()), (Some(1), Some(8)));
    assert_eq!(found.message(), "entry not found: looked for b.ts");
    fs::write(named.path().join("b.ts"), "").unwrap();
    assert_eq!(app.entry().unwrap(), named.path().join("b.ts"));
}

#[test]
fn a_relative_path_is_shown_as_it_was_given() {
    // Cargo runs tests in the crate's directory, which has no config.
    let error = load(Path::new("."), None).unwrap_err();
    assert!(error.to_string().contains("no config in ."), "{error}");
    assert!(error.files.iter().all(|file| file.is_absolute()));
}
