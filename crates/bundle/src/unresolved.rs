//! What to say of an import that leads nowhere.

use std::path::Path;

use nodejs_built_in_modules::is_nodejs_builtin_module;
use oxc_resolver::ResolveError;

use crate::diagnostic::{Diagnostic, Failure};
use crate::paths::display_path;

/// Words an error for a specifier that neither the project, nor an installed package, nor the
/// runtime answers.
pub(crate) fn explain(specifier: &str, available: &[String]) -> Diagnostic {
    if let Some(name) = node_builtin(specifier) {
        let asked_for = available.iter().any(|module| is_of_node(module));
        if !asked_for && is_nodejs_builtin_module(name) {
            // Wrangler's words.
            let found = Diagnostic::error(format!(
                "The package \"{specifier}\" wasn't found on the file system but is built into node"
            ));
            return found.help(
                "enable the \"nodejs_compat\" compatibility flag: add it to compatibility_flags in the config",
            );
        }
        let found = Diagnostic::error(format!(
            "\"{specifier}\" is part of Node.js and not available here"
        ));
        return found.help(node_help(name, specifier, available));
    }
    if specifier.starts_with("cloudflare:") {
        let found = Diagnostic::error(format!("there is no module \"{specifier}\""));
        return found.help(available_help("cloudflare:", available));
    }
    if is_url(specifier) {
        let found = Diagnostic::error(format!(
            "\"{specifier}\" is a URL, and modules are not fetched"
        ));
        return found.help(
            "install the package, or save the file in the project and import it by its path",
        );
    }
    let found = Diagnostic::error(format!("could not resolve \"{specifier}\""));
    match package_name(specifier) {
        Some(package) if package.ends_with("react") && specifier.contains("jsx") => found.help(
            "JSX needs a library: install react, or name another one in tsconfig.json, such as \"jsxImportSource\": \"hono/jsx\"",
        ),
        Some(package) => found.help(format!("if it is a package, install it: npm install {package}")),
        None if specifier.starts_with('#') => found.help("names with # come from \"imports\" in package.json"),
        None => found,
    }
}

/// Words the error of the resolver. `None` if it is about something else than the import: a module
/// that `browser` leaves out, or a tsconfig.json, which rolldown reports by itself.
pub(crate) fn failure(
    specifier: &str,
    error: &ResolveError,
    root: &Path,
    available: &[String],
) -> Option<Failure> {
    let reason = match error {
        ResolveError::Ignored(_)
        | ResolveError::TsconfigNotFound(_)
        | ResolveError::TsconfigSelfReference(_)
        | ResolveError::TsconfigCircularExtend(_)
        | ResolveError::TsconfigLoadFailed { .. } => return None,
        ResolveError::NotFound(_)
        | ResolveError::ExtensionAlias(..)
        | ResolveError::MatchedAliasNotFound(..) => {
            return Some(explain(specifier, available).into());
        }
        ResolveError::PackagePathNotExported {
            subpath,
            package_json_path,
            ..
        } => {
            let shown = display_path(root, package_json_path);
            format!("\"exports\" in {shown} does not have \"{subpath}\"")
        }
        ResolveError::PackageImportNotDefined(_, path) => {
            format!(
                "\"imports\" in {} does not have it",
                display_path(root, path)
            )
        }
        ResolveError::Json(json) => format!(
            "invalid JSON in {}: {}",
            display_path(root, &json.path),
            json.message
        ),
        other => other
            .to_string()
            .replace(&format!("{}/", root.display()), ""),
    };
    Some(Failure {
        message: format!("could not resolve \"{specifier}\": {reason}"),
        help: None,
    })
}

/// The module of Node.js that a specifier names, without `node:`.
pub(crate) fn node_builtin(specifier: &str) -> Option<&str> {
    match specifier.strip_prefix("node:") {
        Some(name) => Some(name),
        None => is_nodejs_builtin_module(specifier).then_some(specifier),
    }
}

/// Whether a specifier would have to be fetched.
pub(crate) fn is_url(specifier: &str) -> bool {
    ["http://", "https://", "//"]
        .iter()
        .any(|scheme| specifier.starts_with(scheme))
}

/// Whether a module comes with `nodejs_compat`: `nodejs_als` alone brings one of them.
fn is_of_node(module: &str) -> bool {
    module.starts_with("node:") && module != "node:async_hooks"
}

fn node_help(name: &str, specifier: &str, available: &[String]) -> String {
    let has_scheme = specifier.starts_with("node:");
    if !has_scheme
        && available
            .iter()
            .any(|module| module.strip_prefix("node:") == Some(name))
    {
        return format!("import \"node:{name}\"");
    }
    available_help("node:", available)
}

fn available_help(scheme: &str, available: &[String]) -> String {
    let of_kind: Vec<&str> = available
        .iter()
        .map(String::as_str)
        .filter(|module| module.starts_with(scheme))
        .collect();
    match of_kind.as_slice() {
        [] => format!("no \"{scheme}\" module is available"),
        modules => format!("available: {}", modules.join(", ")),
    }
}

/// What one would install for a specifier; `None` if it is no package's.
pub(crate) fn package_name(specifier: &str) -> Option<&str> {
    let path = specifier.starts_with(['.', '/', '#']);
    if path || specifier.contains(':') || specifier.is_empty() {
        return None;
    }
    let slash = match specifier.strip_prefix('@') {
        Some(rest) => rest
            .find('/')
            .and_then(|scope| rest[scope + 1..].find('/').map(|at| scope + at + 2)),
        None => specifier.find('/'),
    };
    Some(&specifier[..slash.unwrap_or(specifier.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_from_paths() {
        let cases = [
            ("hono", Some("hono")),
            ("hono/jsx", Some("hono")),
            ("@a/b", Some("@a/b")),
            ("@a/b/c/d", Some("@a/b")),
            ("./x", None),
            ("/x", None),
            ("#x", None),
            ("virtual:x", None),
        ];
        for (specifier, expected) in cases {
            assert_eq!(package_name(specifier), expected, "{specifier}");
        }
    }

    #[test]
    fn each_kind_of_specifier_gets_its_own_words() {
        let available: Vec<String> = ["cloudflare:workers", "node:buffer"]
            .map(String::from)
            .to_vec();
        let cases = [
            (
                "node:fs",
                "\"node:fs\" is part of Node.js and not available here",
                "available: node:buffer",
            ),
            (
                "fs/promises",
                "\"fs/promises\" is part of Node.js and not available here",
                "available: node:buffer",
            ),
            (
                "cloudflare:email",
                "there is no module \"cloudflare:email\"",
                "available: cloudflare:workers",
            ),
            (
                "https://x.y/z.js",
                "\"https://x.y/z.js\" is a URL, and modules are not fetched",
                "install the package",
            ),
            (
                "left-pad/x",
                "could not resolve \"left-pad/x\"",
                "npm install left-pad",
            ),
            (
                "react/jsx-runtime",
                "could not resolve \"react/jsx-runtime\"",
                "jsxImportSource",
            ),
        ];
        for (specifier, message, help) in cases {
            let found = explain(specifier, &available);
            assert_eq!(found.message, message);
            assert!(
                found.help.as_ref().is_some_and(|text| text.contains(help)),
                "{found:?}"
            );
        }
        assert_eq!(explain("./x", &available).help, None);
        assert_eq!(
            explain("node:nothing", &[]).help.as_deref(),
            Some("no \"node:\" module is available")
        );
        for without in [Vec::new(), vec!["node:async_hooks".to_owned()]] {
            let found = explain("fs", &without);
            assert_eq!(
                found.message,
                "The package \"fs\" wasn't found on the file system but is built into node"
            );
            let help = found.help.expect("help");
            assert!(
                help.contains("\"nodejs_compat\" compatibility flag"),
                "{help}"
            );
        }
    }
}
