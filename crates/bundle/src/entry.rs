//! The module that holds the Worker: that it is there, and that it exports one.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Error};
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

/// What a bundle in the service-worker format ends with: its listeners as a Worker. Imports come first
/// wherever they stand, so the bindings are names of the global scope before the app's code runs.
const SERVICE_WORKER: &str = "\nexport { worker as default } from \"cellhouse:service-worker\";\n";

/// Code that exports nothing and listens for events is a Worker in the service-worker format: this
/// gives it the default export that every Worker has. Whether it did.
pub(crate) fn complete_service_worker(code: &mut String, exports: &mut Vec<String>) -> bool {
    let listens = exports.is_empty() && code.contains("addEventListener(");
    if listens {
        code.push_str(SERVICE_WORKER);
        exports.push("default".to_owned());
    }
    listens
}

/// A Worker is a module with a default export.
pub(crate) fn check_exports(shown: &str, exports: &[String]) -> Option<Diagnostic> {
    if exports.iter().any(|name| name == "default") {
        return None;
    }
    let what = match exports {
        [] => "exports nothing".to_owned(),
        names => format!("has no default export, only {}", names.join(", ")),
    };
    let found = Diagnostic::error(format!("the entry {shown} {what}")).in_file(shown);
    Some(found.help(format!(
        "a Worker is a module with a default export: {EXAMPLE}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_worker_needs_a_default_export() {
        assert_eq!(check_exports("a.ts", &names(&["A", "default"])), None);
        let found = check_exports("a.ts", &names(&["A", "B"])).unwrap();
        assert_eq!(
            found.to_string(),
            "a.ts: the entry a.ts has no default export, only A, B"
        );
        let found = check_exports("a.js", &[]).unwrap();
        assert_eq!(found.to_string(), "a.js: the entry a.js exports nothing");
    }

    #[test]
    fn listeners_of_the_global_scope_are_a_worker() {
        let complete = |code: &str, list: &[&str]| {
            let (mut code, mut exports) = (code.to_owned(), names(list));
            let did = complete_service_worker(&mut code, &mut exports);
            (did, code.contains("cellhouse:service-worker"), exports)
        };
        let listening = "addEventListener('fetch', () => {});";
        assert_eq!(complete(listening, &[]), (true, true, names(&["default"])));
        assert_eq!(
            complete(listening, &["default"]),
            (false, false, names(&["default"]))
        );
        assert_eq!(complete("1;", &[]), (false, false, vec![]));
    }
}
