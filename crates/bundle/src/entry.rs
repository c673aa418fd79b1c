//! The module that holds the Worker: that it is there, and that it exports one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Error, Label};
use crate::options::Options;
use crate::paths::display_path;

const EXAMPLE: &str =
    "export default { async fetch(request, env, ctx) { return new Response(\"hello\"); } }";

/// The project's folder and the entry, both absolute and without symbolic links.
///
/// # Errors
/// When either is not there; the entry's path is then the file to watch.
pub(crate) fn locate(options: &Options) -> Result<(PathBuf, PathBuf), Error> {
    let root = options.root.canonicalize().map_err(|error| {
        let message = format!(
            "could not open the project's folder {}: {error}",
            options.root.display()
        );
        Error {
            diagnostics: vec![Diagnostic::error(message)],
            files: vec![options.root.clone()],
        }
    })?;
    let path = root.join(&options.entry);
    match path.canonicalize() {
        Ok(entry) if entry.is_file() => Ok((root, entry)),
        found => Err(missing(&root, &path, found.is_ok())),
    }
}

fn missing(root: &Path, path: &Path, is_folder: bool) -> Error {
    let shown = display_path(root, path);
    let message = match is_folder {
        true => format!("the entry {shown} is a folder"),
        false => format!("the entry {shown} does not exist"),
    };
    let found = Diagnostic::error(message)
        .help("`main` in the config names the module that exports the Worker");
    Error {
        diagnostics: vec![found],
        files: vec![path.to_path_buf()],
    }
}

/// A Worker is a module with a default export.
pub(crate) fn check_exports(shown: &str, exports: &[String], text: &str) -> Option<Diagnostic> {
    if exports.iter().any(|name| name == "default") {
        return None;
    }
    let what = match exports {
        [] => "exports nothing".to_owned(),
        names => format!("has no default export, only {}", names.join(", ")),
    };
    let found = Diagnostic::error(format!("the entry {shown} {what}")).in_file(shown);
    let Some(start) = text.find("addEventListener(") else {
        return Some(found.help(format!(
            "a Worker is a module with a default export: {EXAMPLE}"
        )));
    };
    let label = Label {
        span: start..start + "addEventListener".len(),
        text: String::new(),
    };
    let help = format!("service workers are not supported; export the handler instead: {EXAMPLE}");
    Some(found.at(Arc::from(text), vec![label]).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_needs_a_default_export() {
        let names = |list: &[&str]| {
            list.iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(check_exports("a.ts", &names(&["A", "default"]), ""), None);
        let found = check_exports("a.ts", &names(&["A", "B"]), "").unwrap();
        assert_eq!(
            found.to_string(),
            "a.ts: the entry a.ts has no default export, only A, B"
        );
        let found = check_exports("a.js", &[], "\naddEventListener('fetch', e => {})").unwrap();
        assert_eq!(
            found.to_string(),
            "a.js:2:1: the entry a.js exports nothing"
        );
        assert!(found.help.unwrap().starts_with("service workers"));
    }
}
