//! Apps in temporary directories, and tables of configs that fail.

use std::fs;
use std::path::Path;

use cellhouse_config::{ConfigError, Diagnostic, Loaded, load};
use tempfile::TempDir;

/// A directory with these files in it.
pub(crate) fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// Loads an app of one config file, without an environment.
pub(crate) fn load_text(name: &str, text: &str) -> Result<Loaded, ConfigError> {
    load_files(&[(name, text)], None)
}

/// Loads an app of several files.
pub(crate) fn load_files(
    files: &[(&str, &str)],
    environment: Option<&str>,
) -> Result<Loaded, ConfigError> {
    let directory = directory(files);
    load(directory.path(), environment)
}

/// Loads a config that is right, and has nothing to say about it.
pub(crate) fn quiet(name: &str, text: &str) -> Loaded {
    let loaded = load_text(name, text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(loaded.warnings.is_empty(), "{:#?}\n{text}", loaded.warnings);
    loaded
}

/// Loads a config that is right.
pub(crate) fn good(name: &str, text: &str) -> Loaded {
    load_text(name, text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A diagnostic as a table has it: line, column, the underlined text, a part of the message.
pub(crate) type Expected<'a> = (usize, usize, &'a str, &'a str);

/// Compares diagnostics with a table, in order.
pub(crate) fn assert_found(found: &[Diagnostic], expected: &[Expected<'_>], text: &str) {
    let shown: Vec<_> = found.iter().map(row).collect();
    assert_eq!(found.len(), expected.len(), "{shown:#?}\nof\n{text}");
    for (found, (line, column, underlined, message)) in found.iter().zip(expected) {
        let place = (found.line(), found.column());
        assert_eq!(
            place,
            (Some(*line), Some(*column)),
            "{:?}\nof\n{text}",
            row(found)
        );
        assert_eq!(
            found.underlined().next(),
            Some(*underlined),
            "{:?}\nof\n{text}",
            row(found)
        );
        let whole = format!("{} {}", found.message(), found.help_text().unwrap_or(""));
        assert!(
            whole.contains(message),
            "{whole:?} lacks {message:?}\nof\n{text}"
        );
    }
}

fn row(found: &Diagnostic) -> String {
    let underlined: Vec<_> = found.underlined().collect();
    let (line, column) = (found.line(), found.column());
    format!(
        "{line:?}:{column:?} {underlined:?} {} | {:?}",
        found.message(),
        found.help_text()
    )
}

/// A config that fails with exactly these errors.
pub(crate) fn fails(name: &str, text: &str, errors: &[Expected<'_>]) {
    match load_text(name, text) {
        Ok(_) => panic!("this loads:\n{text}"),
        Err(error) => {
            assert_found(&error.diagnostics, errors, text);
            for found in &error.diagnostics {
                assert!(
                    found.file().is_some_and(|file| file.ends_with(name)),
                    "{found:?}"
                );
            }
        }
    }
}

/// A config that loads with exactly these warnings and notes.
pub(crate) fn warns(name: &str, text: &str, warnings: &[Expected<'_>]) {
    let loaded = good(name, text);
    assert_found(&loaded.warnings, warnings, text);
}

/// The absolute path that a config's relative one becomes.
pub(crate) fn under(root: &Path, path: &str) -> std::path::PathBuf {
    root.join(path)
}
